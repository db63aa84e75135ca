package diagnosis

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// thisHost is the subject of what is about no row.
const thisHost = "this host"

// ofHost is a warning that is about no row, and that the kernel's own figures
// show.
func ofHost(id ID, claim string) Finding {
	return Finding{
		ID: id, Severity: SeverityWarning, Confidence: Certain,
		Subject: thisHost, Destination: -1, Service: -1, Claim: claim,
	}
}

// The parts of a limit: from where on it is called near, and below which it is
// not any more, so that nothing flickers.
const (
	NearLimit = 0.90
	offLimit  = 0.85
)

// nearness remembers whether a limit was near in the frame before.
type nearness struct{ near bool }

// observe reports whether n is near its limit, which is not 0.
func (x *nearness) observe(n, limit uint64) bool {
	part := float64(n) / float64(limit)
	x.near = part >= NearLimit || x.near && part >= offLimit
	return x.near
}

// outOf is "250,000 of 262,144".
func outOf(n, limit uint64) string { return amount(n) + " of " + amount(limit) }

// percentOf is n in percent of a limit, rounded down.
func percentOf(n, limit uint64) int { return int(100 * (float64(n) / float64(limit))) }

// amount is a figure of the kernel's in words.
func amount(n uint64) string { return Grouped(int(min(n, math.MaxInt))) }

// megabytes is so many things of so many bytes each in words.
func megabytes(n, each uint64) string { return amount(max(n*each>>20, 1)) + " MB" }

// roundUp is the lowest power of two that is at least n, so that what is
// advised does not change with each frame.
func roundUp(n uint64) uint64 {
	if n <= 1 {
		return 1
	}
	return 1 << bits.Len64(n-1)
}

// raise is the remedy that sets a limit to the next power of two above twice
// what is wanted, but to no more than most. ok is false where it is that high.
func (s *scene) raise(key string, wanted, limit, most uint64) (r Remedy, value uint64, ok bool) {
	value = min(roundUp(2*min(wanted, most)), most)
	if now := sysctlInt(s.Snapshot, key); value <= limit || now != nil && *now >= 0 && value <= uint64(*now) {
		return Remedy{}, 0, false
	}
	return s.set(key, strconv.FormatUint(value, 10)), value, true
}

// growth follows a counter of which each step is trouble, over the last minute.
type growth struct{ steps []step }

// step is by how much it grew between two frames.
type step struct {
	from, to uint32 // their Snapshot.Clocks
	n        uint64
}

// observe takes in by how much the counter grew since the frame before, and
// forgets what is a minute ago.
func (g *growth) observe(s *scene, n uint64) {
	const most = 1 << 10
	clock := s.Snapshot.Clock
	for len(g.steps) > 0 && (elapsed(clock, g.steps[0].to) > timeWaitMS || len(g.steps) == most) {
		g.steps = g.steps[1:]
	}
	if n > 0 {
		g.steps = append(g.steps, step{clock - uint32(s.Elapsed.Milliseconds()), clock, n})
	}
}

// lately is by how much it grew, and within how many ms; 0 if not at all.
func (g *growth) lately() (n uint64, within uint32) {
	if len(g.steps) == 0 {
		return 0, 0
	}
	for _, st := range g.steps {
		n += st.n
	}
	return n, max(elapsed(g.steps[len(g.steps)-1].to, g.steps[0].from), 1)
}

// ended is how many ms ago it grew last, 0 where it goes on.
func (g *growth) ended(clock uint32) uint32 {
	const pause = 2000
	ago := elapsed(clock, g.steps[len(g.steps)-1].to)
	if ago <= pause {
		return 0
	}
	return ago
}

// lasted reports whether its pace is known: it was seen for ten seconds, or to
// the end.
func (g *growth) lasted(clock uint32) bool {
	const whileAgo = 10_000
	_, within := g.lately()
	return within >= whileAgo || g.ended(clock) > 0
}

// inAMinute is what a whole minute brings if it goes on, or has brought where
// it ended.
func (g *growth) inAMinute(clock uint32) uint64 {
	n, within := g.lately()
	if g.ended(clock) > 0 {
		return n
	}
	return max(n, uint64(math.Ceil(float64(n)*timeWaitMS/float64(within))))
}

// when is "in 2 s, 100/s", and when it ended.
func (g *growth) when(clock uint32) string {
	n, within := g.lately()
	s := fmt.Sprintf("in %d s, %s", max(1, (within+500)/1000), perSecond(float64(n)*1000/float64(within)))
	if ago := g.ended(clock); ago > 0 {
		s += fmt.Sprintf(", the last %d s ago", ago/1000)
	}
	return s
}
