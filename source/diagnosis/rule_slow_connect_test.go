package diagnosis

import (
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
