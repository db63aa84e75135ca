package diagnosis

import (
	"math"

	"github.com/359a26c5/twtop/source"
)

// aim is what a remedy is judged by. It returns a what-if with Enough, AtTheEdge
// and Note as they are for that.
type aim func(WhatIf) WhatIf

// enoughPorts is the aim that a what-if comes with.
func enoughPorts(w WhatIf) WhatIf { return w }

// judged is the destination with its what-ifs judged by an aim.
func (d *Destination) judged(a aim) *Destination {
	if d.Forecast == nil || d.Forecast.WhatIf == nil {
		return d
	}
	c, f := *d, *d.Forecast
	f.WhatIf = make([]WhatIf, len(f.WhatIf))
	for i := range f.WhatIf {
		f.WhatIf[i] = a(d.Forecast.WhatIf[i])
	}
	c.Forecast = &f
	return &c
}

// fastConnect is the aim that connect() finds a port at once again: one of the
// preferred half, which is free or a TIME_WAIT that it may reuse
// (__inet_hash_connect, net/ipv4/inet_hashtables.c).
func (s *scene) fastConnect(d *Destination) aim {
	var blocked source.PortSet
	blockers(s.Snapshot, &blocked)
	now, wide := newPortSpace(s.Snapshot, &blocked).preferred, 0
	if p := wider(s.Snapshot, &blocked); p != nil {
		wide = p.preferred
	}
	delay := math.Max(float64(reuseRuleOf(s.Snapshot).delay), 1) / 1000
	return func(w WhatIf) WhatIf {
		preferred := now
		if w.Change == ChangeRange || w.Change == ChangeBoth {
			preferred = wide
		}
		taken, known := d.takenUnder(&w, delay)
		w.judgeSpeed(taken, known, float64(preferred))
		return w
	}
}

// takenUnder is how many ports of the preferred half connect() finds taken in
// the end under a change, if all are of that half; a delay of reuse is in
// seconds. Where more may be wanted than was seen it is reckoned with that.
func (d *Destination) takenUnder(w *WhatIf, delay float64) (taken float64, known bool) {
	if d.Demand == nil {
		return 0, false
	}
	rate, live := d.Demand.PerSecond, 0.0
	switch {
	case w.Change != ChangeKeepalive && (w.Change != ChangeRange || d.reuses()):
		if w.Sustainable == nil {
			return 0, false
		}
		live = float64(w.Capacity) - *w.Sustainable*delay
		taken = live + rate*delay
	case w.Settles != nil:
		taken = float64(*w.Settles)
	case w.Exhausted != nil:
		taken = float64(w.Capacity)
	default:
		return 0, false
	}
	if d.Demand.AtLeast && !d.Demand.firm {
		taken = live + (taken-live)*margin
	}
	return taken, true
}

// judgeSpeed judges a change by how many ports of the preferred half are taken
// under it. A change that does not save the ports does not save the half of
// them either.
func (w *WhatIf) judgeSpeed(taken float64, known bool, preferred float64) {
	short := w.Enough != nil && !*w.Enough
	w.Enough, w.AtTheEdge = nil, false
	var fast bool
	switch {
	case short:
	case !known:
		return
	case math.Abs(taken-preferred) < edge*preferred:
		w.AtTheEdge = true
		return
	default:
		fast = taken < preferred
	}
	w.Enough = &fast
	if w.Note != "" {
		return
	}
	if w.Note = "connect() finds a port at once"; !fast {
		w.Note = "connect() stays slow"
	}
}
