package ui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
)

// An error in place of a snapshot. One that may pass keeps the last frame, with
// the headline below it as far as there is room:
//
//	┃ could not read: netlink receive: no buffer space available · next try in 1 s
//	┃  CRITICAL  127.0.0.1 → 127.0.0.1:4001 has no local port left
//
// After a final one nothing follows, and STOPPED stands in place of the words.

// trouble is why the last read gave no frame. The zero trouble is none.
type trouble struct {
	err   error
	final bool
	wait  time.Duration // until the next try; negative where none is planned
}

// final reports whether no read can succeed after err. After a bug nothing is
// sure about the source any more.
func final(err error) bool {
	var bug *source.PanicError
	return errors.Is(err, source.ErrFinal) || errors.As(err, &bug)
}

// words says what has happened and, at the end, what follows.
func (x trouble) words() (what, next string) {
	var bug *source.PanicError
	switch {
	case errors.As(x.err, &bug):
		return "STOPPED: a bug in twtop (" + clean(bug.Error()) + ")", ": please report it with the trace that is printed at the end"
	case x.final:
		return "STOPPED: " + clean(x.err.Error()), ""
	case x.wait < 0:
		return "could not read: " + clean(x.err.Error()), ""
	}
	return "could not read: " + clean(x.err.Error()), " · next try in " + seconds(x.wait.Round(100*time.Millisecond))
}

func (x trouble) ink() ink {
	if x.final {
		return inkCritical
	}
	return inkWarning
}

// rows wraps the words into at most n rows of w cells. What is cut off is of
// the error, not of what follows.
func (x trouble) rows(w, n int) []string {
	what, next := x.words()
	for room := width(what); ; room-- {
		out := wrap(cut(what, room)+next, w, n+1)
		if len(out) <= n || room <= 1 {
			return out[:min(len(out), max(n, 0))]
		}
	}
}

// trouble is the headline's place taken by an error, and the headline below it.
func (t *theme) trouble(x trouble, f *frame, w, rows int) []string {
	most := rows
	if rows > 2 {
		most = rows - 1
	}
	k := x.ink()
	var out []string
	for _, s := range x.rows(w-4, most) {
		out = append(out, t.line(w, false).text(k, "┃ ").text(k, s).done())
	}
	if left := rows - len(out); left > 0 {
		out = append(out, t.headline(f, w, left)...)
	}
	return t.fill(out, w, rows)
}

// troubleAlone is the whole screen where there has never been a frame.
func (t *theme) troubleAlone(x trouble, w, rows int) []string {
	what, next := x.words()
	what = strings.TrimPrefix(strings.TrimPrefix(what, "STOPPED: "), "could not read: ")
	return t.message(x.ink(), "No snapshot could be taken.", what+next+" (q quits)", w, rows)
}

// errNoFrame is what a recording without a frame ends with.
func errNoFrame(note string) error {
	if note != "" {
		note = " (" + note + ")"
	}
	return fmt.Errorf("the capture has no frame%s: record another; %w", note, source.ErrFinal)
}
