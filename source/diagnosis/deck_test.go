package diagnosis

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// reel is a recording in memory, which notes what was asked for.
type reel struct {
	snaps []*source.Snapshot
	bad   map[int]bool
	asked []int
}

func (r *reel) First() int            { return 0 }
func (r *reel) Len() int              { return len(r.snaps) }
func (r *reel) Taken(i int) time.Time { return r.snaps[i].Taken }

func (r *reel) At(t time.Time) int {
	at := 0
	for i, s := range r.snaps {
		if !s.Taken.After(t) {
			at = i
		}
	}
	return at
}

func (r *reel) Frame(i int) (*source.Snapshot, error) {
	r.asked = append(r.asked, i)
	if r.bad[i] {
		return nil, fmt.Errorf("frame %d is damaged", i)
	}
	return r.snaps[i], nil
}

// reelOf is 200 s of a destination of 100 ports that 2 connections a second go
// to, each held for a minute after: full after 50 s, and for ever.
func reelOf() *reel {
	r := &reel{bad: map[int]bool{}}
	b := source.NewBuilder()
	began := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	var ends []uint32
	for second := range 200 {
		clock := uint32(1_000_000 + 1000*second)
		for len(ends) > 0 && ends[0] <= clock {
			ends = ends[1:]
		}
		for range 2 {
			if len(ends) < 100 {
				ends = append(ends, clock+60_000)
			}
		}
		b.Begin(source.Frame{Clock: clock, Range: source.PortRange{Low: 20000, High: 20099}, RangeKnown: true})
		for i, e := range ends {
			b.Add(&source.Entry{Local: source.AddrFromV4(0x7f000001), Remote: source.AddrFromV4(0x7f000001), LocalPort: uint16(20000 + i), RemotePort: 4001,
				State: source.StateTimeWait, Timer: source.TimerTimeWait, Expires: e - clock})
		}
		s := b.Finish()
		s.Taken = began.Add(time.Duration(second) * time.Second)
		s.Sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": "0"}
		r.snaps = append(r.snaps, s)
	}
	return r
}

func headlineAt(t *testing.T, d *Deck, i int) string {
	t.Helper()
	r, _, err := d.Report(context.Background(), i)
	if err != nil {
		t.Fatal(err)
	}
	if r.Snapshot.Taken.Sub(time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)) != time.Duration(i)*time.Second {
		t.Fatalf("frame %d was taken at %v", i, r.Snapshot.Taken)
	}
	return saidOf(r)
}

// saidOf is what the headline says, and of how long it does so what is known in
// any case.
func saidOf(r *Report) string {
	text := regexp.MustCompile(`for (at least )?([0-9]{3}|9[0-9]) s now`).ReplaceAllString(r.Headline.Text, "for 90 s or more")
	return text + "|" + r.Headline.Evidence
}

// TestDeckSeeks: wherever one comes from, the same is said of a frame as by who
// has seen all before it.
func TestDeckSeeks(t *testing.T) {
	var whole Assessor
	f := reelOf()
	var want []string
	for _, s := range f.snaps {
		want = append(want, saidOf(whole.Assess(s)))
	}
	d := NewDeck(f)
	for _, i := range []int{0, 1, 2, 40, 120, 119, 118, 60, 61, 199, 70, 55, 54, 20, 198} {
		if got := headlineAt(t, d, i); got != want[i] {
			t.Errorf("frame %d:\n got %q\nwant %q", i, got, want[i])
		}
	}
}

// TestDeckCost: going on costs one frame, going back some steps none, and a jump
// the lead-in, not all of it frame by frame.
func TestDeckCost(t *testing.T) {
	f := reelOf()
	d := NewDeck(f)
	d.many = 10
	cost := func(i int) int {
		f.asked = nil
		headlineAt(t, d, i)
		return len(f.asked)
	}
	for _, c := range []struct{ frame, least, most int }{
		{150, 35, 45}, {151, 1, 1}, {150, 0, 0}, {140, 0, 0}, {151, 0, 0}, {152, 1, 1}, {160, 8, 8}, {20, 15, 21}, {19, 0, 0}, {199, 35, 45},
	} {
		if n := cost(c.frame); n < c.least || n > c.most {
			t.Errorf("frame %d: %d frames were read, want %d to %d", c.frame, n, c.least, c.most)
		}
	}
}

// TestDeckDamage: what cannot be read of the lead-in is told as long as it
// counts, and a frame that cannot be read is an error that leaves the next one
// as cheap as ever.
func TestDeckDamage(t *testing.T) {
	f := reelOf()
	f.bad[145], f.bad[151] = true, true
	d := NewDeck(f)
	gaps := func(i int) []string {
		r, _, err := d.Report(context.Background(), i)
		if err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		return r.Gaps
	}
	if g := gaps(150); len(g) != 1 || g[0] != "of the minute before, 1 frame of the capture could not be read" {
		t.Errorf("%q", g)
	}
	if _, _, err := d.Report(context.Background(), 151); err == nil || err.Error() != "frame 151 is damaged" {
		t.Errorf("%v", err)
	}
	f.asked = nil
	if g := gaps(152); len(g) != 1 || g[0] != "of the minute before, 2 frames of the capture could not be read" || len(f.asked) != 1 {
		t.Errorf("%q, having read %v", g, f.asked)
	}
	if g := gaps(144); len(g) != 0 {
		t.Errorf("%q", g)
	}
}

func TestDeckInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	d := NewDeck(reelOf())
	if _, _, err := d.Report(ctx, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	headlineAt(t, d, 100)
}

// TestDeckSaysAtLeast: what began before the lead-in is not said to have begun
// with it.
func TestDeckSaysAtLeast(t *testing.T) {
	r, _, err := NewDeck(reelOf()).Report(context.Background(), 190)
	if err != nil || !strings.Contains(r.Headline.Text, "for at least 90 s now") {
		t.Errorf("%q, %v", r.Headline.Text, err)
	}
}
