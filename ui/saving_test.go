package ui

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// fakeSaver notes what it is told.
type fakeSaver struct {
	calls []string
	state SaveState
	fail  error
}

func (f *fakeSaver) Save() error {
	f.calls = append(f.calls, "save")
	if f.fail == nil {
		f.state = SaveState{On: true, Name: "/home/x/twtop-web-3.twtop", Frames: 900, Bytes: 1_234_567}
	}
	return f.fail
}

func (f *fakeSaver) Stop() error {
	f.calls = append(f.calls, "stop")
	f.state.On = false
	return nil
}

func (f *fakeSaver) State() SaveState { return f.state }

func driveSaving(t *testing.T) (*tuned, *fakeSaver) {
	f := new(fakeSaver)
	return driveTuned(t, "exhausted", 120, 40, func(o *Options, _ *fakeTuner) { o.Saver = f }), f
}

func (f *fakeSaver) want(t *testing.T, calls ...string) {
	t.Helper()
	if !slices.Equal(f.calls, calls) {
		t.Errorf("called %q, want %q", f.calls, calls)
	}
}

func TestSaving(t *testing.T) {
	x, f := driveSaving(t)
	x.wantText("w save capture")
	x.wantNoText("· REC")
	x.slowly("w")
	x.wantText("recording on, w ends it; saved 900 frames, 1.2 MB, in /home/x/twtop-web-3.twtop", "REC 1.2 MB")
	f.state.Bytes = 2_000_000
	x.frames(1)
	x.slowly("esc")
	x.wantText("REC 2 MB", "w end recording")
	x.frames(2)
	x.slowly("w")
	x.wantText("saved 900 frames, 2 MB, in /home/x/twtop-web-3.twtop")
	x.wantNoText("· REC")
	f.want(t, "save", "stop")
}

// TestSavingHeldDown: a key that is held down saves once, and pieces of
// something else, or pasted text, save nothing.
func TestSavingHeldDown(t *testing.T) {
	x, f := driveSaving(t)
	x.clock = x.clock.Add(time.Minute)
	for range 30 {
		x.clock = x.clock.Add(500 * time.Millisecond)
		x.press("w")
	}
	f.want(t, "save")
	x.press("jw", "ww")
	f.want(t, "save")
}

// TestSavingEnds says what ended a recording.
func TestSavingEnds(t *testing.T) {
	x, f := driveSaving(t)
	x.slowly("w")
	f.state.On, f.state.Trouble = false, errors.New("write x.twtop: no space left on device")
	x.frames(1)
	x.wantText("recording ended: write x.twtop: no space left on device; saved 900 frames")
	x.wantNoText("· REC")
	f.fail, f.state.Name = errors.New("no directory takes a file:\n\x1b[31mopen /x: read-only file system"), ""
	x.slowly("w")
	x.wantText("not saved: no directory takes a file:", "read-only file system")
	x.wantShape()
}

// TestSavingGoesOnFrozen: a frozen screen keeps its frame, and records on.
func TestSavingGoesOnFrozen(t *testing.T) {
	x, _ := driveSaving(t)
	x.slowly(" ")
	frame, waits := x.frame, len(x.waits)
	x.next()
	if len(x.waits) != waits {
		t.Error("a frozen screen looks on")
	}
	x.slowly("w")
	for range 3 {
		if len(x.waits) == waits {
			t.Fatal("it does not record on")
		}
		waits = len(x.waits)
		x.next()
	}
	if x.frame != frame {
		t.Error("the frame went on")
	}
	x.wantText("FROZEN", "REC 1.2 MB")
}
