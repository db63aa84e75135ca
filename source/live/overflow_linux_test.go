package live_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// TestOverflowIsGrowth: TIME_WAITs that the kernel dropped before the first
// look are no finding, those after it are, by their number; and with the limit
// that is advised it drops no more.
func TestOverflowIsGrowth(t *testing.T) {
	const key, dropped = "net.ipv4.tcp_max_tw_buckets", 1500
	w := newWorld(t)
	w.Set(key, "100")
	l := w.Listen(service)
	w.TimeWaits(3000, l, service)
	for range 2 {
		if r := w.report(); len(r.Findings) > 0 {
			t.Fatalf("found before anything grew: %+v", r.Findings)
		}
	}
	time.Sleep(5 * time.Second) // or the ports would run out at this pace, and no more are advised
	w.TimeWaits(dropped, l, service)
	f := w.overflow(w.report())
	if f == nil || !strings.Contains(f.Evidence[0], fmt.Sprintf("%s TIME-WAITs dropped", diagnosis.Grouped(dropped))) ||
		!strings.Contains(f.Evidence[0], "100 of 100 kept") {
		t.Fatalf("after %d more: %+v", dropped, f)
	}
	for _, r := range f.Remedies {
		if r.Key == key {
			w.Set(key, r.Value)
		}
	}
	if w.Get(key) == "100" {
		t.Fatalf("no other limit is advised: %+v", f.Remedies)
	}
	before := *w.snapshot().Counters.TimeWaitOverflow
	w.TimeWaits(dropped, l, service)
	if after := *w.snapshot().Counters.TimeWaitOverflow; after != before {
		t.Errorf("%s=%s: %d more were dropped", key, w.Get(key), after-before)
	}
	if f := w.overflow(w.report()); f == nil || !strings.Contains(f.Claim, "drop") {
		t.Errorf("it is forgotten at once: %+v", f)
	}
}

func (w *world) overflow(r *diagnosis.Report) *diagnosis.Finding {
	for i := range r.Findings {
		if r.Findings[i].ID == diagnosis.TimeWaitOverflow {
			return &r.Findings[i]
		}
	}
	return nil
}
