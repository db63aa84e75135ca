package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The owners: which process holds how many ports, towards where most of them,
// and how near it is to its limit of open files.
//
//	━ [7] OWNERS ━ 3 · by PORTS ▼ · host 3,456 of 1,048,576 files ━━━━━━━━━━━━━━━━━━
//	  OWNER            PID    PORTS  SHARE TOWARDS            FILES      OF
//	▶ nginx           2872   28,110   98 % 127.0.0.1:4001       412   1,024
//	  app             3001      400    1 % 10.0.3.7:5432        431  65,536
//	  sshd             812        –      – serves 0.0.0.0:22      6   1,024

var ownerColumns = []column[ownerRow]{
	{title: "OWNER", width: 15, most: 24, priority: 1, text: func(r *ownerRow) string { return r.name },
		ink:     func(*ownerRow) ink { return inkStrong },
		compare: func(a, b *ownerRow) int { return strings.Compare(a.name, b.name) }},
	{title: "PID", width: 7, priority: 3, right: true,
		text: func(r *ownerRow) string { return noughtUnknown(r.h.Process.PID, fmt.Sprint(r.h.Process.PID)) },
		ink:  func(*ownerRow) ink { return inkDim }},
	{title: "PORTS", width: 7, priority: 2, right: true, natural: true,
		text: func(r *ownerRow) string { return commas(r.h.Ports) },
		ink:  func(r *ownerRow) ink { return zeroDim(r.h.Ports, inkPlain) }},
	{title: "SHARE", width: 5, priority: 6, right: true,
		text: func(r *ownerRow) string { return noughtUnknown(r.h.Ports, percent(100*r.h.Share)) }},
	{title: "TOWARDS", width: 21, width6: 30, most: 47, priority: 5, fit: func(r *ownerRow, w int) string { return squeeze(r.towards, w) }},
	{title: "CLOSES/s", width: 8, priority: 8, right: true, text: func(r *ownerRow) string {
		if r.h.Closes == nil {
			return unknown
		}
		return commas(int(*r.h.Closes + 0.5))
	}},
	{title: "FILES", width: 7, priority: 4, right: true, text: func(r *ownerRow) string { return limitWords(r.h.Process.Files) },
		ink: filesInk, rank: func(r *ownerRow) int64 { p, _ := r.h.NearFiles(); return int64(100 * p) }},
	{title: "OF", width: 7, priority: 4, right: true, text: func(r *ownerRow) string { return limitWords(r.h.Process.FilesMax) },
		ink: func(*ownerRow) ink { return inkDim }},
	{title: "UNIT OR CONTAINER", width: 17, most: 40, priority: 7, text: func(r *ownerRow) string { return r.place },
		ink: func(*ownerRow) ink { return inkDim }},
	{title: "HOW KNOWN", width: 24, priority: 9, text: func(r *ownerRow) string { return basis(r.h.Basis, r.h.Samples) },
		ink: func(*ownerRow) ink { return inkDim }},
	{title: "USER", width: 9, most: 16, priority: 10, text: func(r *ownerRow) string { return r.user },
		ink: func(*ownerRow) ink { return inkDim }},
}

// ownerRow is a process of the owners pane, its texts clean.
type ownerRow struct {
	h                          *diagnosis.Holding
	name, user, place, towards string
}

// ownerKey tells rows apart: a PID is used again.
type ownerKey struct {
	pid   int
	born  int64
	name  string
	place string
}

func keyOfOwner(r *ownerRow) ownerKey {
	return ownerKey{r.h.Process.PID, r.h.Process.Born.UnixNano(), r.name, r.place}
}

// ownerRows makes the rows of a report.
func ownerRows(r *diagnosis.Report) []ownerRow {
	rows := make([]ownerRow, len(r.Holdings))
	for i := range r.Holdings {
		h := &r.Holdings[i]
		p := &h.Process
		rows[i] = ownerRow{h: h, name: clean(p.Name), user: clean(p.User), place: clean(placeWords(p)), towards: towards(r, h)}
		if rows[i].user == "" {
			rows[i].user = fmt.Sprint(p.UID)
		}
		if rows[i].name == "" {
			rows[i].name = "user " + rows[i].user
		}
	}
	return rows
}

// placeWords is a container as `docker ps` shows it, or else a unit.
func placeWords(p *source.Process) string {
	switch c := &p.Container; {
	case c.ID != "":
		return c.Short()
	case c.Pod != "":
		return "pod " + c.Pod
	}
	return p.Unit
}

func towards(r *diagnosis.Report, h *diagnosis.Holding) string {
	switch {
	case h.Destination >= 0 && h.Ports > 0:
		d := &r.Destinations[h.Destination]
		return endpoint(d.Remote, d.Device)
	case h.Service >= 0:
		s := &r.Services[h.Service]
		return "serves " + listening(s.Local, s.Device)
	}
	return unknown
}

// noughtUnknown writes text, or for 0 that there is nothing to be said.
func noughtUnknown(n int, text string) string {
	if n == 0 {
		return unknown
	}
	return text
}

// limitWords writes a number of files; beyond any that can be open it is no limit.
func limitWords(n *uint64) string {
	const none = 1 << 40
	switch {
	case n == nil:
		return unknown
	case *n >= none:
		return "no limit"
	}
	return commas(int(*n))
}

func filesInk(r *ownerRow) ink {
	switch p, ok := r.h.NearFiles(); {
	case !ok:
		return inkDim
	case p >= 100*diagnosis.NearLimit:
		return inkWarning
	}
	return inkPlain
}

// basis says how an owner is known.
func basis(b diagnosis.OwnerBasis, samples int) string {
	switch b {
	case diagnosis.OwnerNow:
		return "has them open now"
	case diagnosis.OwnerSampled:
		return "sampled, " + commas(samples) + " seen"
	case diagnosis.OwnerSameDestination:
		return "nobody else talks to it"
	}
	return unknown
}

// hostFiles says how many files are open on the whole host (fs.file-nr), and of
// how many (fs.file-max).
func hostFiles(s *source.Snapshot) string {
	open, most := s.Counters.FilesOpen, s.Counters.FilesMax
	if open == nil {
		return ""
	}
	text := " · host " + limitWords(open) + " files open"
	if most != nil && limitWords(most) != "no limit" {
		text += " of " + limitWords(most)
	}
	return text
}

// showOwners puts the rows of the frame in the order that was chosen.
func (m *Model) showOwners() {
	f := m.frame
	order := sorted(f.owners, nil, ownerColumns, m.owners.sort)
	m.owners.setRows(len(order), f.six, func(i int) *ownerRow { return &f.owners[order[i]] })
}

// filterByOwner shows the destinations and services of the process under the
// cursor.
func (m *Model) filterByOwner() tea.Cmd {
	r := m.owners.current()
	switch {
	case r == nil:
		return nil
	case r.h.Process.PID == 0:
		m.toast = "of this owner no process is known to choose rows by"
		return nil
	}
	m.filter.editor.set(fmt.Sprintf("pid:%d", r.h.Process.PID))
	m.filter.parse()
	m.setFocus(areaDestinations)
	return m.changeView()
}
