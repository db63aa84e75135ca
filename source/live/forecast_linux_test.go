package live_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// forecastPorts is the size of the range: 8 connections a second for ever.
const forecastPorts = 480

// client opens connections to the service at a steady rate, each closed at
// once, looks every second, and goes through its phases.
type client struct {
	*world
	name     string
	listener *netnstest.Sock
	rate     float64
	opened   int
	fails    int
	refused  time.Duration // the first refusal since the start; 0 for none
	last     *diagnosis.Destination
	lookAt   time.Duration
	phases   []phase
	// first and fresh are what was told after firstLook, with and without
	// having watched before.
	first, fresh *diagnosis.Destination
	lookedAt     time.Duration
}

// phase is what is done once its time has come, since the start.
type phase struct {
	due func(now time.Duration) bool
	do  func(now time.Duration)
}

const firstLook = 5 * time.Second

func newClient(t *testing.T, name string, times float64) *client {
	c := &client{world: newWorld(t), name: name, rate: times * forecastPorts / 60, lookAt: time.Second}
	c.setRange(forecastPorts)
	c.listener = c.Listen(service)
	c.report()
	c.phases = []phase{{after(firstLook), func(now time.Duration) {
		c.first, c.fresh, c.lookedAt = c.last, c.atFirstSight(), now
		c.log("after 5 s, watched", c.first)
		c.log("after 5 s, at first sight", c.fresh)
	}}}
	return c
}

func after(d time.Duration) func(time.Duration) bool {
	return func(now time.Duration) bool { return now >= d }
}

// afterRefusal is that long after the first connect() that failed.
func (c *client) afterRefusal(d time.Duration) func(time.Duration) bool {
	return func(now time.Duration) bool { return c.refused > 0 && now >= c.refused+d }
}

// step does what is due; it reports whether the last phase is over.
func (c *client) step(now time.Duration) (done bool) {
	c.t.Helper()
	for ; float64(c.opened) < c.rate*now.Seconds(); c.opened++ {
		c.connect(now)
	}
	if now >= c.lookAt {
		c.lookAt += time.Second
		c.last = find(c.report(), "127.0.0.1", service)
	}
	for len(c.phases) > 0 && c.phases[0].due(now) {
		c.phases[0].do(now)
		c.phases = c.phases[1:]
	}
	return len(c.phases) == 0
}

func (c *client) connect(now time.Duration) {
	c.t.Helper()
	s, err := c.Dial(service)
	switch {
	case errors.Is(err, unix.EADDRNOTAVAIL):
		c.fails++
		if c.refused == 0 {
			c.refused = now
		}
		return
	case err != nil:
		c.t.Fatalf("%s: connect %s: %v", c.name, service, err)
	}
	p := netnstest.Pair{Client: s, Server: c.listener.Accept()}
	s.WaitEstablished()
	p.TimeWait()
}

// atFirstSight is what somebody sees who looks for the first time.
func (c *client) atFirstSight() *diagnosis.Destination {
	c.t.Helper()
	var a diagnosis.Assessor
	return find(a.Assess(c.snapshot()), "127.0.0.1", service)
}

func (c *client) log(when string, d *diagnosis.Destination) {
	c.t.Helper()
	if d == nil || d.Demand == nil || d.Forecast == nil {
		c.t.Fatalf("%s, %s: no demand or forecast: %+v", c.name, when, d)
	}
	f := d.Forecast
	c.t.Logf("%s, %s: %d used, %d free; wanted %.1f/s (%s, at least: %v); exhausted in %v, settles at %v, at the edge: %v",
		c.name, when, d.Ports.Used, d.Ports.Free, d.Demand.PerSecond, d.Demand.Basis, d.Demand.AtLeast,
		deref(f.Exhausted), deref(f.Settles), f.AtTheEdge)
	for _, w := range f.WhatIf {
		c.t.Logf("   %s: exhausted in %v, settles at %v, enough: %v", w.Text, deref(w.Exhausted), deref(w.Settles), deref(w.Enough))
	}
}

func deref[T any](p *T) any {
	if p == nil {
		return "-"
	}
	return *p
}

// TestForecast holds what is told after five seconds, and in the outage, of
// steady demands against what then happens. The clients take turns in one
// loop, each in a namespace of its own: it takes 80 s whatever runs beside it.
func TestForecast(t *testing.T) {
	t.Parallel()
	clients := []*client{
		newClient(t, "1.15 times the sustainable", 1.15).runsOut(""),
		newClient(t, "1.5 times", 1.5).runsOut(diagnosis.ChangeRange),
		newClient(t, "2.5 times", 2.5).runsOut(diagnosis.ChangeReuse),
		newClient(t, "0.8 times", 0.8).levels(),
	}
	start := time.Now()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for busy := true; busy; <-tick.C {
		busy = false
		for _, c := range clients {
			busy = !c.step(time.Since(start)) || busy
		}
		if time.Since(start) > 100*time.Second {
			t.Fatal("somebody is not done after 100 s: no connect() failed")
		}
	}
}

// runsOut wants connect() to fail when it was told to, and that the change
// ends it, as is told in the outage.
func (c *client) runsOut(change diagnosis.Change) *client {
	c.phases = append(c.phases, phase{c.afterRefusal(0), func(time.Duration) { c.holdMoment() }})
	if change != "" {
		c.phases = append(c.phases,
			phase{c.afterRefusal(11 * time.Second), func(time.Duration) { c.holdOutage(); c.change(change) }},
			phase{c.afterRefusal(19 * time.Second), func(time.Duration) { c.holdCure(change) }})
	}
	return c
}

func (c *client) holdMoment() {
	c.t.Helper()
	c.t.Logf("%s: connect() failed after %.1f s", c.name, c.refused.Seconds())
	for what, d := range map[string]*diagnosis.Destination{"watched": c.first, "at first sight": c.fresh} {
		left := (c.refused - c.lookedAt).Seconds()
		if e := d.Forecast.Exhausted; e == nil || math.Abs(e.Seconds()-left) > max(2, left/10) {
			c.t.Errorf("%s, %s: %v was told, it took %.1f s", c.name, what, deref(e), left)
		}
	}
}

// holdOutage looks when nothing was closed for ten seconds, both ways.
func (c *client) holdOutage() {
	c.t.Helper()
	for when, d := range map[string]*diagnosis.Destination{"in the outage, watched": c.last, "in the outage, at first sight": c.atFirstSight()} {
		c.log(when, d)
		if v := d.Demand.PerSecond; v < c.rate*0.9 || v > c.rate*1.1 || !d.Demand.AtLeast || d.Demand.Basis != diagnosis.BasisRemembered {
			c.t.Errorf("%s, %s: wanted %.1f/s (%s), it is %.1f/s", c.name, when, v, d.Demand.Basis, c.rate)
		}
		if e := d.Forecast.Exhausted; e == nil || *e != 0 {
			c.t.Errorf("%s, %s: exhausted in %v, want 0", c.name, when, deref(e))
		}
		for _, w := range d.Forecast.WhatIf {
			if w.Enough == nil || !*w.Enough {
				c.t.Errorf("%s, %s: %s is not told to be enough", c.name, when, w.Text)
			}
		}
	}
}

func (c *client) change(to diagnosis.Change) {
	c.t.Helper()
	if to == diagnosis.ChangeReuse {
		c.setMode(1)
	} else {
		c.SetRange(10240, 65535)
	}
	c.fails = 0
}

func (c *client) holdCure(change diagnosis.Change) {
	c.t.Helper()
	c.log("after the change of "+string(change), c.last)
	if c.fails > 0 || c.last.Forecast.Exhausted != nil {
		c.t.Errorf("%s, after the change of %s: %d connect() failed, exhausted in %v is told",
			c.name, change, c.fails, deref(c.last.Forecast.Exhausted))
	}
}

// levels wants as many ports in use in the end as was told.
func (c *client) levels() *client {
	sum, looks := 0, 0
	for sec := 69; sec <= 80; sec++ {
		c.phases = append(c.phases, phase{after(time.Duration(sec) * time.Second), func(time.Duration) {
			sum, looks = sum+c.last.Ports.Used, looks+1
		}})
	}
	c.phases = append(c.phases, phase{after(80 * time.Second), func(time.Duration) {
		level := float64(sum) / float64(looks)
		c.log("after 80 s", c.last)
		c.t.Logf("%s: %.0f ports in use in the mean", c.name, level)
		if c.refused > 0 {
			c.t.Errorf("%s: connect() failed after %v", c.name, c.refused)
		}
		for when, d := range map[string]*diagnosis.Destination{"watched": c.first, "at first sight": c.fresh, "after 80 s": c.last} {
			if n := d.Forecast.Settles; n == nil || math.Abs(float64(*n)-level) > level/20 {
				c.t.Errorf("%s, %s: %v ports were told, they are %.0f", c.name, when, deref(n), level)
			}
		}
	}})
	return c
}
