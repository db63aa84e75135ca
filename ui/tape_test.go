package ui

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// reel is a recording in memory; one that is not over grows.
type reel struct {
	mu    sync.Mutex
	snaps []*source.Snapshot
	first int
	over  bool
	note  string
	bad   map[int]error
	asked []int
}

var _ Tape = (*reel)(nil)

func (r *reel) First() int { return r.first }

func (r *reel) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.snaps)
}

func (r *reel) Taken(i int) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i < 0 || i >= len(r.snaps) {
		return time.Time{}
	}
	return r.snaps[i].Taken
}

func (r *reel) At(t time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.snaps, func(s *source.Snapshot) bool { return s.Taken.After(t) })
	if i < 0 {
		i = len(r.snaps)
	}
	return max(i-1, r.first)
}

func (r *reel) Frame(i int) (*source.Snapshot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, i)
	return r.snaps[i], r.bad[i]
}

func (r *reel) Ended() bool  { return r.over }
func (r *reel) Note() string { return r.note }

// Wait does not wait: a test lets a reel grow, and then says so.
func (r *reel) Wait(_ context.Context, i int) error {
	switch {
	case i < r.Len():
		return nil
	case r.over:
		return io.EOF
	}
	return errNotYet
}

// errNotYet stands for a Wait that goes on: the driver drops what comes of it.
var errNotYet = errors.New("not yet")

// record takes n seconds of a play.
func record(p *play, n int) *reel {
	r := &reel{over: true, bad: map[int]error{}}
	for range n {
		p.run(1)
		s := p.snapshot()
		s.Kind = source.KindCapture
		r.snaps = append(r.snaps, s)
	}
	return r
}

// growing is a play that gets into trouble after some seconds and out of it.
func growing() *play {
	p := exhausted()
	p.rng = source.PortRange{Low: 32768, High: 33767}
	p.sysctl["net.ipv4.ip_local_port_range"] = "32768 33767"
	p.lanes[0].alive, p.lanes[1].alive = nil, nil
	p.lanes[0].demand = func(s int) int {
		if s < 20 || s > 60 {
			return 1
		}
		return 40
	}
	p.lanes = p.lanes[:2]
	return p
}

// replayed is a driver of a recording whose clock goes on by hand.
type replayed struct {
	*driver
	reel  *reel
	clock time.Time
}

func driveReplay(t *testing.T, r *reel, w, h int, change func(*Options)) *replayed {
	t.Helper()
	x := &replayed{reel: r, clock: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	o := testOptions(healthy())
	o.Source, o.Now = nil, func() time.Time { return x.clock }
	o.Replay = &Replay{Tape: r, Survey: r, Name: "night.twtop", Tool: "twtop 1.2.3"}
	o.Tuner = &fakeTuner{}
	if change != nil {
		change(&o)
	}
	x.driver = newDriver(t, o, w, h)
	x.waits = x.waits[:min(len(x.waits), 1)] // without the survey's rest
	return x
}

// play lets so much time pass, tick by tick.
func (x *replayed) play(d time.Duration) {
	for end := x.clock.Add(d); ; x.next() {
		if len(x.waits) == 0 || x.clock.Add(x.waits[len(x.waits)-1]).After(end) {
			x.clock = end
			return
		}
		wait := x.waits[len(x.waits)-1]
		x.waits = nil
		x.clock = x.clock.Add(wait)
	}
}

func (x *replayed) wantFrame(i int) {
	x.t.Helper()
	if got := x.player.head.at; got != i {
		x.t.Errorf("frame %d is on the screen, want %d", got, i)
	}
}
