package diagnosis

import (
	"fmt"
	"math"
)

// standing follows how many sockets a row has in a state for as long as none
// goes away: one that turns over falls at times.
type standing struct {
	first, last int
	since       uint32 // Snapshot.Clock of first
	frames      int
	// The count as it was half a minute ago or more, and less than that ago.
	old, young     int
	oldAt, youngAt uint32 // Snapshot.Clock
}

// minStanding is how many frames show that a count does not fall: two, far
// apart, would not.
const minStanding = 5

// lasted is for how many ms the count has not fallen, 0 where too few frames
// show it.
func (x standing) lasted(clock uint32) uint32 {
	if x.frames < minStanding {
		return 0
	}
	return elapsed(clock, x.since)
}

// paceTime is over which time, in ms, it is told how fast a count grows: at the
// least a third of it, and less than twice as much.
const paceTime = 30_000

// pace is by how many a minute the count grows now. known is false where it was
// not followed for long enough.
func (x standing) pace(clock uint32) (perMinute float64, known bool) {
	span := elapsed(clock, x.oldAt)
	if x.frames < minStanding || span < paceTime/3 {
		return 0, false
	}
	return float64(x.last-x.old) * 60_000 / float64(span), true
}

// growing is how fast the count grows, in words: ", growing by 12/min"; "" where
// that is not known.
func (x standing) growing(clock uint32) string {
	switch pace, known := x.pace(clock); {
	case !known:
		return ""
	case pace < 1:
		return ", not growing"
	default:
		return fmt.Sprintf(", growing by %s/min", Grouped(int(math.Round(pace))))
	}
}

func (x standing) grown() int { return x.last - x.first }

// standings are those of the rows of a series, at most maxStandings.
type standings struct{ before, now map[rowPlace]standing }

const maxStandings = 1 << 10

// frame begins a frame: rows that the frame before did not have are forgotten.
func (x *standings) frame() { x.before, x.now = x.now, nil }

// observe enters a row's count in this frame.
func (x *standings) observe(at rowPlace, n int, clock uint32) standing {
	k, known := x.before[at]
	if !known || n < k.last {
		k = standing{first: n, since: clock, old: n, oldAt: clock, young: n, youngAt: clock}
	}
	if elapsed(clock, k.youngAt) >= paceTime {
		k.old, k.oldAt, k.young, k.youngAt = k.young, k.youngAt, n, clock
	}
	k.last = n
	k.frames++
	if x.now == nil {
		x.now = make(map[rowPlace]standing)
	}
	if len(x.now) < maxStandings {
		x.now[at] = k
	}
	return k
}
