package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestCapacity: each way to take a port from everyone costs one port, once.
func TestCapacity(t *testing.T) {
	gone := func(w *world, state source.State) { // two clients of a listener that is no more, inside the range
		w.conn("10.0.0.1", 20010, "10.0.0.7:50000", state)
		w.conn("10.0.0.1", 20010, "10.0.0.8:50001", state)
	}
	for _, tc := range []struct {
		name                      string
		make                      func(w *world)
		reserved, bound, capacity int
	}{
		{"nothing", func(*world) {}, 0, 0, 100},
		{"listener on another address", func(w *world) { w.listen("10.9.9.9:20010") }, 0, 1, 99},
		{"listener of the other family", func(w *world) { w.listen("[::1]:20010").Detail.V6Only = true }, 0, 1, 99},
		{"two listeners on one port", func(w *world) { w.listen("10.9.9.9:20010"); w.listen("[::]:20010") }, 0, 1, 99},
		{"listener outside the range", func(w *world) { w.listen("0.0.0.0:80") }, 0, 0, 100},
		{"both ends belong to the range", func(w *world) { w.listen("0.0.0.0:20000"); w.listen("0.0.0.0:20099") }, 0, 2, 98},
		{"bound-inactive", func(w *world) { w.bound("127.0.0.1:20010") }, 0, 1, 99},
		{"bound and listening", func(w *world) { w.bound("127.0.0.1:20010"); w.listen("127.0.0.2:20010") }, 0, 1, 99},
		{"reserved", func(w *world) { w.frame.Reserved.AddRange(source.PortRange{Low: 20010, High: 20019}) }, 10, 0, 90},
		{"reserved outside the range", func(w *world) { w.frame.Reserved.Add(80) }, 0, 0, 100},
		{"reserved and listening", func(w *world) { w.frame.Reserved.Add(20010); w.listen("0.0.0.0:20010") }, 1, 0, 99},
		{"SYN_RECV without a listener holds nothing", func(w *world) { gone(w, source.StateSynRecv) }, 0, 0, 100},
		{"a listener over a client's port", func(w *world) {
			w.live(lo, 20010, backend, true)
			w.listen("127.0.0.2:20010")
		}, 0, 1, 99},
		{"everything", func(w *world) { w.frame.Reserved.AddRange(w.frame.Range) }, 100, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld()
			tc.make(w)
			p := assess(w).Ports
			if p.Size != 100 || p.Reserved != tc.reserved || p.Bound != tc.bound || p.Capacity != tc.capacity {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestGoneListener: what it accepted costs its port, until the last is gone.
func TestGoneListener(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.listen("127.0.0.1:20010")
	w.conn(lo, 20010, "127.0.0.1:20050", source.StateEstablished)
	w.conn(lo, 20050, "127.0.0.1:20010", source.StateEstablished)
	s.assess(w)
	w.frame.Listeners = nil
	r := frames(s, w, 2, nil)
	d := find(t, r, "127.0.0.1 → 127.0.0.1:20010")
	if r.Ports.Capacity != 99 || r.Ports.Bound != 1 || d.Ports.Free != 98 {
		t.Errorf("%+v, free %d; want 20010 taken from everyone and 20050 for this destination", r.Ports, d.Ports.Free)
	}
	if len(r.Services) != 1 || !r.Services[0].Gone || r.Services[0].Sockets != 0 || r.Services[0].AcceptQueue != nil {
		t.Errorf("services %+v", r.Services)
	}
	w.entries = nil
	if r := frames(s, w, 1, nil); r.Ports.Capacity != 100 || len(r.Services) != 0 {
		t.Errorf("after the last connection: %+v, %+v", r.Ports, r.Services)
	}
}

// TestPortTwiceInDump: a connection that closed while the dump ran is in it
// twice, and holds one port.
func TestPortTwiceInDump(t *testing.T) {
	w := newWorld()
	w.live(lo, 20010, backend, true)
	w.waiting(lo, 20010, backend, 0)
	if u := assess(w).Destinations[0].Ports; u.Used != 1 || u.Free != 99 {
		t.Errorf("%+v", u)
	}
}

// TestMappedClients: IPv4-mapped tuples are IPv4 tuples.
func TestMappedClients(t *testing.T) {
	w := newWorld()
	w.live(lo, 20010, backend, true)
	w.live("::ffff:127.0.0.1", 20012, "[::ffff:127.0.0.1]:4001", true)
	r := assess(w)
	if len(r.Destinations) != 1 || r.Destinations[0].String() != toBackend || r.Destinations[0].Ports.Used != 2 {
		t.Errorf("%v %+v", names(r), r.Destinations[0].Ports)
	}
}

func TestExactness(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*source.Snapshot)
		want   bool
	}{
		"all is known":          {func(*source.Snapshot) {}, true},
		"the range is assumed":  {func(s *source.Snapshot) { s.RangeKnown = false }, false},
		"interrupted":           {func(s *source.Snapshot) { s.Cost.Interrupted = true }, false},
		"leftovers of a server": {func(s *source.Snapshot) { s.Ambiguous = 1 }, false},
		"blockers unseen":       {func(s *source.Snapshot) { s.BlockersUnknown = true }, false},
	} {
		w := newWorld()
		w.live(lo, 20010, backend, true)
		s := newSeries()
		snap := s.snapshot(w)
		tc.change(snap)
		if r := s.assessor.Assess(snap); r.Destinations[0].Ports.FreeExact != tc.want {
			t.Errorf("%s: exact is %v", name, !tc.want)
		}
	}
}
