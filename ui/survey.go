package ui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// survey looks through a whole recording for the timeline, off the UI's
// goroutine: it works for a while and rests at least as long, so that it takes half of a
// core at the most, and tells after each time what it has found.
type survey struct {
	ctx      context.Context
	tape     Tape
	frames   diagnosis.Frames
	assessor diagnosis.Assessor
	line     diagnosis.Timeline
	now      func() time.Time
	next     int
	told     int // the first frame whose moment is not told
}

// surveyWork is for how long it works at a time, if no frame takes longer, and
// rests at the least.
const surveyWork = 60 * time.Millisecond

// foundMsg is what a survey has found since the last one.
type foundMsg struct {
	from    int // the first frame there is
	first   int // of moments
	moments []diagnosis.Moment
	spans   []diagnosis.Span
	more    bool // some are left out of spans
	worked  time.Duration
	ended   bool // there is no further frame
	err     error
}

func newSurvey(ctx context.Context, r *Replay, now func() time.Time) *survey {
	return &survey{ctx: ctx, tape: r.Tape, frames: r.Survey, now: now, next: -1}
}

// work looks at further frames, and waits for one where there is none.
func (s *survey) work() tea.Msg {
	if s.next < 0 {
		s.next = s.frames.First()
	}
	switch err := s.tape.Wait(s.ctx, s.next); {
	case errors.Is(err, io.EOF):
		return foundMsg{ended: true}
	case err != nil:
		return foundMsg{err: err}
	}
	s.line.Forget(s.frames.First())
	began := s.now()
	for s.next < s.frames.Len() && s.now().Sub(began) < surveyWork && s.ctx.Err() == nil {
		s.next = max(s.next, s.frames.First())
		s.look(s.next)
		s.next++
	}
	all := s.line.Moments()
	first := max(s.told, s.line.First())
	s.told = s.line.First() + len(all)
	return foundMsg{
		from: s.frames.First(), first: first, moments: all[first-s.line.First() : len(all) : len(all)],
		spans: s.line.Spans(), more: s.line.Unmarked(), worked: s.now().Sub(began),
	}
}

func (s *survey) look(i int) {
	snap, err := s.frames.Frame(i)
	if err != nil {
		s.line.Miss(i)
		return
	}
	s.line.Add(i, snap.Taken, s.assessor.Assess(snap))
}

// goOn begins the survey, or continues it after a rest.
func (s *survey) goOn() tea.Cmd {
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = foundMsg{err: err} })
		return s.work()
	}
}

// restedMsg says that the survey has rested.
type restedMsg struct{}

// found takes what the survey has found.
func (m *Model) found(msg foundMsg) tea.Cmd {
	p := m.player
	switch {
	case msg.err != nil && m.reader.ctx.Err() != nil:
		return nil
	case msg.err != nil:
		m.trouble = trouble{err: msg.err, final: final(msg.err), wait: -1}
		return nil
	case msg.ended:
		m.retime()
		return nil
	}
	p.line.take(&msg)
	m.retime()
	rest := m.after(max(msg.worked, surveyWork), func(time.Time) tea.Msg { return restedMsg{} })
	if p.seeks == 0 {
		return rest
	}
	return tea.Batch(rest, m.seekMark(p.seeks))
}
