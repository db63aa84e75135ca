package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestSlowConnect: the cliff is where the last port of the half that connect()
// takes first is gone.
func TestSlowConnect(t *testing.T) {
	evens := func(w *world, n int) {
		for i := range n {
			w.live(lo, 20000+2*i, backend, true)
		}
	}
	for _, c := range []struct {
		name string
		make func(w *world)
		slow bool
	}{
		{"one is left", func(w *world) { evens(w, 49) }, false},
		{"none is left", func(w *world) { evens(w, 50) }, true},
		{"the last one is blocked by a listener", func(w *world) { evens(w, 49); w.listen("10.0.0.1:20098") }, true},
		{"the last one is reserved", func(w *world) { evens(w, 49); w.frame.Reserved.Add(20098) }, true},
		{"the last one may be reused", func(w *world) {
			w.sysctls = set("tcp_tw_reuse", "1")
			evens(w, 49)
			w.waiting(lo, 20098, backend, 1500)
		}, false},
		{"the last one may not be reused yet", func(w *world) {
			w.sysctls = set("tcp_tw_reuse", "1")
			evens(w, 49)
			w.waiting(lo, 20098, backend, 500)
		}, true},
		{"a kernel that knows no halves", func(w *world) { w.kernel = "4.1.0"; evens(w, 50) }, false},
	} {
		w := newWorld()
		c.make(w)
		r := assess(w)
		if got := slices.Contains(portFindings(r), "warning slow-connect"); got != c.slow {
			t.Errorf("%s: %q", c.name, portFindings(r))
		}
		if c.slow {
			f := finding(t, r, SlowConnect)
			if f.Confidence != Certain || !strings.Contains(strings.Join(f.Evidence, " "), "takes even ports first") {
				t.Errorf("%s: %s %q", c.name, f.Confidence, f.Evidence)
			}
		}
	}
}

// TestSlowConnectHolds: some ports come back for a moment, or for good.
func TestSlowConnectHolds(t *testing.T) {
	evens := func(n int) *world {
		w := newWorld()
		for i := range n {
			w.live(lo, 20000+2*i, backend, true)
		}
		return w
	}
	s := newSeries()
	for i, c := range []struct {
		held, second int
		slow         bool
	}{
		{49, 0, false}, {50, 1, true}, {48, 2, true}, {50, 3, true}, {46, 11, true}, {46, 12, false}, {50, 13, true}, {44, 14, false}, {46, 15, false},
	} {
		w := evens(c.held)
		w.frame.Clock += uint32(1000 * c.second)
		if got := slices.Contains(portFindings(s.assess(w)), "warning slow-connect"); got != c.slow {
			t.Errorf("look %d, %d ports at %d s: %v", i, c.held, c.second, got)
		}
	}
}

// TestSlowConnectOfAnotherRange: a wider range has ports to be tried first that
// are free.
func TestSlowConnectOfAnotherRange(t *testing.T) {
	s := newSeries()
	for i, high := range []uint16{20099, 20109, 20099} {
		w := newWorld()
		w.frame.Clock += uint32(1000 * i)
		w.frame.Range.High = high
		for p := range 50 {
			w.live(lo, 20000+2*p, backend, true)
		}
		if got := slices.Contains(portFindings(s.assess(w)), "warning slow-connect"); got != (high == 20099) {
			t.Errorf("look %d, the range up to %d: %v", i, high, got)
		}
	}
}

// TestManySlowDestinations counts those that are slow each once, also where
// they hold less than half of the ports because some are reserved.
func TestManySlowDestinations(t *testing.T) {
	for _, n := range []int{1, 5, 8} {
		w := newWorld()
		for i := range 30 {
			w.frame.Reserved.Add(uint16(20040 + 2*i))
		}
		for i := range n {
			for p := range 20 {
				w.live(lo, 20000+2*p, fmt.Sprintf("127.0.0.1:%d", 4000+i), true)
			}
			for p := range 10 * (i % 3) {
				w.live(lo, 20001+2*p, fmt.Sprintf("127.0.0.1:%d", 4000+i), true)
			}
		}
		s := &scene{Report: assess(w)}
		if got := new(slowConnectRule).slow(s); got.n != n {
			t.Errorf("%d slow destinations: counted %d", n, got.n)
		}
	}
}
