package ui

import (
	"context"
	"io"
	"math"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// Tape is a recording that the screen plays. Its methods may be called from any
// goroutine; only Frame and Wait take time. *capture.Reader is one.
type Tape interface {
	diagnosis.Frames
	// Ended reports whether there will be no further frame, Note what is wrong
	// with the end.
	Ended() bool
	Note() string
	// Wait waits until there is a frame i; io.EOF where there never will be.
	Wait(ctx context.Context, i int) error
}

// Replay is a recording to be shown instead of a Source.
type Replay struct {
	Tape Tape
	// Survey gives the same frames, for what looks through all of them: with a
	// place of its own, so that it does not disturb who looks at one. nil for no
	// timeline.
	Survey diagnosis.Frames
	Name   string // of the file or the incident
	Title  string // what it shows, or ""
	Tool   string // what it was recorded by, or ""

	At     int     // the frame to begin with
	Speed  float64 // times as fast as it happened; 1 if 0, MaxSpeed for as fast as it goes
	Paused bool
}

// MaxSpeed is the speed of a replay that does not wait.
var MaxSpeed = math.Inf(1)

// Still is the Tape of a single moment, like that of a pasted text.
type Still struct{ Moment *source.Snapshot }

var _ Tape = Still{}

// First is 0.
func (s Still) First() int { return 0 }

// Len is 1.
func (s Still) Len() int { return 1 }

// Taken is when the moment was.
func (s Still) Taken(int) time.Time { return s.Moment.Taken }

// At is 0.
func (s Still) At(time.Time) int { return 0 }

// Frame is the moment.
func (s Still) Frame(int) (*source.Snapshot, error) { return s.Moment, nil }

// Ended is true.
func (s Still) Ended() bool { return true }

// Note is "".
func (s Still) Note() string { return "" }

// Wait waits for nothing.
func (s Still) Wait(_ context.Context, i int) error {
	if i > 0 {
		return io.EOF
	}
	return nil
}
