package ui

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// The network namespaces of the host, the worst first:
//
//	━ NETWORK NAMESPACES ━ 1 of 43 namespaces has no port left: payments ━━━━━━━━━━
//	  NAMESPACE         PRESSURE    FREE  LOCAL PORTS  PROCESSES  IN IT
//	▶ payments             100 %       0  32768–60999         12  nginx, node
//	  host (here)            3 %  27,412  32768–60999        230
//	  docker 3f2a9c81b0d4   ≤1 %       –  32768–60999          4  postgres
//	  old                   gone       –            –          –
//
//	  payments: 127.0.0.1 → 127.0.0.1:4001 has no local port left
//	  bound to /run/netns/payments · net:[4026532301]
//	  in it nginx (2872), node (2901) and 10 more

// spaceRow is a namespace of the list; here: the screen looks there.
type spaceRow struct {
	*source.Standing
	here bool
}

var spaceColumns = []column[spaceRow]{
	{title: "NAMESPACE", width: 24, most: 40, priority: 1, fit: spaceName,
		ink: func(*spaceRow) ink { return inkStrong }},
	{title: "PRESSURE", width: 8, priority: 2, right: true, natural: true, text: spacePressure, ink: spaceInk},
	{title: "FREE", width: 7, priority: 3, right: true, text: spaceFree},
	{title: "WORST DESTINATION", width: 21, most: 47, priority: 8, text: spaceDestination},
	{title: "TIME-WAIT", width: 9, priority: 6, right: true,
		text: func(s *spaceRow) string { return unlessGone(s, optional(s.TimeWait)) }},
	{title: "SOCKETS", width: 9, priority: 7, right: true,
		text: func(s *spaceRow) string { return unlessGone(s, optional(s.Sockets)) }},
	{title: "LOCAL PORTS", width: 11, priority: 4, right: true, text: spaceRange,
		ink: func(*spaceRow) ink { return inkDim }},
	{title: "PROCESSES", width: 9, priority: 9, right: true,
		text: func(s *spaceRow) string { return unlessGone(s, commas(s.Members)) }},
	{title: "IN IT", width: 18, most: 60, priority: 5, text: spaceProcesses,
		ink: func(*spaceRow) ink { return inkDim }},
}

func spaceName(s *spaceRow, w int) string {
	const mark = " (here)"
	if !s.here {
		return cut(s.String(), w)
	}
	return cut(s.String(), w-len(mark)) + mark
}

// cleanStanding makes a namespace's texts fit to be shown; its paths stay.
func cleanStanding(s source.Standing) source.Standing {
	list := func(in []string) (out []string) {
		for _, x := range in {
			out = append(out, clean(x))
		}
		return out
	}
	s.Names, s.Mounts = list(s.Names), list(s.Mounts)
	s.Container = source.Container{ID: clean(s.Container.ID), Runtime: clean(s.Container.Runtime), Pod: clean(s.Container.Pod)}
	s.Refused, s.Trouble = clean(s.Refused), clean(s.Trouble)
	all := make([]source.Process, len(s.Processes))
	for i, p := range s.Processes {
		p.Name = clean(p.Name)
		all[i] = p
	}
	s.Processes = all
	if s.Verdict != nil {
		v := *s.Verdict
		v.Destination, v.Headline = clean(v.Destination), clean(v.Headline)
		s.Verdict = &v
	}
	return s
}

func unlessGone(s *spaceRow, text string) string {
	if s.Gone {
		return unknown
	}
	return text
}

func spacePressure(s *spaceRow) string {
	p, atMost, ok := s.Pressure()
	switch {
	case s.Gone:
		return "gone"
	case !ok:
		return unknown
	case atMost && p > 0:
		return "≤" + percent(max(p, 1))
	}
	return percent(p)
}

func spaceInk(s *spaceRow) ink {
	switch v := s.Verdict; {
	case s.Gone || v == nil:
		return inkDim
	case s.Exhausted() || v.Critical:
		return inkCritical
	case v.Warning || v.Pressure >= worsePressure:
		return inkWarning
	}
	return inkPlain
}

func spaceFree(s *spaceRow) string {
	switch v := s.Verdict; {
	case v == nil || s.Gone:
		return unknown
	case !v.FreeExact && v.Destination != "":
		return "≤" + commas(v.Free)
	default:
		return commas(v.Free)
	}
}

func spaceDestination(s *spaceRow) string {
	if s.Verdict == nil || s.Gone || s.Verdict.Destination == "" {
		return unknown
	}
	_, far, _ := strings.Cut(s.Verdict.Destination, " → ")
	return far
}

func spaceRange(s *spaceRow) string {
	if !s.RangeKnown || s.Gone {
		return unknown
	}
	return fmt.Sprintf("%d–%d", s.Range.Low, s.Range.High)
}

// spaceProcesses are examples of the processes in it, one of each name; that of
// the host has too many for them to say anything.
func spaceProcesses(s *spaceRow) string {
	if s.First || s.Gone {
		return ""
	}
	var names []string
	for i := range s.Processes {
		names = append(names, s.Processes[i].Name)
	}
	return strings.Join(names, ", ")
}

// spaceNote is how many rows tell the namespace under the cursor in full.
const spaceNote = 5

func (s *spaces) setSize(w, h int) {
	s.w, s.h = w, h
	s.table.setSize(w, max(h-1-s.noteRows(), 0))
}

func (s *spaces) noteRows() int {
	if s.h < 14 {
		return 0
	}
	return spaceNote
}

func (s *spaces) click(x, y int) { s.table.click(x, y-1) }

// view draws the list.
func (s *spaces) view(t *theme) []string {
	empty := "looking for network namespaces…"
	if s.trouble != nil {
		empty = clean(s.trouble.Error())
	}
	out := []string{t.heading(s.w, true, 0, "NETWORK NAMESPACES", s.about())}
	out = append(out, s.table.lines(t, true, empty)...)
	d := document{w: s.w}
	s.note(&d)
	for i := range d.rows[:min(len(d.rows), s.noteRows())] {
		out = append(out, d.rows[i].line(t, s.w, false))
	}
	return t.fill(out, s.w, s.h)
}

// about is the list in a few words.
func (s *spaces) about() string {
	if s.entering != "" {
		return "going to " + s.entering + "…"
	}
	there := 0
	for i := range s.list {
		if !s.list[i].Gone {
			there++
		}
	}
	text := source.NoPortLeft(s.list)
	if text == "" {
		text = commas(there) + ", worst first"
	}
	return text
}

// note tells why the screen did not get there, and of the row under the cursor.
func (s *spaces) note(d *document) {
	if s.refused != "" {
		d.put(piece{inkBadgeWarning, " NOT THERE "}, inkWarning, s.refused, 0)
	}
	r := s.table.current()
	if r == nil {
		for _, g := range s.gaps {
			d.put(piece{}, inkWarning, g, 0)
		}
		return
	}
	switch {
	case r.Gone:
		d.put(piece{}, inkWarning, r.String()+" is gone: nothing holds it any more", 0)
	case r.Trouble != "":
		d.put(piece{}, inkWarning, "not looked into: "+r.Trouble, 0)
	case r.Verdict != nil:
		d.put(piece{}, spaceInk(r), r.Verdict.Headline, 0)
	case r.AtMost != nil:
		d.put(piece{}, inkPlain, "so few sockets that they were not listed: no destination can hold more than "+percent(max(*r.AtMost, 1))+" of the ports", 0)
	}
	d.put(piece{}, inkDim, identity(r), 0)
	if who := members(r); who != "" {
		d.put(piece{}, inkDim, who, 0)
	}
	for _, g := range s.gaps {
		d.put(piece{}, inkWarning, g, 0)
	}
}

// identity is by what else a namespace is known.
func identity(r *spaceRow) string {
	parts := []string{r.Link()}
	if len(r.Names) > 1 {
		parts = append(parts, "also "+strings.Join(r.Names[1:], ", "))
	}
	if len(r.Mounts) > 0 {
		parts = append(parts, "bound to "+strings.Join(r.Mounts, ", "))
	}
	if c := r.Container; c.ID != "" {
		parts = append(parts, strings.TrimSpace(c.Runtime+" container ")+" "+cut(c.ID, 13))
		if c.Pod != "" {
			parts = append(parts, "pod "+c.Pod)
		}
	}
	if r.Foreign {
		parts = append(parts, "of another user namespace")
	}
	return strings.Join(parts, " · ")
}

// members are the processes in it.
func members(r *spaceRow) string {
	if r.Gone || r.Members == 0 {
		return ""
	}
	var names []string
	for i := range r.Processes {
		names = append(names, fmt.Sprintf("%s (%d)", r.Processes[i].Name, r.Processes[i].PID))
	}
	text := "in it " + strings.Join(names, ", ")
	if more := r.Members - len(names); more > 0 {
		text += " and " + commas(more) + " more"
	}
	return text
}
