package diagnosis

import (
	"math"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// foresight is what the forecasts of one frame have in common.
type foresight struct {
	blocked  *source.PortSet
	wide     *portSpace // R under the wider range, nil where there is none
	widened  bool       // wide was worked out
	tracked  int        // destinations with a forecast
	all      bool       // every destination is to have one
	allSince bool       // and so it was in the frame before
	opened   openings

	demands   slab[Demand]
	forecasts slab[Forecast]
}

// worthwhile is the part of its ports, in percent, from which a destination is
// foreseen on a host with more than MaxSeries of them.
const worthwhile = 1

// foresee gives the destination that was just counted its demand and forecast.
func (a *assessment) foresee(d *Destination, f *source.Flow, m *memory, e *epoch, bindFirst int) {
	t := a.tally
	live := int(d.States.Total()) - int(d.States[source.StateTimeWait])
	a.opened.count(&t.closes, live, elapsed(a.snap.Clock, a.before))
	wanted := a.all || d.Ports.Used*100 >= worthwhile*d.Ports.Capacity && a.tracked < MaxSeries
	if t.untimed || !wanted {
		return
	}
	a.tracked++
	rule := a.reuse
	now := a.supplyOf(t, a.space, rule, f, e, bindFirst)
	if now.reuse == unknown && d.Ports.Reusable == nil && d.Ports.SlowConnect {
		now.reuse = no // somebody had to go to the other half
	}
	now.ripe = zeroIfNil(d.Ports.Reusable)
	w := a.wishOf(f, m)
	demand := a.demand(w, t, &now, live)
	if demand != nil {
		d.Demand = a.demands.put(*demand)
	}
	forecast := Forecast{Outlook: now.outlook(demand)}
	if demand != nil && forecast.Sustainable != nil && demand.PerSecond > *forecast.Sustainable {
		above := a.lately.above(*forecast.Sustainable, w.throttled(&a.lately))
		forecast.Above = time.Duration(above) * time.Second
	}
	if needsHelp(d, &forecast, demand) {
		forecast.WhatIf = a.whatIf(d, f, e, &now, demand, bindFirst)
	}
	d.Forecast = a.forecasts.put(forecast)
}

// wishOf returns what is remembered of the destination's demand. One that was
// not there in the frame before, where all were followed, had no connection then.
func (a *assessment) wishOf(f *source.Flow, m *memory) *wish {
	if m == nil {
		m = a.memory.places.begin(f, a.snap.Clock)
	}
	if m.wish == nil {
		m.wish = new(wish)
		if a.allSince && a.before != a.snap.Clock && m != &a.memory.places.spare {
			m.wish.add(sample{clock: a.before})
		}
	}
	return m.wish
}

// demand brings w up to date and reads the demand off it.
func (a *assessment) demand(w *wish, t *tally, s *supply, live int) *Demand {
	clock := a.snap.Clock
	recycled := s.reuse == yes
	complete := SeriesLen
	if recycled {
		complete = s.complete(&t.closes)
	}
	now := sample{clock: clock, live: int32(live), closes: w.closedSince(&t.closes, clock, complete)}
	var known, grown, clear int
	a.lately, known, grown, clear = w.seconds(&t.closes, now, complete)
	few := max(a.space.leftOut(), s.capacity/500)
	w.runOut(s.left() <= few)
	if w.limited && !w.untaken(&a.lately) { // what comes back may be gone before the next look
		few = max(few, min(int(w.wanted.PerSecond), s.capacity/10))
	}
	w.limit(s.left() <= few, clock)
	d := w.demand(&a.lately, known, grown, clear, now, s.soon())
	w.add(now)
	if d != nil && (recycled && s.delay < 1 || s.most <= int(t.states[source.StateTimeWait])) {
		d.AtLeast = true // some are reused before they were counted, or none is made
	}
	return d
}

// complete is for how many of the last seconds next to all TIME_WAITs are left,
// where they are reused: for the reuse delay, and until so many were opened
// that one in forty found a port that was in TIME_WAIT.
func (s *supply) complete(closes *Series) int {
	n, sum := 0, 0
	for n < SeriesLen {
		sum += int(closes[SeriesLen-1-n])
		if sum > s.preferred/20 {
			break
		}
		n++
	}
	return max(n, int(s.delay), 1)
}

// soon is how many ports come back per second, over the next five.
func (s *supply) soon() float64 {
	const seconds = 5
	sum := 0
	for _, n := range s.back[:seconds] {
		sum += int(n)
	}
	return float64(sum) / seconds
}

// throttled is for how many of the last seconds connections were opened only
// as fast as ports came back.
func (w *wish) throttled(s *seconds) int {
	if !w.limited {
		return 0
	}
	return s.quiet()
}

// needsHelp reports whether there is reason to ask what would help.
func needsHelp(d *Destination, f *Forecast, demand *Demand) bool {
	return d.Ports.Pressure >= WarningPressure || f.Exhausted != nil || f.AtTheEdge ||
		demand != nil && f.Sustainable != nil && demand.PerSecond >= *f.Sustainable*(1-edge) && demand.PerSecond > 0
}

// supplyOf describes a destination's ports in p, as t counted them.
func (a *assessment) supplyOf(t *tally, p *portSpace, rule reuseRule, f *source.Flow, e *epoch, bindFirst int) supply {
	s := supply{
		capacity: p.totals.Capacity, preferred: p.preferred, used: t.used(),
		live:  t.used() - t.waiting[preferred] - t.waiting[other],
		reuse: both(rule.reaches(f), a.timestampsOf(e)), delay: math.Max(float64(rule.delay), 1) / 1000,
	}
	s.most = a.roomForTimeWaits(t)
	for half := range t.back {
		for sec, n := range t.back[half] {
			s.back[min(sec, SeriesLen-1)] += n
		}
		if half == other && bindFirst > 0 {
			s.bound = t.waiting[half]
			continue
		}
		for era, n := range t.ripe[half] {
			if both(rule.reaches(f), e.verdict[era]) == yes {
				s.ripe += n
			}
		}
	}
	if s.reuse == yes && bindFirst*10 > s.used {
		s.reuse = unknown // who binds first is not served
	}
	return s
}

// roomForTimeWaits is how many TIME_WAITs the destination can have, with those
// that others have in the namespace.
func (a *assessment) roomForTimeWaits(t *tally) int {
	limit := sysctlInt(a.snap, sysctl.MaxTWBuckets)
	if limit == nil || *limit < 0 {
		return forEver / 2
	}
	own := int(t.states[source.StateTimeWait])
	return max(*limit-int(a.snap.States[source.StateTimeWait])+own, own)
}

// timestampsOf says whether the connections to come have timestamps.
func (a *assessment) timestampsOf(e *epoch) verdict {
	if sysctlVerdict(a.snap) == no {
		return no
	}
	return e.verdict[eraNow]
}

// whatIf is the outlook under each change.
func (a *assessment) whatIf(d *Destination, f *source.Flow, e *epoch, now *supply, demand *Demand, bindFirst int) []WhatIf {
	rule := a.reuse
	rule.mode = 1
	c := changes{now: *now, reused: a.supplyOf(a.tally, a.space, rule, f, e, bindFirst)}
	switch {
	case bindFirst*10 > now.used:
		c.note = "it does not serve clients that bind their port before connect(), as some of these seem to"
	case a.timestampsOf(e) == no:
		c.note = "it does nothing for connections without TCP timestamps, as these are"
	case a.timestampsOf(e) == unknown:
		c.note = "it needs TCP timestamps, and whether these connections have them is not known"
	}
	if p := a.widerSpace(); p != nil {
		t := a.tally
		if int(d.States.Total()) > now.used { // some are outside the range now
			socks := a.snap.SocketsOf(d.Flow)
			t = &a.memory.wideTally
			t.count(&counting{space: p, snap: a.snap, delay: a.delay, eraAge: a.eraAge}, socks)
			defer t.reset(socks)
		}
		c.in = p.totals.Range
		c.wide = a.supplyOf(t, p, a.reuse, f, e, bindFirst)
		c.wide.reuse = now.reuse
		c.wideReused = a.supplyOf(t, p, rule, f, e, bindFirst)
	}
	return c.all(demand)
}

func (a *assessment) widerSpace() *portSpace {
	if !a.widened {
		a.wide, a.widened = wider(a.snap, a.blocked), true
	}
	return a.wide
}
