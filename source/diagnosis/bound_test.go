package diagnosis

import "testing"

// TestCaughtBound: a client that was seen bound, and is connected in the next
// frame, keeps its port from everyone (seen on 6.18: 99 of 100), also in
// TIME_WAIT.
func TestCaughtBound(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.live(lo, 20002, "127.0.0.1:4002", true)
	w.bound("127.0.0.1:20010")
	if r := s.assess(w); r.Ports.Capacity != 99 {
		t.Fatalf("bound: %+v", r.Ports)
	}
	w.frame.Bound = nil
	w.waiting(lo, 20010, backend, 0)
	for second := range 59 {
		r := frames(s, w, 1, nil)
		if d := find(t, r, toOther); d.Ports.Free != 98 || !d.Ports.FreeExact {
			t.Fatalf("second %d: %+v", second, d.Ports)
		}
		if d := find(t, r, toBackend); d.Ports.Free != 99 || d.Ports.Used != 0 {
			t.Fatalf("second %d: %+v", second, d.Ports)
		}
	}
	w.entries = w.entries[:1]
	if r := frames(s, w, 1, nil); r.Ports.Capacity != 100 {
		t.Errorf("after its TIME_WAIT: %+v", r.Ports)
	}
}

// TestBoundOverClient: a socket that was bound on another address over a
// client's port gives the port back when it goes: at once on 6.18 (seen), not
// before the client on older kernels.
func TestBoundOverClient(t *testing.T) {
	for kernel, exact := range map[string]bool{"6.18.44": true, "6.12.9": false, "": true} {
		w, s := newWorld(), newSeries()
		w.kernel = kernel
		w.live(lo, 20010, backend, true)
		w.listen("127.0.0.2:20010")
		if r := s.assess(w); r.Ports.Capacity != 99 {
			t.Fatalf("while it listens: %+v", r.Ports)
		}
		w.frame.Listeners = nil
		for range 3 {
			r := frames(s, w, 1, nil)
			if d := r.Destinations[0]; r.Ports.Capacity != 100 || d.Ports.FreeExact != exact || d.Ports.Used != 1 {
				t.Errorf("kernel %q: %+v, %+v; want exact %v", kernel, r.Ports, d.Ports, exact)
			}
		}
		w.entries = nil
		w.live(lo, 20012, backend, true)
		if d := frames(s, w, 1, nil).Destinations[0]; !d.Ports.FreeExact {
			t.Errorf("kernel %q: not exact although the client has gone", kernel)
		}
	}
}
