package ui

import (
	"errors"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// sheet is a document on the whole screen, to be scrolled through: a question,
// an outcome, an exported file.
//
//	━ APPLY? ━ y writes these 3 values; any other key goes back ━━━━━━━━━━━━━━
//	  1  net.ipv4.tcp_tw_reuse = 1
//	     now 0
type sheet struct {
	list
	w            int
	title, about string
	alarm        bool // y does nothing, or it went wrong
	read         bool // its end was on the screen
	write        func(d *document)
	doc          document
	copies       string // what can be copied of it
}

func (s *sheet) setSize(w, h int) {
	s.w = w
	s.resize(h - 1)
	s.rewrite()
}

// rewrite makes the rows anew, at the same place.
func (s *sheet) rewrite() {
	s.doc = document{w: s.w}
	if s.write != nil {
		s.write(&s.doc)
	}
	s.n = len(s.doc.rows)
	s.scrollBy(0)
}

// scrollBy moves the view; there is no cursor.
func (s *sheet) scrollBy(by int) {
	s.offset += by
	s.clamp()
	s.read = s.read || s.height > 0 && s.offset+s.height >= s.n
}

// fits reports whether all of it is seen.
func (s *sheet) fits() bool { return s.n <= s.height }

func (s *sheet) navigate(m motion) {
	page := max(s.height-1, 1)
	by := map[motion]int{motionUp: -1, motionDown: 1, motionPageUp: -page, motionPageDown: page, motionHome: -s.n, motionEnd: s.n}[m]
	s.scrollBy(by)
}

func (s *sheet) view(t *theme) []string {
	about := s.about
	if !s.fits() {
		about = "↑↓ scrolls · " + about
	}
	out := []string{t.heading(s.w, true, 0, s.title, about)}
	for i := s.offset; i < min(s.offset+s.height, s.n); i++ {
		out = append(out, s.doc.rows[i].line(t, s.w, false))
	}
	return t.fill(out, s.w, s.height+1)
}

// sayingSheet says one thing.
func sayingSheet(title, text string) sheet {
	return sheet{title: title, write: func(d *document) { d.put(piece{}, inkPlain, text, 0) }}
}

// failedSheet says what went wrong.
func failedSheet(title, what string, err error) sheet {
	return sheet{title: title, alarm: true, about: what, write: func(d *document) {
		d.put(piece{inkBadgeCritical, " FAILED "}, inkCritical, what+": "+failure(err), 0)
	}}
}

// failure says what went wrong.
func failure(err error) string {
	var bug *source.PanicError
	if errors.As(err, &bug) {
		return "a bug in twtop (" + shown(bug.Error()) + "): please report it; u shows what was written until then"
	}
	return shown(err.Error())
}

// value writes a sysctl's value.
func value(v string) string {
	if v == "" {
		return "none"
	}
	return shown(v)
}

// change writes what a key goes from and to.
func change(from, to string) string { return value(from) + " → " + value(to) }

// dropInPath is the file that makes values last.
func dropInPath() string {
	d := sysctl.DropIn{Root: "/"}
	return d.Path()
}
