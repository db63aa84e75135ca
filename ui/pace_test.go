package ui

import (
	"strings"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestPaceKeepsTheIntervalWhileItIsCheap(t *testing.T) {
	p := newPace(time.Second)
	p.note(4 * ms)
	if p.every != time.Second || p.stretched() {
		t.Errorf("every %v", p.every)
	}
	if got := everyWords(&p); got != "every 1 s" {
		t.Errorf("%q", got)
	}
}

// A dump of 0.2 s may be taken every 4 s: 5 % of one core.
func TestPaceStretches(t *testing.T) {
	p := newPace(time.Second)
	p.note(200 * ms)
	if p.every != 4*time.Second || !p.stretched() {
		t.Errorf("every %v", p.every)
	}
	if got := everyWords(&p); got != "every 4 s (stretched: a frame costs 0.2 s)" {
		t.Errorf("%q", got)
	}
	if p.share() > maxShare {
		t.Errorf("costs %v of a core", p.share())
	}
}

// Whatever the costs are, twtop stays below its share, does not flicker while
// they waver, and comes back to the interval asked for when they are gone.
func TestPaceOverTime(t *testing.T) {
	p := newPace(time.Second)
	changes := 0
	for i := range 200 {
		before := p.every
		p.note(200*ms + time.Duration(i%7)*8*ms)
		if p.share() > maxShare+1e-9 {
			t.Fatalf("step %d: costs %v of a core", i, p.share())
		}
		if p.every != before {
			changes++
		}
	}
	if changes > 4 {
		t.Errorf("the interval changed %d times", changes)
	}
	for range 60 {
		p.note(2 * ms)
	}
	if p.every != time.Second {
		t.Errorf("every %v after the costs had gone", p.every)
	}
}

func TestPaceWaits(t *testing.T) {
	p := newPace(time.Second)
	p.begin(meter{at: time.Unix(100, 0)})
	for late, want := range map[time.Duration]time.Duration{0: time.Second, 300 * ms: 700 * ms, 2 * time.Second: 0} {
		if got := p.wait(time.Unix(100, 0).Add(late)); got != want {
			t.Errorf("%v after the start it waits %v, want %v", late, got, want)
		}
	}
}

func TestIntervalsBetweenTheSteps(t *testing.T) {
	if got := longer(1500 * ms); got != 2*time.Second {
		t.Errorf("longer(1.5 s) = %v", got)
	}
	if got := shorter(1500 * ms); got != time.Second {
		t.Errorf("shorter(1.5 s) = %v", got)
	}
	if got := longer(time.Hour); got != time.Hour {
		t.Errorf("longer(1 h) = %v", got)
	}
}

// The header tells a stretched interval, and the screen waits that long.
func TestScreenStretches(t *testing.T) {
	p := scenario("healthy")
	p.cost = 200 * ms
	d := newDriver(t, testOptions(p), 120, 40)
	d.wantText("every 4 s (stretched: a frame costs 0.2 s)")
	if got := d.waits[0]; got < 2*time.Second || got > 4*time.Second {
		t.Errorf("the next read is in %v", got)
	}
	if !strings.Contains(d.text(), "costs 5.0 %") {
		t.Errorf("the header does not tell the cost:\n%s", d.text()[:120])
	}
}

// What goes on between the frames comes off their share, but not more than half
// of it: a longer interval would not make it cheaper.
func TestPaceLeavesRoomForTheRest(t *testing.T) {
	for rest, want := range map[float64]time.Duration{0: 2 * time.Second, 0.01: 2500 * ms, 0.02: 3500 * ms, 0.025: 4 * time.Second, 0.9: 4 * time.Second} {
		p := newPace(time.Second)
		p.usage.rest = rest
		p.note(100 * ms)
		if p.every != want {
			t.Errorf("with %v of a core for the rest: every %v, want %v", rest, p.every, want)
		}
		if rest <= maxShare/2 && p.share() > maxShare+1e-9 {
			t.Errorf("with %v of a core for the rest: costs %v", rest, p.share())
		}
	}
}

// The header tells all that the process costs, not only the frames.
func TestHeaderTellsTheWholeCost(t *testing.T) {
	p := scenario("healthy")
	d := newDriver(t, testOptions(p), 120, 40)
	for range 30 {
		p.spent += 12 * ms
		d.next()
	}
	d.wantText("costs 1.6 % of a core")
}
