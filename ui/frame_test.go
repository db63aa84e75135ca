package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
)

// Before the first frame there is a placeholder of the full size; then the
// screen; and a resize at any moment leaves no ragged row.
func TestEverySize(t *testing.T) {
	d := wrapModel(t, New(testOptions(scenario("exhausted"))))
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.wantShape()
	d.wantText("reading…")
	d.run(d.Init())
	for _, keys := range [][]string{nil, {"1"}, {"3"}, {"4"}, {"5"}, {"2", "enter"}, {"esc", "?"}, {"x", "/"}} {
		d.press(keys...)
		for w := 1; w < 210; w += 23 {
			for h := 1; h < 64; h += 5 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				d.wantShape()
			}
		}
	}
}

func TestEveryScenarioAtEverySize(t *testing.T) {
	for name := range scenarios {
		d := drive(t, name, 80, 24, nil)
		for _, keys := range [][]string{nil, {"3"}, {"5"}, {"2", "enter"}} {
			d.press(keys...)
			for _, w := range []int{1, 20, 39, 80, 99, 131, 233} {
				for _, h := range []int{2, 6, 10, 16, 30, 70} {
					d.send(tea.WindowSizeMsg{Width: w, Height: h})
					d.wantShape()
				}
			}
		}
	}
}

// A serial console reports a size of 0 × 0.
func TestUnknownSize(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.send(tea.WindowSizeMsg{})
	d.wantShape()
	if d.width != 80 || d.height != 24 {
		t.Errorf("%d×%d", d.width, d.height)
	}
}

func TestViewIsCached(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	first := d.View()
	if n := testing.AllocsPerRun(100, func() { _ = d.View() }); n != 0 {
		t.Errorf("View allocates %v times when nothing has happened", n)
	}
	d.press("j")
	if d.View() == first {
		t.Error("a key did not change the screen")
	}
}

// scripted gives snapshots or errors as it is told.
type scripted struct {
	reads int
	give  func(n int) (*source.Snapshot, error)
}

func (s *scripted) Read(ctx context.Context) (*source.Snapshot, error) {
	s.reads++
	return s.give(s.reads)
}

func (s *scripted) Close() error { return nil }

// failing gives a play's snapshots, but the error at those reads that have one.
func failing(p *play, errs map[int]error) *scripted {
	return &scripted{give: func(n int) (*source.Snapshot, error) {
		if err := errs[n]; err != nil {
			return nil, err
		}
		return p.Read(context.Background())
	}}
}

var errGone = fmt.Errorf("open netns \x1b[31m/run/netns/x: no such file; %w", source.ErrFinal)

func TestFinalErrorBeforeTheFirstFrame(t *testing.T) {
	o := testOptions(healthy())
	o.Source = failing(healthy(), map[int]error{1: errGone})
	d := newDriver(t, o, 80, 24)
	d.wantShape()
	d.wantText("No snapshot could be taken.", "open netns /run/netns/x: no such file", "STOPPED")
	d.press("q")
	if !d.quit {
		t.Error("q does not quit after an error")
	}
	if err := ending(t.Context(), d.Model, nil); !errors.Is(err, errGone) {
		t.Errorf("Run would return %v, not the source's error", err)
	}
}

// A final error later keeps the last frame, and no further read is tried.
func TestFinalErrorLater(t *testing.T) {
	p := scenario("exhausted")
	src := failing(p, map[int]error{2: errGone})
	o := testOptions(p)
	o.Source = src
	d := newDriver(t, o, 120, 40)
	d.next()
	d.wantText("STOPPED: open netns /run/netns/x", "127.0.0.1:4001")
	d.next()
	d.press(" ", " ", "+")
	if src.reads != 2 {
		t.Errorf("%d reads, want 2: the error is final", src.reads)
	}
}

// An error that passes keeps the last frame and its verdict; the next tick
// tries again, and all is well when that succeeds.
func TestPassingError(t *testing.T) {
	for _, s := range sizes {
		p := scenario("exhausted")
		src := failing(p, map[int]error{2: errors.New("netlink receive: no buffer space available"), 3: errors.New("socket: too many open files")})
		o := testOptions(p)
		o.Source = src
		d := newDriver(t, o, s.w, s.h)
		taken := d.frame.taken
		d.next()
		d.wantShape()
		d.wantText("could not read: netlink", "next try in 1 s", "STALE", "127.0.0.1:4001", taken.Format(time.TimeOnly))
		if s.h > 20 {
			d.wantText("buffer space available", "CRITICAL")
		}
		d.next()
		d.wantText("could not read: socket")
		d.next()
		d.wantText("LIVE", "CRITICAL")
		d.wantNoText("could not read", "STALE")
		if src.reads != 4 || d.frame.taken == taken {
			t.Errorf("%s: %d reads, the frame is of %v", s.name, src.reads, d.frame.taken)
		}
		d.press("q")
		if err := ending(t.Context(), d.Model, nil); err != nil {
			t.Errorf("Run would return %v", err)
		}
	}
}

func TestPassingErrorBeforeTheFirstFrame(t *testing.T) {
	p := scenario("healthy")
	o := testOptions(p)
	enough := errors.New("socket: too many open files")
	o.Source = failing(p, map[int]error{1: enough})
	d := newDriver(t, o, 80, 24)
	d.wantText("No snapshot could be taken.", "too many open files · next try in 1 s (q quits)", "STALE")
	if err := ending(t.Context(), d.Model, nil); !errors.Is(err, enough) {
		t.Errorf("Run would return %v: nothing was ever shown", err)
	}
	d.next()
	d.wantText("LIVE", "━ [2] DESTINATIONS")
}

// A long error is cut, what follows it is not.
func TestLongError(t *testing.T) {
	for _, s := range sizes {
		p := scenario("healthy")
		o := testOptions(p)
		o.Source = failing(p, map[int]error{2: errors.New(strings.Repeat("no buffer space ", 200))})
		d := newDriver(t, o, s.w, s.h)
		d.next()
		d.wantShape()
		d.wantText("could not read: ")
		if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(d.text(), "┃", "")), " "), "next try in 1 s") {
			t.Errorf("no word of the next try:\n%s", d.text())
		}
	}
}

// A frozen screen keeps its frame through an error, and tries again when it
// goes on. One that is frozen after an error plans no try.
func TestFreezeAndErrors(t *testing.T) {
	p := scenario("healthy")
	src := failing(p, map[int]error{2: errors.New("first"), 3: errors.New("second")})
	o := testOptions(p)
	o.Source = src
	d := newDriver(t, o, 120, 40)
	read := d.read()
	d.press(" ")
	d.send(read())
	d.wantText("FROZEN")
	d.wantNoText("could not read")
	d.press(" ")
	d.wantText("could not read: second · next try in")
	d.press(" ")
	d.wantText("could not read: second")
	d.wantNoText("next try in")
	d.press(" ")
	d.wantText("LIVE")
}

func TestPanicInARead(t *testing.T) {
	o := testOptions(healthy())
	src := &scripted{give: func(int) (*source.Snapshot, error) { panic("index out of range") }}
	o.Source = src
	d := newDriver(t, o, 80, 24)
	d.wantText("a bug in twtop", "index out of range", "STOPPED")
	d.next()
	if src.reads != 1 {
		t.Error("it reads on after a bug")
	}
	var bug *source.PanicError
	if err := ending(t.Context(), d.Model, nil); !errors.As(err, &bug) || !strings.Contains(string(bug.Stack), "scripted") {
		t.Errorf("the error has no trace: %v", err)
	}
}

func TestNoSnapshotAndNoError(t *testing.T) {
	o := testOptions(healthy())
	o.Source = &scripted{give: func(int) (*source.Snapshot, error) { return nil, nil }}
	newDriver(t, o, 80, 24).wantText("please report this")
}

// One read is under way at a time, and the next is only scheduled by a frame.
func TestOneReadInFlight(t *testing.T) {
	p := scenario("healthy")
	src := &scripted{give: func(int) (*source.Snapshot, error) { return p.Read(context.Background()) }}
	o := testOptions(p)
	o.Source = src
	m := New(o)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	read := m.Init()
	for range 5 { // ticks and keys while the read runs
		if _, cmd := m.Update(tickMsg{m.ticks}); cmd != nil {
			t.Fatal("a tick started a second read")
		}
		m.Update(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")})
		if _, cmd := m.Update(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")}); cmd != nil {
			t.Fatal("unfreezing started a second read")
		}
	}
	m.Update(read())
	if src.reads != 1 {
		t.Errorf("%d reads", src.reads)
	}
}

func TestOldTicksDoNotCount(t *testing.T) {
	d := drive(t, "healthy", 80, 24, nil)
	old := d.Model.ticks
	d.press("+")
	taken := d.frame.taken
	d.send(tickMsg{old})
	if d.frame.taken != taken {
		t.Error("a tick from before the new interval took a snapshot")
	}
	d.next()
	if d.frame.taken == taken {
		t.Error("the new tick took none")
	}
}

func TestFreeze(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	taken := d.frame.taken
	d.press(" ")
	d.wantText("FROZEN", taken.Format(time.TimeOnly))
	d.next()
	if d.frame.taken != taken {
		t.Error("a tick moved a frozen screen")
	}
	d.press("j", "s", "r", "enter", "esc") // a frozen frame can still be looked at
	d.wantShape()
	d.press(" ")
	d.wantText("LIVE")
	if d.frame.taken == taken {
		t.Error("going on took no snapshot at once")
	}
}

// A read that was under way when the screen was frozen does not change it.
func TestFreezeDuringARead(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	taken := d.frame.taken
	read := d.read()
	d.press(" ")
	d.send(read())
	if d.frame.taken != taken {
		t.Error("a frozen screen moved")
	}
	d.press(" ")
	if d.frame.taken == taken {
		t.Error("the screen did not go on")
	}
}

func TestHostileStringsAreClean(t *testing.T) {
	for _, s := range sizes {
		d := drive(t, "hostile", s.w, s.h, nil)
		for _, keys := range [][]string{nil, {"4"}, {"?"}} {
			d.press(keys...)
			screen := d.text() + d.View()
			for _, bad := range []string{"\x1b]", "\x1b[2J", "\u202e", "\u200b", "\r", "\t", "\x07", "\u009b", "\x9b31m"} {
				if strings.Contains(screen, bad) {
					t.Errorf("%s %v: %q is on the screen", s.name, keys, bad)
				}
			}
		}
	}
}

func TestGapsAndKindAreNamedOnce(t *testing.T) {
	d := drive(t, "unprivileged", 120, 40, nil)
	for _, want := range []string{"not read: ", "/proc/net/tcp: no sock_diag", "conntrack: no such key"} {
		if n := strings.Count(d.text(), want); n != 1 {
			t.Errorf("%q is %d times on the screen", want, n)
		}
	}
	d.frame.gaps = nil // the next frame could read all
	if row := d.theme.gapRow(d.frame.gaps, 120); strings.Contains(row, "not read") {
		t.Errorf("with nothing to tell: %q", row)
	}
}
