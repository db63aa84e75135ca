package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// slowConnectRule tells slow-connect: every port that connect() tries first is
// taken, so that each call scans that whole half of the range before it gets to
// the other one (__inet_hash_connect, net/ipv4/inet_hashtables.c).
//
// The timer wheel gives ports back every second or two, in batches, and for a
// moment some of that half are free. It is not said to be over for that.
type slowConnectRule struct {
	last map[place]uint32 // Snapshot.Clock of when it was slow
	in   source.PortRange // then: another one has other halves
}

// It goes on being slow for stillSlow ms, while so many percent of the ports
// are taken: half of them, but for a few.
const (
	stillSlow  = 8000
	nearlyHalf = 45
)

func (c *slowConnectRule) look(s *scene) []Finding {
	return c.slow(s).findings(s.Report, func(d *Destination) Finding {
		f := Finding{
			ID: SlowConnect, Severity: SeverityWarning, Confidence: Certain,
			Claim:    slowWords(d),
			Evidence: slowEvidence(s, d),
			Remedies: s.remediesFor(d, s.fastConnect(d)),
		}
		if d.Ports.Reusable == nil {
			f.Confidence = Likely
		}
		return f
	})
}

// slow are the destinations that are slow, or were a moment ago. The latter are
// among those with the highest pressure, which come first.
func (c *slowConnectRule) slow(s *scene) *subjects {
	var out subjects
	now := s.shortages().slow
	if c.in != s.Ports.Range {
		c.last, c.in = nil, s.Ports.Range
	}
	last := make(map[place]uint32)
	i, known := 0, now.n
	for ; i < len(s.Destinations) && s.Destinations[i].Ports.Pressure >= nearlyHalf; i++ {
		d := &s.Destinations[i]
		at := placeOf(&s.Snapshot.Flows[d.Flow])
		then, before := c.last[at]
		switch {
		case d.exhausted(): // that is worse, and told already
			last[at] = s.Snapshot.Clock
			continue
		case d.Ports.SlowConnect:
			then, known = s.Snapshot.Clock, known-1
		case !before || elapsed(s.Snapshot.Clock, then) > stillSlow:
			continue
		}
		out.add(i)
		if len(last) < maxPlaces {
			last[at] = then
		}
	}
	for _, j := range now.at[:min(now.n, maxSubjects)] {
		if j >= i {
			out.add(j)
			known--
		}
	}
	c.last, out.n = last, out.n+known
	return &out
}

func slowWords(d *Destination) string {
	if d.Ports.Pressure > highPressure {
		return fmt.Sprintf("%v has %s of %s ports left; connect() is slow, it searches the taken half first",
			d, Grouped(d.Ports.left()), Grouped(d.Ports.Capacity))
	}
	return fmt.Sprintf("%v: connect() is slow, it searches the half of the local ports that is taken first", d)
}

// slowEvidence says first how long there will be ports at all.
func slowEvidence(s *scene, d *Destination) []string {
	out := portEvidence(d)
	if b := balance(d); b != "" {
		out[0] = fmt.Sprintf("%s: %s.", b, fate(d))
	}
	return append(out, slowCost(s))
}

// slowCost is what a search costs, as measured on Linux 6.18 with the default
// range of 28,232 ports: 1,000 µs instead of 7 in the median.
func slowCost(s *scene) string {
	return fmt.Sprintf("connect() takes %s ports first, and all of those are taken; with 28,232 ports a search costs about 1 ms of CPU instead of 0.01 ms.",
		parityWord(s.Ports.Range.Low))
}

// parityWord names the ports of a port's parity.
func parityWord(port uint16) string {
	if port&1 == 0 {
		return "even"
	}
	return "odd"
}
