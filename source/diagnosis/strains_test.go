package diagnosis

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// severities runs a load, looks each second of some, and counts how often the
// severity changes.
func severities(t *testing.T, k *simKernel, l load, from, to int) (changes int) {
	t.Helper()
	s, before := newSeries(), SeverityNone
	k.run(from*1000, l, lifetime(5))
	for sec := from + 1; sec <= to; sec++ {
		k.run(sec*1000, l, lifetime(5))
		r := s.assess(k.world())
		if h := r.Headline; sec > from+1 && h.Severity != before {
			changes++
			t.Logf("at %d s %v: %.1f %%: %s", sec, h.Severity, r.Destinations[0].Ports.Pressure, h.Text)
		}
		before = r.Headline.Severity
	}
	return changes
}

// TestSeverityIsSteady: a steady demand near nine tenths of what is sustainable.
// Ports come back in batches, and the pressure goes up and down by 3 %.
func TestSeverityIsSteady(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, part := range []float64{0.86, 0.88, 0.89, 0.9, 0.905, 0.91, 0.92, 0.93} {
		for size, from := range map[int]int{4000: 0, 4001: 70, 28232: 70} {
			rate := float64(size) / 61 * part
			if n := severities(t, newSimKernel(size, 51), steady(rate), from, from+85); n > 2 {
				t.Errorf("%d ports, %.1f/s (%.3f), from %d s: %d changes of severity", size, rate, part, from, n)
			}
		}
	}
}

// TestSeverityOfWaves: more is wanted than the ports bear, and what comes back
// is gone at once.
func TestSeverityOfWaves(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, times := range []float64{1.05, 1.3, 2, 3.2, 8} {
		const size = 4000
		k := newSimKernel(size, 53)
		if n := severities(t, k, steady(size/60.0*times), 70, 200); n > 0 || k.refused < 0 {
			t.Errorf("%.2f×: %d changes of severity, refused %d", times, n, k.refused)
		}
	}
}

// TestSeverityAtTheEdge: arrivals that know nothing of each other, a little above
// what is sustainable: worse and worse, and never better on the way.
func TestSeverityAtTheEdge(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for seed := range uint64(12) {
		rate := 4000.0 / 60 * 1.05
		if n := severities(t, newSimKernel(4000, 55), poisson(rate, rand.New(rand.NewPCG(seed, 6))), 0, 60); n > 2 {
			t.Errorf("seed %d: %d changes of severity", seed, n)
		}
	}
}

// TestStrainsHold: for how long, and down to what, a destination is said to be
// nearly exhausted, or about to run out.
func TestStrainsHold(t *testing.T) {
	const never = -1
	type look struct {
		second, used int
		gone, above  int // seconds; never for no end
		edgy         bool
		want         string
	}
	for name, looks := range map[string][]look{
		"never was at 90 %":              {{0, 899, never, 0, false, ""}, {1, 870, never, 0, false, ""}},
		"from 90 % down to 87 %":         {{0, 900, never, 0, false, "critical"}, {5, 870, never, 0, false, "critical"}, {10, 870, never, 0, false, "critical"}, {30, 870, never, 0, false, ""}},
		"below 87 % for 6 s":             {{0, 900, never, 0, false, "critical"}, {3, 869, never, 0, false, "critical"}, {6, 869, never, 0, false, "critical"}, {7, 869, never, 0, false, ""}, {8, 880, never, 0, false, ""}},
		"below 80 %":                     {{0, 950, never, 0, false, "critical"}, {1, 800, never, 0, false, "critical"}, {2, 799, never, 0, false, ""}, {3, 850, never, 0, false, ""}},
		"below 80 %, and gone at once":   {{0, 1000, 0, 0, false, ""}, {1, 740, 6, 0, false, "critical"}, {2, 740, 7, 0, false, "warning"}},
		"too much, and at the edge":      {{0, 100, 50, 10, false, "warning"}, {1, 110, never, 0, true, "warning"}, {2, 120, 70, 0, false, "warning"}, {15, 200, never, 0, true, "warning"}, {16, 200, never, 0, true, ""}},
		"too much, and then much less":   {{0, 100, 50, 10, false, "warning"}, {1, 110, never, 0, false, ""}, {2, 120, never, 0, true, ""}},
		"too much, and then hardly":      {{0, 400, 20, 0, false, "warning"}, {1, 400, 180, 0, false, "warning"}, {2, 400, 181, 0, false, ""}, {3, 400, 170, 0, false, ""}, {4, 400, 1000, 0, true, ""}},
		"not yet too much for long":      {{0, 100, 50, 9, false, ""}, {1, 110, never, 0, true, ""}},
		"critical, and then about to be": {{0, 900, never, 0, false, "critical"}, {1, 790, 50, 0, false, "warning"}, {16, 790, 61, 0, false, "warning"}, {17, 790, 61, 0, false, ""}},
	} {
		exhaustion := new(portExhaustionRule)
		pressure := &portPressureRule{before: &exhaustion.outages}
		for _, l := range looks {
			s := handmade(l.used, time.Duration(max(l.gone, 0))*time.Second, time.Duration(l.above)*time.Second)
			s.Snapshot.Clock = uint32(5000 + 1000*l.second)
			f := s.Destinations[0].Forecast
			if f.AtTheEdge = l.edgy; l.gone == 0 {
				f.Exhausted = new(time.Duration)
			}
			got := ""
			exhaustion.look(s)
			for _, f := range pressure.look(s) {
				got += f.Severity.String()
				if strings.Contains(f.Claim, "%!") || f.Severity == SeverityCritical && !strings.Contains(f.Claim, "local ports left") {
					t.Errorf("%s, at %d s: %s", name, l.second, f.Claim)
				}
			}
			if got != l.want {
				t.Errorf("%s, at %d s: %q, want %q", name, l.second, got, l.want)
			}
		}
	}
}

// TestStrainsAreOfOne: what was critical elsewhere is not held against a
// destination, and no more is remembered than there is room for.
func TestStrainsAreOfOne(t *testing.T) {
	s := newSeries()
	full := func(remote string, n int) *world {
		w := newWorld()
		for i := range n {
			w.live(lo, 20000+i, remote, true)
		}
		return w
	}
	if h := s.assess(full(backend, 95)).Headline; h.Severity != SeverityCritical {
		t.Errorf("%+v", h)
	}
	if h := s.assess(full("127.0.0.1:4002", 88)).Headline; h.Severity == SeverityCritical {
		t.Errorf("%+v", h)
	}
	w := newWorld()
	w.frame.Range.High = 20000
	for i := range 2 * maxOutages {
		w.waiting(lo, 20000, fmt.Sprintf("127.1.%d.%d:80", i/250, i%250+1), 100)
	}
	var p strains
	for range 3 {
		if p.frame(&scene{Report: assess(w)}); len(p.of) != maxOutages {
			t.Errorf("%d are remembered", len(p.of))
		}
	}
}
