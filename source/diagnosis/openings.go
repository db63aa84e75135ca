package diagnosis

import "math"

// openings holds what shows of connections opened here, to every destination
// together, against the kernel's own count of them (Tcp ActiveOpens), which is
// exact. Connections that the peer closed first leave nothing in a dump.
type openings struct {
	live   int     // now
	closed float64 // since the frame before
}

func (o *openings) count(closes *Series, live int, span uint32) {
	o.live += live
	left := float64(span) / 1000
	for i := SeriesLen - 1; i >= 0 && left > 0; i-- {
		o.closed += float64(closes[i]) * min(1, left)
		left--
	}
}

// hidden is how many more were opened per second since the frame before than
// show, 0 where no counter tells.
func (o *openings) hidden(before, now *lastFrame) float64 {
	if before == nil || before.counters.ActiveOpens == nil || now.counters.ActiveOpens == nil || *now.counters.ActiveOpens < *before.counters.ActiveOpens {
		return 0
	}
	span := float64(elapsed(now.clock, before.clock)) / 1000
	if span <= 0 {
		return 0
	}
	opened := float64(*now.counters.ActiveOpens - *before.counters.ActiveOpens)
	shown := o.closed + float64(o.live-before.live)
	if chance := 3*math.Sqrt(opened) + 2; opened-shown <= chance {
		return 0
	}
	return (opened - shown) / span
}

// hiddenShare is the part of a demand that must be hidden for the demand to be
// called a lower bound.
const hiddenShare = 0.1

// lowerBounds marks the demands that may be higher than what shows of them.
func (a *assessment) lowerBounds(hidden float64) {
	if hidden == 0 {
		return
	}
	for i := range a.report.Destinations {
		if d := a.report.Destinations[i].Demand; d != nil && hidden > hiddenShare*d.PerSecond {
			d.AtLeast = true
		}
	}
}
