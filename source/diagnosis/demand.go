package diagnosis

import "math"

// Basis says what a Demand was read off.
type Basis string

// The bases.
const (
	// BasisPresent: opens are the closes plus the growth of live connections.
	BasisPresent Basis = "present"
	// BasisPeak: the busiest second of the last minute, where connections are
	// opened only as fast as ports come back.
	BasisPeak Basis = "peak"
	// BasisRemembered: what was wanted before the ports ran out.
	BasisRemembered Basis = "remembered"
)

// Demand is how many connections a second the programs want to a destination,
// which is not what they get: where no port is left nothing opens, and soon
// nothing closes.
type Demand struct {
	PerSecond float64
	Basis     Basis
	AtLeast   bool // it can only be a lower bound

	// firm: it was measured while there were ports to be had, so that the
	// next minute may be judged by it, lower bound or not.
	firm bool
	// cut: more was wanted in the last seconds than before, and the ports ran
	// out before it showed how much.
	cut bool
	// growth is that of the live connections per second, over the same time;
	// the others of PerSecond are opened for each that is closed. closes is
	// how many were closed per second lately.
	growth, closes float64
}

// seconds are connections opened in each of the last 60 s, oldest first, as
// far as they show.
type seconds [SeriesLen]float64

// minWindow is the shortest time, in seconds, that a rate is taken over while
// connections have been opened for longer.
const minWindow = 5

// windows are how far back a rate may reach, as long as it was the same.
var windows = [...]int{8, 13, 20, 30, 45, 60}

// rate is the mean of the last seconds: five, and as many more, up to limit,
// as do not differ by more than chance. Where it began less than five seconds
// ago, those since; the first of them is not a whole one. It returns the
// seconds it was taken over, 0 where there is nothing.
func (s *seconds) rate(limit int) (mean float64, window int) {
	active := s.active()
	switch {
	case active == 0 || limit <= 0:
		return 0, 0
	case active <= minWindow:
		w := min(max(active-1, 1), limit)
		return s.mean(0, w), w
	}
	if mean, ok := s.bursts(limit); ok {
		return mean, min(limit, active)
	}
	w := min(minWindow, limit)
	mean = s.mean(0, w)
	for _, next := range windows {
		if next > limit || next >= active && active < SeriesLen {
			break
		}
		older := s.mean(w, next)
		chance := 2.5*math.Sqrt(max(mean+older, 0)/2*(1/float64(w)+1/float64(next-w))) + 0.03*mean
		if math.Abs(older-mean) > chance {
			break
		}
		mean, w = s.mean(0, next), next
	}
	return mean, w
}

// active is how many seconds ago the first connection of the minute was opened.
func (s *seconds) active() int {
	for i, n := range s {
		if n > 0 {
			return SeriesLen - i
		}
	}
	return 0
}

// mean is that of the seconds of age from up to, and without, to.
func (s *seconds) mean(from, to int) float64 {
	sum := 0.0
	for _, n := range s[SeriesLen-to : SeriesLen-from] {
		sum += n
	}
	return sum / float64(to-from)
}

func (s *seconds) peak() (most float64) {
	for _, n := range s {
		most = max(most, n)
	}
	return most
}

// without returns the seconds as they were some seconds ago.
func (s *seconds) without(last int) (out seconds) {
	copy(out[last:], s[:SeriesLen-last])
	return out
}

// quiet is the number of last seconds in which next to nothing was opened.
func (s *seconds) quiet() (n int) {
	few := s.peak() / 20
	for n < SeriesLen && s[SeriesLen-1-n] <= few {
		n++
	}
	return n
}

// above is for how many seconds more was opened than bound, each taken with
// its neighbours. skip seconds are counted whatever was opened in them.
func (s *seconds) above(bound float64, skip int) (n int) {
	for n = skip; n < SeriesLen; n++ {
		from, to := max(n-1, 0), min(n+2, SeriesLen)
		if s.mean(from, to) <= bound {
			break
		}
	}
	return n
}

// measured is for how many seconds a rate must have been seen to be known: the
// first and the last of them are no whole ones.
const measured = 3

// cutShort reports whether connections were opened at a rate in the last
// seconds, up to the moment that the ports ran out, that the minute knows too
// little of: any more may have been wanted. It returns the most in a second of
// them. lately is how many seconds they are.
func (s *seconds) cutShort(lately int) (top float64, cut bool) {
	then := s.without(min(s.quiet(), SeriesLen-1))
	lately = min(lately, SeriesLen-1)
	for _, n := range then[SeriesLen-lately:] {
		top = max(top, n)
	}
	seen := 0
	for _, n := range then {
		if n > top/1.5 {
			seen++
		}
	}
	before := 0.0
	if active := then.active(); active > lately {
		before = then.mean(lately, active)
	}
	return top, seen < measured && top > max(1.5*before, before+2.5*math.Sqrt(before)+2)
}

// beforeItStopped is what the minute up to now tells of the demand, at the
// first sight of a destination that has no port left. soon is how many ports
// come back per second: who opens that many may want more.
func (s *seconds) beforeItStopped(soon float64) *Demand {
	peak := s.peak()
	if peak == 0 {
		return nil
	}
	if q := s.quiet(); q >= 2 {
		then := s.without(min(q+1, SeriesLen-1)) // the last second of it is not a whole one
		if mean, w := then.rate(SeriesLen - q - 1); mean > 0 {
			return &Demand{PerSecond: mean, Basis: BasisRemembered, AtLeast: true, firm: w >= 3}
		}
		return &Demand{PerSecond: peak, Basis: BasisRemembered, AtLeast: true}
	}
	mean, w := s.rate(SeriesLen)
	if soon < mean/2 && w >= 3 {
		return &Demand{PerSecond: mean, Basis: BasisPresent, AtLeast: true, firm: true}
	}
	return &Demand{PerSecond: peak, Basis: BasisPeak, AtLeast: true}
}
