package diagnosis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

func whatIfOf(t *testing.T, d *Destination, c Change) *WhatIf {
	t.Helper()
	for i := range d.Forecast.WhatIf {
		if d.Forecast.WhatIf[i].Change == c {
			return &d.Forecast.WhatIf[i]
		}
	}
	t.Fatalf("no what-if of %s in %+v", c, d.Forecast.WhatIf)
	return nil
}

// storm is 45 of 100 ports closed in the last 9 s: 5/s, where 1.7/s are borne.
func storm(local, remote string) *world {
	w := newWorld()
	for i := range 45 {
		w.waiting(local, 20000+2*i, remote, 200*i)
	}
	return w
}

// TestWiderRange: what is blocked or reserved there does not count, what is in
// use there already does, and the range never gets narrower.
func TestWiderRange(t *testing.T) {
	w := storm(lo, backend)
	w.listen("0.0.0.0:11000")
	w.bound("0.0.0.0:12000")
	w.frame.Reserved.AddRange(source.PortRange{Low: 13000, High: 13009})
	for i := range 600 {
		w.live(lo, 14000+i, backend, true) // outside the range as it is now
	}
	d := only(assess(w))
	x := whatIfOf(t, d, ChangeRange)
	const capacity = 65535 - 10240 + 1 - 12
	if x.Capacity != capacity || math.Abs(*x.Sustainable-(capacity-600)/60.0) > 1e-9 || !strings.HasSuffix(x.Text, "=10240 65535") {
		t.Errorf("%s: capacity %d, bears %.2f/s; want %d, %.2f/s", x.Text, x.Capacity, *x.Sustainable, capacity, (capacity-600)/60.0)
	}
	if now := *d.Forecast.Sustainable; math.Abs(now-100/60.0) > 1e-9 {
		t.Errorf("now it bears %.2f/s", now)
	}
	for _, c := range []struct{ now, want source.PortRange }{
		{source.PortRange{Low: 1024, High: 60999}, source.PortRange{Low: 1024, High: 65535}},
		{source.PortRange{Low: 20000, High: 65535}, source.PortRange{Low: 10240, High: 65535}},
		{source.PortRange{Low: 1024, High: 65535}, source.PortRange{}},
		{source.PortRange{Low: 10240, High: 65535}, source.PortRange{}},
	} {
		got := source.PortRange{}
		if p := wider(&source.Snapshot{Range: c.now}, new(source.PortSet)); p != nil {
			got = p.totals.Range
		}
		if got != c.want {
			t.Errorf("%v gets %v, want %v", c.now, got, c.want)
		}
	}
}

// TestWhatIfReuse: it needs timestamps, and nothing is promised without.
func TestWhatIfReuse(t *testing.T) {
	for _, c := range []struct {
		name   string
		make   func() *world
		enough string
		note   string
	}{
		{"loopback", func() *world { return storm(lo, backend) }, "enough", ""},
		{"loopback without timestamps", func() *world {
			w := storm(lo, backend)
			w.sysctls = set("tcp_timestamps", "0")
			return w
		}, "not enough", "nothing for connections without TCP timestamps"},
		{"away, nobody knows", func() *world { return storm("10.0.0.1", away) }, "not known", "not known"},
		{"away, a live connection tells", func() *world {
			w := storm("10.0.0.1", away)
			w.live("10.0.0.1", 20098, away, true)
			return w
		}, "enough", ""},
		{"away, a live connection tells otherwise", func() *world {
			w := storm("10.0.0.1", away)
			w.live("10.0.0.1", 20098, away, false)
			return w
		}, "not enough", "nothing for connections without TCP timestamps"},
	} {
		d := only(assess(c.make()))
		x := whatIfOf(t, d, ChangeReuse)
		if shown(x.Enough) != c.enough || !strings.Contains(x.Note, c.note) || c.note == "" && x.Note != "" {
			t.Errorf("%s: %s, %q, want %s, %q", c.name, shown(x.Enough), x.Note, c.enough, c.note)
		}
		if c.enough == "not known" && (x.Sustainable != nil || x.Exhausted != nil || x.Settles != nil) {
			t.Errorf("%s: %s", c.name, told(&Forecast{Outlook: x.Outlook}))
		}
	}
}

// TestWhatIfOfLiveConnections: where live connections hold the ports, no
// reuse and no keepalive gives one back.
func TestWhatIfOfLiveConnections(t *testing.T) {
	w := newWorld()
	for i := range 96 {
		w.live(lo, 20000+i, backend, true)
	}
	for i := range 4 {
		w.waiting(lo, 20096+i, backend, 5000+100*i)
	}
	s := newSeries()
	d := only(s.assess(w))
	if x := whatIfOf(t, d, ChangeKeepalive); x.Enough != nil || !x.AtTheEdge {
		t.Errorf("keepalive is %s with 96 of 100 ports held by live connections", shown(x.Enough))
	}
	w = newWorld()
	for i := range 100 {
		w.live(lo, 20000+i, backend, true)
	}
	w.frame.Clock += 1000
	d = only(s.assess(w))
	if x := whatIfOf(t, d, ChangeReuse); x.Enough != nil && *x.Enough || x.Sustainable == nil || *x.Sustainable != 0 {
		t.Errorf("reuse is %s with 100 of 100 ports held by live connections", shown(x.Enough))
	}
}

// TestTimeWaitsAreCapped: where tcp_max_tw_buckets leaves room for fewer
// TIME_WAITs than there are ports, they never take the last one.
func TestTimeWaitsAreCapped(t *testing.T) {
	for _, c := range []struct{ limit, told, enough string }{
		{"99", "settles at 99", "enough"}, {"100", "in 11.0 s", "not enough"}, {"46", "settles at 46", "enough"},
	} {
		w := storm(lo, backend)
		w.sysctls["net.ipv4.tcp_max_tw_buckets"] = c.limit
		w.sysctls["net.ipv4.tcp_timestamps"] = "0"
		d := only(assess(w))
		if got := told(d.Forecast); got != c.told {
			t.Errorf("limit %s: %s, want %s", c.limit, got, c.told)
		}
		if x := whatIfOf(t, d, ChangeReuse); shown(x.Enough) != c.enough {
			t.Errorf("limit %s: %s, want %s", c.limit, shown(x.Enough), c.enough)
		}
	}
}

// TestForecastOfAnything: whatever a dump holds, figures are finite and agree
// with each other.
func TestForecastOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	modes := []string{"0", "1", "2", "-1"}
	for range 300 {
		s := newSeries()
		w := newWorld()
		w.frame.Range = source.PortRange{Low: uint16(20000 + rng.IntN(3)), High: uint16(20001 + rng.IntN(120))}
		w.sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": modes[rng.IntN(4)], "net.ipv4.tcp_timestamps": modes[rng.IntN(2)]}
		if rng.IntN(3) == 0 {
			w.sysctls["net.ipv4.tcp_tw_reuse_delay"] = []string{"0", "1", "60000", "5000"}[rng.IntN(4)]
		}
		if rng.IntN(4) == 0 {
			w.sysctls["net.ipv4.tcp_max_tw_buckets"] = []string{"0", "50", "-3"}[rng.IntN(3)]
		}
		for range 1 + rng.IntN(5) {
			w.frame.Clock += uint32(rng.IntN(4000))
			w.entries = nil
			anyConnections(w, rng)
			r := s.assess(w)
			for i := range r.Destinations {
				holdSense(t, &r.Destinations[i])
			}
		}
	}
}

func anyConnections(w *world, rng *rand.Rand) {
	oldest := 1 + rng.IntN(61_000)
	waiting, live := rng.IntN(150), rng.IntN(100)
	for i := range waiting {
		w.waiting([]string{lo, "10.0.0.1"}[i%2], 19990+rng.IntN(140), []string{backend, away}[i%2], rng.IntN(oldest))
	}
	for i := range live {
		w.live([]string{lo, "10.0.0.1"}[i%2], 19990+rng.IntN(140), []string{backend, away}[i%2], rng.IntN(2) == 0)
	}
}

func holdSense(t *testing.T, d *Destination) {
	t.Helper()
	f := d.Forecast
	if f == nil {
		t.Fatalf("%v: no forecast", d)
	}
	if x := d.Demand; x != nil && (x.PerSecond < 0 || math.IsNaN(x.PerSecond) || math.IsInf(x.PerSecond, 0)) {
		t.Errorf("%v: wanted %v", d, x.PerSecond)
	}
	if d.Ports.Free == 0 && d.Ports.Reusable != nil && *d.Ports.Reusable == 0 && (f.Exhausted == nil || *f.Exhausted != 0) {
		t.Errorf("%v: nothing free, told %s", d, told(f))
	}
	all := []Outlook{f.Outlook}
	for _, x := range f.WhatIf {
		all = append(all, x.Outlook)
		if x.Enough != nil && d.Demand == nil {
			t.Errorf("%v: %s is %s, and the demand is unknown", d, x.Text, shown(x.Enough))
		}
		if x.Enough != nil && *x.Enough && (x.Exhausted != nil || x.AtTheEdge) {
			t.Errorf("%v: %s is enough, and told %s", d, x.Text, told(&Forecast{Outlook: x.Outlook}))
		}
	}
	for _, o := range all {
		if o.Sustainable != nil && (*o.Sustainable < 0 || math.IsNaN(*o.Sustainable) || math.IsInf(*o.Sustainable, 0)) ||
			o.Exhausted != nil && (*o.Exhausted < 0 || o.Settles != nil) || o.Settles != nil && *o.Settles < 0 {
			t.Errorf("%v: %+v", d, o)
		}
	}
}

// TestWiderRangeIsThePlans: the what-if has the ports that the plan would leave
// to connect(), without the NodePorts where a kubelet listens.
func TestWiderRangeIsThePlans(t *testing.T) {
	for name, c := range map[string]struct {
		listen string
		want   int
	}{
		"nobody listens": {"", 55_296},
		"a service does": {"0.0.0.0:12000", 55_295},
		"a kubelet does": {"[::]:10250", 55_296 - 1 - 2768},
	} {
		w := newWorld()
		w.frame.Range = source.DefaultPortRange
		if c.listen != "" {
			w.listen(c.listen)
		}
		for i := range 10_000 {
			w.waiting(lo, 32768+2*i, backend, i)
		}
		x := only(assess(w)).whatIf(ChangeRange)
		if x == nil || x.Capacity != c.want || !strings.HasSuffix(x.Text, "=10240 65535") {
			t.Errorf("%s: %+v, want %d ports", name, x, c.want)
		}
	}
}

// TestNothingIsPromisedOfASurgeCutShort: 3,000/s take the last ports within a
// second, after a minute at less than the ports bear. What was seen of it is a
// lower bound that says nothing of what would be enough; 40/s, which take the
// ports at leisure, say it.
func TestNothingIsPromisedOfASurgeCutShort(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, c := range []struct {
		before, then float64
		enough       string
	}{
		{5, 3000, "not known"}, {10, 3000, "not known"}, {16.2, 3000, "not known"}, {16.6, 3000, "not known"},
		{40, 40, "enough"}, {10, 40, "enough"},
	} {
		k := newSimKernel(1000, 5)
		s := newSeries()
		l := varying(func(t float64) float64 {
			if t < 70.4 {
				return c.before
			}
			return c.then
		})
		for sec := 1; sec <= 130; sec++ {
			k.run(sec*1000, l, lifetime(5))
			d := only(s.assess(k.world()))
			if d.Forecast.Exhausted == nil || *d.Forecast.Exhausted > 0 || c.then > 1000 && sec < 71 {
				continue
			}
			for _, change := range []Change{ChangeReuse, ChangeRange, ChangeBoth} {
				if x := whatIfOf(t, d, change); shown(x.Enough) != c.enough || (c.enough == "not known") != (x.Note != "") {
					t.Fatalf("%.1f/s, then %.0f/s, at %d s: %s, and %s is %s (%s), want %s", c.before, c.then, sec,
						toldDemand(d.Demand), change, shown(x.Enough), x.Note, c.enough)
				}
			}
		}
	}
}
