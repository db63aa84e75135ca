package tune

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

func listening(at time.Duration, ports ...uint16) *source.Snapshot {
	s := &source.Snapshot{Taken: time.Unix(1_800_000_000, 0).Add(at)}
	for _, p := range ports {
		s.Listeners = append(s.Listeners, source.Listener{Port: p})
	}
	return s
}

// frames is a source of snapshots that are there already.
type frames []*source.Snapshot

func (f *frames) Read(context.Context) (*source.Snapshot, error) {
	if len(*f) == 0 {
		return nil, source.ErrFinal
	}
	s := (*f)[0]
	*f = (*f)[1:]
	return s, nil
}

func (*frames) Close() error { return nil }

// TestServicesThatWentAway keep their port for a while, and not for ever.
func TestServicesThatWentAway(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		ago  time.Duration
		kept bool
	}{{time.Second, true}, {keep - time.Second, true}, {3 * keep, false}} {
		h := New(w.Config)
		all := frames{listening(0, 11211)}
		for at := c.ago / 4; at <= c.ago; at += c.ago / 4 {
			all = append(all, listening(at))
		}
		src := h.Watch(&all)
		for {
			if _, err := src.Read(t.Context()); err != nil {
				break
			}
		}
		p := w.plan(h)
		if got := strings.Contains(p.Item(sysctl.LocalReservedPorts).Want, "11211"); got != c.kept {
			t.Errorf("%v after it was seen: kept is %v", c.ago, got)
		}
	}
}

// TestClockSetBack: what was seen is not lost at once.
func TestClockSetBack(t *testing.T) {
	h := New(newWorld(t).Config)
	h.See(listening(0, 80))
	h.See(listening(-time.Hour, 81))
	var got sysctl.Holders
	h.recent.recall(&got)
	if !got.Listening.Has(80) || !got.Listening.Has(81) {
		t.Error(got.Listening.Ranges())
	}
}

// TestNames: the plan says whose the ports are that it reserves.
func TestNames(t *testing.T) {
	r := short()
	r.Snapshot.Listeners = []source.Listener{
		{Port: 11211, Detail: source.Detail{Inode: 5}}, {Port: 11300, Detail: source.Detail{Inode: 6}}, {Port: 11400},
	}
	r.Snapshot.Owners = &source.Owners{Processes: []source.Process{{Name: "memcached"}}, Holders: []source.Holder{{Inode: 5}}}
	p, err := New(newWorld(t).Config).Plan(t.Context(), r, source.PortSet{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Item(sysctl.LocalReservedPorts).Effect, "keeps 11211 (memcached), 11300, 11400"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
