package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// outage lets a demand run into a range until nothing was closed for quiet
// seconds.
func outage(k *simKernel, l load, life func() int, quiet int) {
	for k.refused < 0 {
		k.run(k.now+1000, l, life)
	}
	k.run(k.now+1000*quiet, l, life)
}

func shown(b *bool) string {
	switch {
	case b == nil:
		return "not known"
	case *b:
		return "enough"
	}
	return "not enough"
}

// TestOutage looks when nothing was closed for ten seconds: once, and from the
// begin. Each change is then made, and what happens is held against what was
// told of it.
func TestOutage(t *testing.T) {
	skipShort(t)
	t.Parallel()
	const size = 4000
	for _, times := range []float64{1.3, 2, 3.2, 8} {
		for _, watched := range []bool{false, true} {
			rate := float64(size) / 60 * times
			l, life := steady(rate), lifetime(5)
			k := newSimKernel(size, 17)
			s := newSeries()
			if watched {
				for k.refused < 0 {
					k.run(k.now+1000, l, life)
					s.assess(k.world())
				}
			}
			outage(k, l, life, 10)
			if watched {
				s.assess(k.world())
			}
			d := only(s.assess(k.world()))
			t.Logf("%.1f× = %.1f/s, watched %v: %s, %s", times, rate, watched, toldDemand(d.Demand), told(d.Forecast))
			if x := d.Demand; x == nil || x.PerSecond < rate*0.93 || x.PerSecond > rate*1.07 || x.Basis != BasisRemembered || !x.AtLeast {
				t.Errorf("demand %s, it was %.1f/s", toldDemand(x), rate)
			}
			if d.Ports.Free == 0 && (d.Forecast.Exhausted == nil || *d.Forecast.Exhausted != 0) {
				t.Errorf("exhausted %v with nothing free", d.Forecast.Exhausted)
			}
			holdWhatIfs(t, k, d, steady(rate), life)
		}
	}
}

// holdWhatIfs makes each change in a copy of the kernel.
func holdWhatIfs(t *testing.T, k *simKernel, d *Destination, l load, life func() int) {
	t.Helper()
	for i := range d.Forecast.WhatIf {
		w := &d.Forecast.WhatIf[i]
		if w.Change == ChangeKeepalive {
			if w.Enough == nil || !*w.Enough {
				t.Errorf("keepalive %s", shown(w.Enough))
			}
			continue
		}
		after := k.copy()
		if w.Change != ChangeRange {
			after.reuse = true
		}
		if w.Change != ChangeReuse {
			after.widen(int(widerRange.Low), int(widerRange.High))
		}
		refused, level := after.wouldBe(l, life)
		t.Logf("   %-9s bears %8.1f/s, %-26s %-10s happened: %s", w.Change, *w.Sustainable,
			told(&Forecast{Outlook: w.Outlook}), shown(w.Enough), happened(refused, level))
		if w.Enough == nil && !w.AtTheEdge || w.Enough != nil && *w.Enough != (refused < 0) {
			t.Errorf("%s told %s, happened %s", w.Text, shown(w.Enough), happened(refused, level))
		}
		if !fits(&Forecast{Outlook: w.Outlook}, refused, level) {
			t.Errorf("%s told %s, happened %s", w.Text, told(&Forecast{Outlook: w.Outlook}), happened(refused, level))
		}
	}
}

// TestWhatIfBeforeTheOutage is the same when there is still time.
func TestWhatIfBeforeTheOutage(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, c := range []struct {
		size  int
		times float64
	}{{4000, 1.3}, {4000, 3}, {28232, 1.8}, {28232, 3.2}} {
		rate := float64(c.size) / 60 * c.times
		l, life := steady(rate), lifetime(5)
		k := newSimKernel(c.size, 19)
		d := watch(k, l, life, 1, int(40/c.times))
		t.Logf("%d ports, %.1f×: %s, %s, %d used", c.size, c.times, toldDemand(d.Demand), told(d.Forecast), d.Ports.Used)
		holdWhatIfs(t, k, d, steady(rate), life)
	}
}

// TestOutageGoesOn: the demand is not forgotten in the second wave, nor when
// connections are opened only as fast as ports come back; and it is when the
// programs want less.
func TestOutageGoesOn(t *testing.T) {
	skipShort(t)
	t.Parallel()
	const size = 2000
	rate := float64(size) / 60 * 3
	k := newSimKernel(size, 23)
	s := newSeries()
	end := 0.0
	l := varying(func(t float64) float64 {
		if end > 0 && t > end {
			return 5
		}
		return rate
	})
	for sec := 1; sec <= 300; sec++ {
		k.run(sec*1000, l, lifetime(5))
		d := only(s.assess(k.world()))
		if sec%20 == 0 {
			t.Logf("at %3d s: %4d free, %4d closed, %s, %s", sec, d.Ports.Free, zeroIfNil(d.ClosesLast), toldDemand(d.Demand), told(d.Forecast))
		}
		if sec >= 5 && (d.Demand == nil || d.Demand.PerSecond < rate*0.9 || d.Demand.PerSecond > rate*1.35) {
			t.Errorf("at %d s: %s, it is %.1f/s", sec, toldDemand(d.Demand), rate)
		}
	}
	end = 300
	for sec := 301; sec <= 400; sec++ {
		k.run(sec*1000, l, lifetime(5))
		d := only(s.assess(k.world()))
		if sec%20 == 0 || sec == 400 {
			t.Logf("at %3d s: %4d free, %4d closed, %s, %s", sec, d.Ports.Free, zeroIfNil(d.ClosesLast), toldDemand(d.Demand), told(d.Forecast))
		}
		if sec == 400 && (d.Demand.PerSecond > 6 || d.Demand.AtLeast || d.Forecast.Settles == nil) {
			t.Errorf("at %d s: still %s", sec, toldDemand(d.Demand))
		}
	}
}

// TestReusePlateau: with reuse at work nothing is predicted to run out, the
// demand is what it is, and nothing is advised.
func TestReusePlateau(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, rate := range []float64{40, 200, 600, 1500} {
		const size = 4000
		k := newSimKernel(size, 29)
		k.reuse = true
		l, life := steady(rate), lifetime(5)
		s := newSeries()
		for sec := 1; sec <= 90; sec++ {
			k.run(sec*1000, l, life)
			r := s.assess(k.world())
			d := only(r)
			if r.Headline.Severity != SeverityNone {
				t.Fatalf("%.0f/s at %d s: %s", rate, sec, r.Headline.Text)
			}
			if sec < 5 {
				continue
			}
			if d.Demand == nil || d.Demand.PerSecond < rate*0.97 || d.Demand.PerSecond > rate*1.03 {
				t.Errorf("%.0f/s at %d s: told %s", rate, sec, toldDemand(d.Demand))
			}
			if d.Forecast.Exhausted != nil || d.Forecast.Settles == nil {
				t.Errorf("%.0f/s at %d s: told %s", rate, sec, told(d.Forecast))
			}
			if sec == 90 {
				fresh := only(assess(k.world()))
				_, level := k.copy().wouldBe(steady(rate), life)
				t.Logf("%.0f/s: %s, %s; at first sight %s, %s; happened: settles at %.0f", rate, toldDemand(d.Demand), told(d.Forecast),
					toldDemand(fresh.Demand), told(fresh.Forecast), level)
				if !fits(fresh.Forecast, -1, level) {
					t.Errorf("%.0f/s: told %s, it is %.0f", rate, told(fresh.Forecast), level)
				}
			}
		}
	}
}

// TestDemandIsUnknown: all ports are held by connections that nobody saw being
// opened. That is no demand of 0.
func TestDemandIsUnknown(t *testing.T) {
	w := newWorld()
	for i := range 100 {
		w.conn(lo, 20000+i, backend, source.StateEstablished)
	}
	d := only(assess(w))
	if d.Demand != nil || d.Forecast.Exhausted == nil || *d.Forecast.Exhausted != 0 {
		t.Errorf("demand %s, forecast %s", toldDemand(d.Demand), told(d.Forecast))
	}
	for _, x := range d.Forecast.WhatIf {
		if x.Enough != nil {
			t.Errorf("%s is %s, and nobody knows the demand", x.Text, shown(x.Enough))
		}
	}
}
