package ui

import (
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The header: where, how often, at what cost, and whether it still moves.
//
//	twtop  web-3 · Linux 6.18.44 · net:[4026531840] · every 1 s · costs 0.6 % of a core     LIVE 01:02:03

// status is what the header says besides the frame.
type status struct {
	pace     pace
	frozen   bool
	trouble  trouble
	readOnly bool
	width    int
	player   *player // nil on a live screen
	saving   *saving
	// away is the network namespace that the screen went to, "" where it began.
	away string
	// elsewhere is what is worse in another one; its short is for narrow screens.
	elsewhere segment
}

// segment is a piece of the header; those of higher rank go first where the
// screen is narrow.
type segment struct {
	k    ink
	text string
	rank int
	// short is used instead of text before anything is left out.
	short string
}

func (t *theme) header(f *frame, s status) string {
	l := t.line(s.width, false).text(inkBadge, " twtop ")
	k, word := s.mode()
	end := " " + word + " "
	stamp := ""
	if f != nil && !f.taken.IsZero() {
		stamp = " " + f.taken.Format(time.TimeOnly) + " "
	}
	room := l.left - width(end) - width(stamp) - 1
	if x := &s.elsewhere; width(x.text)+1 > room { // before all else gives way
		x.text = x.short
	}
	s.elsewhere.short = ""
	first := true
	for _, g := range fitSegments(headerSegments(f, s), room) {
		l.text(inkDim, separator(first)).text(g.k, g.text)
		first = false
	}
	l.skip(l.left - width(end) - width(stamp))
	return l.text(k, end).text(inkStrong, stamp).done()
}

func separator(first bool) string {
	if first {
		return " "
	}
	return " · "
}

func (s status) mode() (ink, string) {
	switch {
	case s.trouble.final:
		return inkBadgeCritical, "STOPPED"
	case s.player != nil:
		return s.player.mode()
	case s.frozen:
		return inkBadgeWarning, "FROZEN"
	case s.trouble.err != nil:
		return inkBadgeWarning, "STALE"
	}
	return inkOK, "LIVE"
}

func headerSegments(f *frame, s status) []segment {
	var out []segment
	add := func(k ink, text string, rank int) {
		if text != "" {
			out = append(out, segment{k: k, text: text, rank: rank})
		}
	}
	if s.away != "" {
		add(inkAccent, "in "+s.away, 0)
	}
	if s.elsewhere.text != "" {
		out = append(out, s.elsewhere)
	}
	if f != nil {
		add(inkStrong, f.host, 2)
		if f.kind != source.KindCapture { // REPLAY says so
			add(inkWarning, kindWords(f.kind), 1)
		}
		if f.kernel != "" {
			add(inkDim, "Linux "+f.kernel, 6)
		}
		if s.away == "" {
			add(inkDim, f.netns, 7)
		}
	}
	if s.player != nil {
		return append(out, s.player.segments(f)...)
	}
	if s.saving != nil && s.saving.state.On {
		add(inkCritical, "REC "+diagnosis.Bytes(s.saving.state.Bytes), 0)
	}
	if s.readOnly {
		add(inkDim, "read-only", 8)
	}
	add(inkDim, everyWords(&s.pace), 3)
	if f != nil {
		add(inkDim, sockets(f.report.States.Total()), 5)
		add(inkDim, "costs "+share(s.pace.share())+" of a core", 4)
		out[len(out)-1].short = "costs " + share(s.pace.share())
	}
	return out
}

// everyWords says how often, and why not as often as was asked.
func everyWords(p *pace) string {
	s := "every " + seconds(p.every)
	if p.stretched() {
		s += " (stretched: a frame costs " + seconds(p.cost.Round(10*time.Millisecond)) + ")"
	}
	return s
}

func kindWords(k source.Kind) string {
	switch k {
	case source.KindProc:
		return "/proc/net/tcp: no sock_diag"
	case source.KindText:
		return "pasted text"
	}
	return ""
}

// fitSegments leaves out the least important segments until the rest fits.
func fitSegments(all []segment, room int) []segment {
	for i := range all {
		if all[i].short != "" && segmentsWidth(all) > room {
			all[i].text = all[i].short
		}
	}
	for len(all) > 0 && segmentsWidth(all) > room {
		least := 0
		for i := range all {
			if all[i].rank > all[least].rank {
				least = i
			}
		}
		all = append(all[:least:least], all[least+1:]...)
	}
	return all
}

func segmentsWidth(all []segment) int {
	w := 0
	for i, g := range all {
		w += width(separator(i == 0)) + width(g.text)
	}
	return w
}

// gapRow is what could not be read. It keeps its row once there was something, and
// says nothing where all was read since.
func (t *theme) gapRow(gaps []string, w int) string {
	l := t.line(w, false)
	if len(gaps) == 0 {
		return l.done()
	}
	return l.skip(1).text(inkWarning, "not read: ").text(inkDim, gapWords(gaps)).done()
}

// gapWords is what could not be read, in one line.
func gapWords(gaps []string) string { return strings.Join(gaps, " · ") }
