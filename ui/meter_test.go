package ui

import (
	"math"
	"testing"
	"time"
)

// A frame costs what the process used while it was made, and everything in
// between is told apart from it.
func TestUsage(t *testing.T) {
	var u usage
	at := time.Unix(100, 0)
	for i := range 40 {
		start := at.Add(time.Duration(i) * time.Second)
		cpu := time.Duration(i) * 50 * ms // 30 ms a frame, 20 ms in between
		u.begin(meter{start, cpu, true})
		if got := u.land(meter{start.Add(40 * ms), cpu + 30*ms, true}, 7*ms); got != 30*ms {
			t.Fatalf("frame %d costs %v", i, got)
		}
	}
	if math.Abs(u.rest-0.02) > 1e-4 {
		t.Errorf("the rest is %v of a core, want 0.02", u.rest)
	}
}

// Where the system does not tell, the source's figure stands.
func TestUsageNotTold(t *testing.T) {
	for _, known := range [][2]bool{{false, false}, {true, false}, {false, true}} {
		var u usage
		u.begin(meter{time.Unix(100, 0), 5 * ms, known[0]})
		if got := u.land(meter{time.Unix(101, 0), 9 * ms, known[1]}, 7*ms); got != 7*ms || u.rest != 0 {
			t.Errorf("%v: %v and %v of a core", known, got, u.rest)
		}
	}
}

// A clock that stands still or goes back makes no infinite share.
func TestUsageWithoutTime(t *testing.T) {
	var u usage
	for i := range 5 {
		u.begin(meter{time.Unix(100-int64(i), 0), time.Duration(i) * 10 * ms, true})
		u.land(meter{time.Unix(100-int64(i), 0), time.Duration(i)*10*ms + ms, true}, 0)
	}
	if u.rest != 0 {
		t.Errorf("%v of a core", u.rest)
	}
}
