package diagnosis

import (
	"fmt"
	"math"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// minute lays rates out as seconds that end now: so many seconds of each.
func minute(parts ...[2]float64) (s seconds) {
	at := SeriesLen
	for i := len(parts) - 1; i >= 0; i-- {
		for range int(parts[i][0]) {
			at--
			s[at] = parts[i][1]
		}
	}
	return s
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		name   string
		s      seconds
		limit  int
		mean   float64
		window int
	}{
		{"nothing", minute(), 60, 0, 0},
		{"a whole minute", minute([2]float64{60, 100}), 60, 100, 60},
		{"as far as is known", minute([2]float64{60, 100}), 9, 100, 8},
		{"begun a moment ago", minute([2]float64{1, 70}), 60, 70, 1},
		{"begun three seconds ago, in the middle of one", minute([2]float64{1, 40}, [2]float64{3, 100}), 60, 100, 3},
		{"begun five seconds ago", minute([2]float64{1, 40}, [2]float64{5, 100}), 60, 100, 5},
		{"a step up", minute([2]float64{40, 100}, [2]float64{5, 900}), 60, 900, 5},
		{"a step down", minute([2]float64{40, 900}, [2]float64{8, 100}), 60, 100, 8},
		{"stopped", minute([2]float64{40, 900}, [2]float64{6, 0}), 60, 0, 5},
		{"one second of each ten", minute([2]float64{10, 0}, [2]float64{1, 50}, [2]float64{9, 0}, [2]float64{1, 50}, [2]float64{9, 0},
			[2]float64{1, 50}, [2]float64{9, 0}, [2]float64{1, 50}, [2]float64{9, 0}, [2]float64{1, 50}, [2]float64{3, 0}), 60, 5, 44},
		{"bursts that became a storm", minute([2]float64{10, 0}, [2]float64{1, 50}, [2]float64{9, 0}, [2]float64{1, 50}, [2]float64{9, 0},
			[2]float64{1, 50}, [2]float64{9, 0}, [2]float64{1, 50}, [2]float64{9, 0}, [2]float64{5, 500}), 60, 500, 5},
		{"bursts that ended", minute([2]float64{1, 50}, [2]float64{4, 0}, [2]float64{1, 50}, [2]float64{4, 0}, [2]float64{1, 50},
			[2]float64{4, 0}, [2]float64{1, 50}, [2]float64{4, 0}, [2]float64{1, 50}, [2]float64{20, 0}), 60, 0, 20},
	} {
		if mean, window := c.s.rate(c.limit); math.Abs(mean-c.mean) > 1e-9 || window != c.window {
			t.Errorf("%s: %.1f/s over %d s, want %.1f/s over %d s", c.name, mean, window, c.mean, c.window)
		}
	}
}

// TestBeforeItStopped: the first look at an outage.
func TestBeforeItStopped(t *testing.T) {
	for _, c := range []struct {
		name string
		s    seconds
		soon float64
		want string
		firm bool
	}{
		{"nobody saw anything", minute(), 0, "unknown", false},
		{"stopped 20 s ago", minute([2]float64{19, 1480}, [2]float64{1, 120}, [2]float64{20, 0}), 0, "≥ 1480.0/s remembered", true},
		{"stopped just now", minute([2]float64{19, 1480}, [2]float64{2, 0}), 0, "≥ 1480.0/s remembered", true},
		{"a burst that took them all", minute([2]float64{1, 9000}, [2]float64{10, 0}), 0, "≥ 9000.0/s remembered", false},
		{"has not stopped yet", minute([2]float64{19, 1480}), 0, "≥ 1480.0/s present", true},
		{"goes on as ports come back", minute([2]float64{20, 300}, [2]float64{2, 410}, [2]float64{20, 300}), 300, "≥ 410.0/s peak", false},
	} {
		d := c.s.beforeItStopped(c.soon)
		if got := toldDemand(d); got != c.want || d != nil && d.firm != c.firm {
			t.Errorf("%s: %s, want %s (firm %v)", c.name, got, c.want, c.firm)
		}
	}
}

// TestDemandOfLongConnections: nothing is closed yet. The first look cannot
// tell; the next ones can, also of a destination that was not there before.
func TestDemandOfLongConnections(t *testing.T) {
	s := newSeries()
	w := newWorld()
	w.frame.Range = source.DefaultPortRange
	port := 32768
	open := func(n int, remote string) {
		for range n {
			w.live(lo, port, remote, true)
			port += 2
		}
	}
	open(400, backend)
	if d := find(t, s.assess(w), "127.0.0.1 → 127.0.0.1:4001"); d.Demand != nil || d.Forecast.Settles != nil || d.Forecast.Exhausted != nil {
		t.Errorf("at first sight %s, %s", toldDemand(d.Demand), told(d.Forecast))
	}
	for range 5 {
		w.frame.Clock += 1000
		open(90, backend)
		open(30, "127.0.0.1:4002")
		r := s.assess(w)
		for name, want := range map[string]float64{"127.0.0.1 → 127.0.0.1:4001": 90, "127.0.0.1 → 127.0.0.1:4002": 30} {
			if d := find(t, r, name); d.Demand == nil || math.Abs(d.Demand.PerSecond-want) > 0.5 {
				t.Errorf("%s: %s, it is %.0f/s", name, toldDemand(d.Demand), want)
			}
		}
	}
}

// TestHiddenOpens: the kernel counted more connect() calls than a dump shows.
func TestHiddenOpens(t *testing.T) {
	for _, c := range []struct {
		opened  uint64
		atLeast bool
	}{{100, false}, {115, false}, {300, true}} {
		s := newSeries()
		w := newWorld()
		w.frame.Range = source.DefaultPortRange
		look := func(opens uint64) *Destination {
			snap := s.snapshot(w)
			snap.Counters.ActiveOpens = &opens
			return only(s.assessor.Assess(snap))
		}
		for i := range 500 {
			w.waiting(lo, 32768+2*i, backend, 10*i)
		}
		look(7000)
		w.frame.Clock += 1000
		w.entries = nil
		for i := range 600 {
			w.waiting(lo, 32768+2*i, backend, 10*i)
		}
		if d := look(7000 + c.opened); d.Demand.AtLeast != c.atLeast || d.Demand.PerSecond != 100 {
			t.Errorf("%d opened, 100 show: %s", c.opened, toldDemand(d.Demand))
		}
	}
}

// TestForecastsAreForThoseThatNeedThem: beyond MaxSeries destinations only
// those that hold some ports.
func TestForecastsAreForThoseThatNeedThem(t *testing.T) {
	w := newWorld()
	w.frame.Range = source.DefaultPortRange
	for i := range MaxSeries + 10 {
		remote := fmt.Sprintf("%v:80", source.AddrFromV4(0x0a000000+uint32(i)).IP())
		w.waiting(lo, 40000, remote, 5000)
	}
	for i := range 1000 {
		w.waiting(lo, 32768+2*i, backend, 10*i)
	}
	r := assess(w)
	for i := range r.Destinations {
		if d := &r.Destinations[i]; (d.Forecast != nil) != (d.Ports.Used > 1) || (d.Demand != nil) != (d.Ports.Used > 1) {
			t.Fatalf("%v with %d ports: %s, %s", d, d.Ports.Used, toldDemand(d.Demand), told(d.Forecast))
		}
	}
}

// TestNoDemandWithoutTimers: text tells no ages.
func TestNoDemandWithoutTimers(t *testing.T) {
	w := newWorld()
	for i := range 50 {
		w.waiting(lo, 20000+2*i, backend, 5000)
		w.entries[i].Timer = source.TimerUnknown
	}
	if d := only(assess(w)); d.Demand != nil || d.Forecast != nil {
		t.Errorf("%s, %s", toldDemand(d.Demand), told(d.Forecast))
	}
}

// TestShortBurstsAreNoNews: three seconds far above the sustainable rate, at
// 9 % of the ports, are no reason for a headline, and leave no forecast behind.
func TestShortBurstsAreNoNews(t *testing.T) {
	t.Parallel()
	k := newSimKernel(28232, 31)
	l := varying(func(t float64) float64 { return burst(t+37, 40, 3, 850) })
	s := newSeries()
	for sec := 1; sec <= 60; sec++ {
		k.run(sec*1000, l, lifetime(5))
		r := s.assess(k.world())
		if r.Headline.Severity != SeverityNone {
			t.Errorf("at %d s: %s", sec, r.Headline.Text)
		}
		d := only(r)
		if d == nil {
			continue
		}
		if sec%40 > 12 && (d.Forecast.Exhausted != nil || len(d.Forecast.WhatIf) > 0) {
			t.Errorf("at %d s: %s, %s", sec, toldDemand(d.Demand), told(d.Forecast))
		}
		if sec == 6 {
			t.Logf("at the end of the burst: %.0f %% used, %s, %s, above for %v", d.Ports.Pressure, toldDemand(d.Demand), told(d.Forecast), d.Forecast.Above)
		}
	}
}

// TestCutShort: a surge that took the last ports within three seconds was not
// seen for long enough; a demand that was the same until the end was.
func TestCutShort(t *testing.T) {
	for _, c := range []struct {
		name string
		s    seconds
		cut  bool
	}{
		{"flat until the end", minute([2]float64{19, 1480}, [2]float64{1, 120}), false},
		{"flat until 20 s ago", minute([2]float64{19, 1480}, [2]float64{1, 120}, [2]float64{20, 0}), false},
		{"by chance a little more", minute([2]float64{57, 16}, [2]float64{3, 24}), false},
		{"a surge in the last second", minute([2]float64{59, 16}, [2]float64{1, 48}), true},
		{"a surge in the last two", minute([2]float64{58, 16}, [2]float64{1, 300}, [2]float64{1, 250}), true},
		{"a surge that ended 20 s ago", minute([2]float64{39, 16}, [2]float64{1, 300}, [2]float64{20, 0}), true},
		{"a surge of four seconds", minute([2]float64{56, 16}, [2]float64{4, 200}), false},
		{"a burst as there were before", minute([2]float64{10, 2}, [2]float64{2, 200}, [2]float64{10, 2}, [2]float64{1, 200}, [2]float64{10, 2}, [2]float64{1, 200}), false},
		{"begun in the last two", minute([2]float64{1, 300}, [2]float64{1, 700}), true},
		{"nothing", minute(), false},
	} {
		if top, cut := c.s.cutShort(measured); cut != c.cut {
			t.Errorf("%s: cut %v at %.0f/s", c.name, cut, top)
		}
	}
}
