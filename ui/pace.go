package ui

import "time"

// maxShare is the part of one core that twtop may cost a struggling host.
const maxShare = 0.05

// pace decides when the next snapshot is taken: at the interval asked for, or
// later where a snapshot is so dear that it would cost more than maxShare.
type pace struct {
	asked time.Duration
	every time.Duration // in force
	cost  time.Duration // CPU time of one frame, smoothed
	usage usage
}

func newPace(asked time.Duration) pace { return pace{asked: asked, every: asked} }

// begin takes the start of a read.
func (p *pace) begin(now meter) { p.usage.begin(now) }

// land takes the end of a read, and what the source says that it cost.
func (p *pace) land(now meter, told time.Duration) { p.note(p.usage.land(now, told)) }

// note takes the CPU time that a frame has cost. A rise counts at once, a fall
// by and by.
func (p *pace) note(cost time.Duration) {
	p.cost = max(cost, (3*p.cost+cost)/4)
	p.settle()
}

// ask changes the interval asked for.
func (p *pace) ask(interval time.Duration) {
	p.asked = interval
	p.settle()
}

// settle works the interval out. A stretched one goes by half seconds, and stays
// as it is while it is not much too long, so that the header does not flicker.
func (p *pace) settle() {
	const step = 500 * time.Millisecond
	// Waiting longer does not make the rest cheaper: half of the share is
	// for frames whatever it costs, so that a key held down delays none for long.
	need := time.Duration(float64(p.cost) / max(maxShare-p.usage.rest, maxShare/2))
	switch {
	case need <= p.asked:
		p.every = p.asked
	case p.every >= need && p.every > p.asked && p.every <= need+need/4+step:
	default:
		p.every = (need + step - 1) / step * step
	}
}

func (p *pace) stretched() bool { return p.every > p.asked }

// wait is how long it is from now to the next read.
func (p *pace) wait(now time.Time) time.Duration {
	return max(p.usage.begun.at.Add(p.every).Sub(now), 0)
}

// share is the part of one core that twtop costs.
func (p *pace) share() float64 { return p.cost.Seconds()/p.every.Seconds() + p.usage.rest }

// intervals are the steps of + and −.
var intervals = [...]time.Duration{
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2 * time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
}

// longer and shorter are the next steps from an interval.
func longer(d time.Duration) time.Duration {
	for _, i := range intervals {
		if i > d {
			return i
		}
	}
	return d
}

func shorter(d time.Duration) time.Duration {
	for i := len(intervals) - 1; i >= 0; i-- {
		if intervals[i] < d {
			return intervals[i]
		}
	}
	return d
}
