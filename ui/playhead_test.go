package ui

import (
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// at is a recording whose frames were taken so many ms after its beginning.
func at(ms ...int) *reel {
	r := &reel{over: true}
	for _, n := range ms {
		r.snaps = append(r.snaps, &source.Snapshot{Taken: time.UnixMilli(1e12).Add(time.Duration(n) * time.Millisecond)})
	}
	return r
}

func TestPlayhead(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, c := range map[string]struct {
		tape  *reel
		head  playhead
		frame int
		stays time.Duration
		none  bool
	}{
		"as it happened":         {at(0, 1000, 2000), playhead{at: 0, speed: 1}, 1, ms(1000), false},
		"faster":                 {at(0, 1000, 2000), playhead{at: 0, speed: 8}, 1, ms(125), false},
		"slower":                 {at(0, 1000, 2000), playhead{at: 1, speed: 0.5}, 2, ms(2000), false},
		"the end":                {at(0, 1000, 2000), playhead{at: 2, speed: 1}, 0, 0, true},
		"before the first":       {at(), playhead{at: -1, speed: 1}, 0, 0, true},
		"passes over":            {at(0, 10, 20, 30, 40, 50, 60), playhead{at: 0, speed: 1}, 4, ms(40), false},
		"passes to the last":     {at(0, 10, 20), playhead{at: 0, speed: 8}, 2, ms(40), false},
		"a hole":                 {at(0, 3_600_000), playhead{at: 0, speed: 1}, 1, ms(10_000), false},
		"the clock was set back": {at(5000, 1000, 2000), playhead{at: 0, speed: 1}, 2, ms(1000), false},
		"as fast as it goes":     {at(0, 1000, 2000, 3000, 4000, 5000), playhead{at: 0, speed: MaxSpeed, cost: ms(10)}, 4, 0, false},
		"no cost":                {at(0, 1000, 2000), playhead{at: 0, speed: MaxSpeed}, 2, 0, false},
		"dear":                   {at(0, 1000, 2000), playhead{at: 0, speed: MaxSpeed, cost: time.Second}, 1, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			frame, stays, ok := c.head.next(c.tape)
			if frame != c.frame || stays != c.stays || ok == c.none {
				t.Errorf("frame %d after %v, %v", frame, stays, ok)
			}
		})
	}
}

func TestSpeeds(t *testing.T) {
	h := playhead{speed: 3}
	for _, want := range []string{"4×", "8×", "max", "max"} {
		h.faster()
		if got := speedWords(h.speed); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, want := range []string{"8×", "4×", "2×", "1×", "1×"} {
		h.slower()
		if got := speedWords(h.speed); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
