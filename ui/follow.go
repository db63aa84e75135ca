package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// The lines below the verdict that follow a change: of the sysctls by twtop, and
// of what the program opens. They get their rows when there is first something
// to tell, and keep them until the next key that changes something.
//
//	since the apply, 12 s ago: free 0 → 26,310, failing stopped · not persisted [P]
//	opens/s 1,480 → 3 since 01:07:12: keep-alive is at work · 127.0.0.1:4001

// followLine is one of them; end stands at its end, whatever else gives way. A
// narrow screen has room for short only.
type followLine struct {
	k           ink
	text, short string
	end         piece
}

// maxFollow is how many of the lines there can be.
const maxFollow = 2

// followLines says what became of the ports since the apply, or else that there
// is something to undo; and what became of the connections opened.
func (m *Model) followLines() []followLine {
	var out []followLine
	courses := m.effect.Courses()
	if m.player != nil {
		courses = m.player.courses
	}
	if ago, ok := m.effect.Since(); ok {
		out = append(out, m.sinceApply(courses, ago))
	} else if !m.tune.left.Empty() {
		out = append(out, offerLine(&m.tune.left, m.options.Now()))
	}
	for i := range courses {
		if c := &courses[i]; c.Opens != "" {
			_, far, _ := strings.Cut(c.Subject, " → ")
			out = append(out, followLine{k: opensInk(c), text: c.Opens + " · " + far})
			break
		}
	}
	return out
}

// sinceApply tells of the first of the destinations, which fails if any does.
func (m *Model) sinceApply(courses []diagnosis.Course, ago time.Duration) followLine {
	l := followLine{k: inkOK, text: "since the apply, " + agoWords(ago)}
	told, more := "", -1
	for i := range courses {
		c := &courses[i]
		if c.Ports == "" {
			continue
		}
		if more++; more > 0 {
			continue
		}
		told, l.short = ": "+c.Ports, c.Ports
		if c.Failing {
			l.k = inkCritical
		}
	}
	if more > 0 {
		told += fmt.Sprintf(" · +%d more", more)
	}
	l.text += told
	switch {
	case isPersisted(&m.tune.left):
		l.end = piece{inkDim, "persisted"}
	case m.tune.persistable:
		l.end = piece{inkWarning, "not persisted [P]"}
	default:
		l.end = piece{inkDim, "not persisted"}
	}
	return l
}

// offerLine says that values of an earlier run are still set.
func offerLine(u *sysctl.UndoPlan, now time.Time) followLine {
	n := 0
	for _, i := range u.Items {
		if i.Refused == "" {
			n++
		}
	}
	text := diagnosis.Plural(n, "sysctl") + " that twtop changed " + agoWords(now.Sub(u.At)) + " " + isOrAre(n) + " still set"
	switch {
	case len(u.Items) == 0:
		text = "lines that twtop wrote to " + dropInPath() + " are still there"
	case n == 0:
		text = "sysctls that twtop changed " + agoWords(now.Sub(u.At)) + " were set by somebody else since"
	}
	return followLine{k: inkNotice, text: text, end: piece{inkAccent, "u shows them"}}
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// follow works out the lines of a new frame, and what room they need.
func (m *Model) follow() {
	m.followed = m.followLines()
	if n := min(len(m.followed), maxFollow); n > m.followRows {
		m.followRows = n
		m.relayout()
	}
}

// refollow does so at the start, and after a key has changed something: room may
// be given back.
func (m *Model) refollow() {
	m.followRows = 0
	m.follow()
	m.relayout()
}

func (t *theme) follow(all []followLine, w, h int) []string {
	var out []string
	for i := range all[:min(len(all), h)] {
		f := &all[i]
		l := t.line(w, false).skip(1)
		if f.short != "" && w < narrowWidth {
			out = append(out, l.text(f.k, f.short).done())
			continue
		}
		room := l.left - 1
		if f.end.text != "" {
			room -= width(f.end.text) + 3
		}
		l.text(f.k, cut(f.text, room))
		if f.end.text != "" {
			l.text(inkDim, " · ").text(f.end.k, f.end.text)
		}
		out = append(out, l.done())
	}
	return t.fill(out, w, h)
}
