package ui

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// frameMsg is the end of a read: a frame, or why there is none.
type frameMsg struct {
	place *spot
	frame *frame
	err   error

	at      int // of a replay: the frame's number
	courses []diagnosis.Course
}

// tickMsg says that it is time for the next read. A tick of an older generation
// was overtaken by a key (interval, freeze).
type tickMsg struct{ gen int }

// orderMsg brings a new order of the rows of a frame.
type orderMsg struct {
	frame *frame
	order order
	err   error
}

// reader is what a read needs; only one read of a place is under way at a time.
type reader struct {
	ctx       context.Context
	place     *spot
	catalogue []sysctl.Key
	tuned     bool // sysctls can be changed
}

var errNothing = fmt.Errorf("the source gave no snapshot and no error: please report this; %w", source.ErrFinal)

// read takes a snapshot, assesses it, cleans it and puts its rows in order.
func (r reader) read(v view) tea.Cmd {
	p := r.place
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = frameMsg{place: p, err: err} })
		p.turn.Lock()
		defer p.turn.Unlock()
		s, err := p.Source.Read(r.ctx)
		if err != nil {
			return frameMsg{place: p, err: err}
		}
		if s == nil {
			return frameMsg{place: p, err: errNothing}
		}
		f := newFrame(p.assessor.Assess(s), r.catalogue, r.tuned)
		f.order = v.arrange(f.report)
		return frameMsg{place: p, frame: f}
	}
}

// rearrange puts the rows of a frame in order off the UI's goroutine.
func rearrange(f *frame, v view) tea.Cmd {
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = orderMsg{frame: f, err: err} })
		return orderMsg{frame: f, order: v.arrange(f.report)}
	}
}

// caught turns a panic into an error: one in a goroutine of ours would leave
// the terminal in the alternate screen.
func caught(report func(error)) {
	if bug := source.Panicked(recover()); bug != nil {
		report(bug)
	}
}
