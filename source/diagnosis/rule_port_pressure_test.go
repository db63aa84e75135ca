package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// portFindings are a report's findings: "severity id", worst first.
func portFindings(r *Report) (out []string) {
	for i := range r.Findings {
		out = append(out, fmt.Sprintf("%v %s", r.Findings[i].Severity, r.Findings[i].ID))
	}
	return out
}

// finding returns the first finding with an id.
func finding(t *testing.T, r *Report, id ID) *Finding {
	t.Helper()
	for i := range r.Findings {
		if r.Findings[i].ID == id {
			return &r.Findings[i]
		}
	}
	t.Fatalf("no %s in %q", id, portFindings(r))
	return nil
}

// handmade is a scene with one destination that holds so many of 1,000 ports and
// has a forecast, made by hand so that each figure can be at its edge.
func handmade(used int, exhausted, above time.Duration) *scene {
	f := &Forecast{Above: above}
	if exhausted > 0 {
		f.Exhausted = &exhausted
	}
	return &scene{Report: &Report{
		Snapshot: &source.Snapshot{Flows: make([]source.Flow, 1), Range: source.PortRange{Low: 20000, High: 20999}},
		Ports:    PortTotals{Capacity: 1000, Range: source.PortRange{Low: 20000, High: 20999}},
		Destinations: []Destination{{
			Ports:  PortUse{Capacity: 1000, Used: used, Free: 1000 - used, FreeExact: true, Reusable: new(int), Pressure: float64(used) / 10},
			Demand: &Demand{PerSecond: 20}, Forecast: f,
		}},
	}}
}

func TestPortPressureEdges(t *testing.T) {
	const never, s = 0, time.Second
	for _, c := range []struct {
		used             int
		exhausted, above time.Duration
		want             string
	}{
		{899, never, 0, ""},
		{900, never, 0, "critical"},
		{999, never, 0, "critical"},
		{1000, never, 0, ""}, // that is exhaustion
		{249, 59 * s, 0, ""},
		{250, 59 * s, 0, "warning"},
		{250, 60 * s, 0, "warning"},
		{250, 61 * s, 0, ""},
		{899, 61 * s, 60 * s, ""},
		{899, 59 * s, 0, "warning"},
		{90, 59 * s, 9 * s, ""},
		{90, 59 * s, 10 * s, "warning"},
		{90, 61 * s, 10 * s, ""},
		{90, never, 10 * s, ""},
		{900, 61 * s, 0, "critical"},
	} {
		got := ""
		for _, f := range new(portPressureRule).look(handmade(c.used, c.exhausted, c.above)) {
			got += f.Severity.String()
			if f.ID != PortPressure || f.Destination != 0 || f.Service != -1 || len(f.Evidence) == 0 || len(f.Remedies) == 0 {
				t.Errorf("%+v", f)
			}
		}
		if got != c.want {
			t.Errorf("%d of 1,000 ports, gone in %v, too much for %v: %q, want %q", c.used, c.exhausted, c.above, got, c.want)
		}
	}
}

func TestPortPressureWords(t *testing.T) {
	edgy := handmade(400, 30*time.Second, 0)
	edgy.Destinations[0].Forecast.AtTheEdge = true
	settled := handmade(950, 0, 0)
	settled.Destinations[0].Forecast.Settles = new(int)
	*settled.Destinations[0].Forecast.Settles = 960
	returning := handmade(950, 39*time.Second, 0)
	returning.Destinations[0].NextRelease = new(time.Duration)
	unknown := handmade(950, 0, 0)
	unknown.Destinations[0].Demand, unknown.Destinations[0].Ports.Reusable = nil, nil
	for _, c := range []struct {
		s          *scene
		confidence Confidence
		want       string
	}{
		{handmade(400, 1500*time.Millisecond, 0), Likely, "runs out of local ports in about 2 s at this rate"},
		{edgy, Possible, "may run out of local ports in about 30 s: about as many are wanted as they allow"},
		{handmade(950, 400*time.Second, 0), Certain, "has 50 of 1,000 local ports left, and runs out of them in about 7 min at this rate"},
		{returning, Certain, "has 50 of 1,000 local ports left, and with those that come back runs out in about 39 s"},
		{settled, Certain, "has 50 of 1,000 local ports left, and comes to about 960 in use at this rate"},
		{unknown, Likely, "has 50 of 1,000 local ports left, and how many more are wanted is not known"},
	} {
		f := new(portPressureRule).look(c.s)[0]
		if !strings.HasSuffix(f.Claim, c.want) || f.Confidence != c.confidence {
			t.Errorf("%s: %s, want %s: %s", f.Confidence, f.Claim, c.confidence, c.want)
		}
	}
}

// TestManyDestinations: the worst five are told of, and how many others there are.
func TestManyDestinations(t *testing.T) {
	for _, n := range []int{1, 5, 6, 9} {
		w := newWorld()
		for i := range n {
			for p := range 90 + i { // the last one is the worst
				w.live(lo, 20000+p, fmt.Sprintf("127.0.0.1:%d", 4000+i), true)
			}
		}
		r := assess(w)
		var got []Finding
		for _, f := range r.Findings {
			if f.ID == PortPressure {
				got = append(got, f)
			}
		}
		if len(got) != min(n, 5) {
			t.Fatalf("%d destinations: %d findings", n, len(got))
		}
		for i := range got {
			if got[i].Destination != i || got[i].Subject != r.Destinations[i].String() {
				t.Errorf("finding %d is about %s, destination %d", i, got[i].Subject, got[i].Destination)
			}
			last := got[i].Evidence[len(got[i].Evidence)-1]
			want := ""
			if i == 0 && n > 5 {
				want = "and " + Plural(n-5, "more destination")
			}
			if strings.HasPrefix(last, "and ") != (want != "") || want != "" && last != want {
				t.Errorf("finding %d of %d ends with %q, want %q", i, n, last, want)
			}
		}
	}
}

// TestPortRulesAreSilent: what is busy, or looks bad, and is not.
func TestPortRulesAreSilent(t *testing.T) {
	for name, fill := range map[string]func(w *world){
		"nothing": func(*world) {},
		"a hundred destinations, thousands of TIME_WAITs": func(w *world) {
			for i := range 100 {
				for j := range 60 {
					w.waiting(lo, 32768+2*(60*i+j), fmt.Sprintf("127.0.0.%d:80", i+1), 1000*j)
				}
			}
		},
		"inbound TIME_WAITs": func(w *world) {
			w.listen("0.0.0.0:80")
			for i := range 20000 {
				w.waiting("10.0.0.1", 80, fmt.Sprintf("10.1.0.9:%d", 40000+i), 5000)
			}
		},
		"reuse at its plateau": func(w *world) {
			w.sysctls = set("tcp_tw_reuse", "1")
			for i := range 14116 {
				w.waiting(lo, 32768+2*i, backend, 9_400*i/14116)
			}
		},
		"a burst of 3 s at 9 %": func(w *world) {
			for i := range 2550 {
				w.waiting(lo, 32768+2*i, backend, i*3000/2550)
			}
		},
		"a proxy with keep-alive": func(w *world) {
			for i := range 2000 {
				w.live(lo, 32768+2*i, backend, true)
			}
			for i := range 60 {
				w.waiting(lo, 40000+2*i, backend, 1000*i)
			}
		},
	} {
		if r := assess(headlineWorld(fill)); len(r.Findings) > 0 || r.Headline.Severity != SeverityNone || r.Headline.Action != "" || r.Needs() != nil {
			t.Errorf("%s: %q, %+v, needs %v", name, portFindings(r), r.Headline, r.Needs())
		}
	}
}

// TestOneFindingEach: exhaustion is not told of a second time as pressure or as
// a slow connect(); pressure and slowness are two things.
func TestOneFindingEach(t *testing.T) {
	for n, want := range map[int][]string{
		49:  nil,
		60:  {"warning slow-connect"},
		92:  {"critical port-pressure", "warning slow-connect"},
		100: {"critical port-exhaustion"},
	} {
		w := newWorld()
		for i := range n { // as connect() does: first the even ones
			w.live(lo, 20000+2*i%100+i/50, backend, true)
		}
		if got := portFindings(assess(w)); !slices.Equal(got, want) {
			t.Errorf("%d of 100 ports: %q, want %q", n, got, want)
		}
	}
}
