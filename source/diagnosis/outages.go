package diagnosis

import "fmt"

// outages remembers which destinations had no port left, in a series of frames.
type outages struct {
	of    map[place]timeWithout
	clock uint32 // Snapshot.Clock of the last frame
	begun bool   // there was one
}

// timeWithout is a time without a port. Moments are on the clock of the snapshots.
type timeWithout struct {
	since, last uint32
	open        bool // it had begun when the first frame was taken
}

const (
	// maxOutages bounds the memory, at about 70 bytes each.
	maxOutages = 1 << 10
	// breather is how long, in ms, ports may be there in between without an
	// outage being over: the timer wheel gives some back each other second,
	// and they are gone at once.
	breather = 3000
	// shortOutage is up to where, in ms, it is told as one of now.
	shortOutage = 2000
	// outageRemembered is for how long an outage that is over is told of, in ms.
	outageRemembered = 60_000
)

// frame takes in a frame. The destinations with no port left come first in the
// report.
func (o *outages) frame(s *scene) {
	clock := s.Snapshot.Clock
	first := !o.begun
	o.begun = true
	if len(o.of) == 0 && (len(s.Destinations) == 0 || !s.Destinations[0].exhausted()) {
		o.clock = clock
		return
	}
	next := make(map[place]timeWithout)
	for i := range s.Destinations[:min(len(s.Destinations), maxOutages)] {
		d := &s.Destinations[i]
		if !d.exhausted() {
			break
		}
		at := placeOf(&s.Snapshot.Flows[d.Flow])
		now := timeWithout{since: clock, last: clock, open: first}
		if x, known := o.of[at]; known && o.goesOn(&x, clock) {
			now.since, now.open = x.since, x.open
		}
		next[at] = now
	}
	for at, x := range o.of {
		if _, goesOn := next[at]; !goesOn && len(next) < maxOutages && elapsed(clock, x.last) <= outageRemembered {
			next[at] = x
		}
	}
	o.of, o.clock = next, clock
}

// goesOn: no port was there in the frame before either, or only a moment ago.
func (o *outages) goesOn(x *timeWithout, clock uint32) bool {
	gap := elapsed(clock, x.last)
	return gap <= breather || x.last == o.clock && gap <= outageRemembered
}

// lasted is for how many ms the destination has had no port, as far as frames
// tell; 0 where that is next to nothing, or it has some. atLeast: it had begun
// before the first of them.
func (o *outages) lasted(s *scene, d *Destination) (ms uint32, atLeast bool) {
	x, known := o.of[placeOf(&s.Snapshot.Flows[d.Flow])]
	if ms := elapsed(x.last, x.since); known && x.last == s.Snapshot.Clock && ms >= shortOutage {
		return ms, x.open
	}
	return 0, false
}

// over is how many ms ago the destination had no port, 0 where it had some for
// as long as is remembered. A nil one remembers nothing.
func (o *outages) over(s *scene, d *Destination) uint32 {
	if o == nil {
		return 0
	}
	x, known := o.of[placeOf(&s.Snapshot.Flows[d.Flow])]
	if !known {
		return 0
	}
	return elapsed(s.Snapshot.Clock, x.last)
}

// untilAgo is "until 6 s ago".
func untilAgo(ms uint32) string { return fmt.Sprintf("until %s ago", lasting(max(ms, 1000))) }
