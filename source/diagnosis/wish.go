package diagnosis

import "math"

// wish is what is remembered of one destination's demand, 216 bytes.
type wish struct {
	samples [maxSamples]sample // oldest first
	n       int

	// limited: no port was left at limitedAt, and since then there were not
	// enough frames with some to see what is wanted.
	limited   bool
	once      bool   // limitedAt holds something
	out       bool   // this frame saw no port left
	ranOut    bool   // and the one before saw one, or there was none before
	limitedAt uint32 // Snapshot.Clock
	calm      int    // frames since
	// wanted is the last demand that was seen while there were ports, or
	// the highest since.
	wanted Demand
}

// sample is what one frame saw.
type sample struct {
	clock  uint32  // Snapshot.Clock
	live   int32   // connections that are not in TIME_WAIT
	closes float32 // per second since the sample before
}

const (
	maxSamples = 12
	// sampleEvery is how long apart samples are at the least, in ms.
	sampleEvery = 900
	// recovery is how long there must have been ports for what is opened to
	// be what is wanted, in ms and in frames.
	recovery       = 5000
	recoveryFrames = 2
)

// add enters what this frame saw. A gap of a minute begins anew: what was
// closed in it may be gone.
func (w *wish) add(now sample) {
	if w.n > 0 && elapsed(now.clock, w.samples[w.n-1].clock) < sampleEvery {
		return
	}
	if w.n > 0 && elapsed(now.clock, w.samples[w.n-1].clock) >= timeWaitMS {
		w.n = 0
	}
	if w.n == maxSamples {
		copy(w.samples[:], w.samples[1:])
		w.n--
	}
	w.samples[w.n] = now
	w.n++
}

// seconds lays what the samples and this frame saw out by second. The timers
// tell all closes of the last complete seconds; before that TIME_WAITs have
// been reused, and closes are known only as far as there were frames. known is
// for how many of the last seconds the closes are in, grown for how many the
// growth of live connections is, clear for how many no peer was seen to close
// connections: who closes first is not told by a timer here, so that what was
// opened meanwhile does not show.
func (w *wish) seconds(closes *Series, now sample, complete int) (s seconds, known, grown, clear int) {
	clear = SeriesLen
	for i := SeriesLen - complete; i < SeriesLen; i++ {
		s[i] = float64(closes[i])
	}
	later := now
	for i := w.n - 1; i >= 0; i-- {
		span := elapsed(later.clock, w.samples[i].clock)
		if elapsed(now.clock, w.samples[i].clock) >= timeWaitMS {
			break
		}
		if span > 0 {
			var hidden float64
			grown, hidden = w.spread(&s, closes, now.clock, i, later, complete)
			if hidden > 0 {
				clear = min(clear, int(elapsed(now.clock, later.clock)/1000))
			}
		}
		later = w.samples[i]
	}
	for i := range s {
		s[i] = max(s[i], 0)
	}
	return s, max(grown, complete), grown, clear
}

// spread enters what happened between a sample and the one after it. It
// returns up to which age, in whole seconds, that is, and how many connections,
// beyond chance, went without a close by this side: the peer closed those, and
// they are no openings taken back.
func (w *wish) spread(s *seconds, closes *Series, clock uint32, at int, later sample, complete int) (grown int, hidden float64) {
	earlier := w.samples[at]
	begin, end := float64(elapsed(clock, earlier.clock))/1000, float64(elapsed(clock, later.clock))/1000
	closed := func(age int) float64 {
		if age < complete {
			return float64(closes[SeriesLen-1-age])
		}
		return float64(later.closes)
	}
	part := func(age int) float64 { return min(begin, float64(age+1)) - max(end, float64(age)) }
	first, last := int(end), min(int(math.Ceil(begin)), SeriesLen)

	ours := 0.0
	for age := first; age < last; age++ {
		ours += part(age) * closed(age)
	}
	growth := float64(later.live - earlier.live)
	if hidden = -growth - ours; hidden > 0 {
		growth = -ours
		hidden -= 3*math.Sqrt(ours) + 2
	}
	for age := first; age < last; age++ {
		add := growth / (begin - end)
		if age >= complete {
			add += closed(age)
		}
		s[SeriesLen-1-age] += part(age) * add
	}
	return int(begin), hidden
}

// closedSince is how many closes a second the timers show since the last
// sample, or in the last complete seconds, where that is shorter.
func (w *wish) closedSince(closes *Series, clock uint32, complete int) float32 {
	span := 1.0
	if w.n > 0 {
		span = min(float64(elapsed(clock, w.samples[w.n-1].clock))/1000, float64(complete))
	}
	if span <= 0 {
		return 0
	}
	sum := 0.0
	for age := 0; age < SeriesLen && float64(age) < span; age++ {
		sum += float64(closes[SeriesLen-1-age]) * min(1, span-float64(age))
	}
	return float32(sum / span)
}

// growth is that of the live connections per second, over about the last
// window seconds; 0 where no frame tells.
func (w *wish) growth(now sample, window int) float64 {
	for i := w.n - 1; i >= 0; i-- {
		span := elapsed(now.clock, w.samples[i].clock)
		if span+sampleEvery/2 >= uint32(window)*1000 || i == 0 {
			if span == 0 || span >= timeWaitMS {
				return 0
			}
			return float64(now.live-w.samples[i].live) * 1000 / float64(span)
		}
	}
	return 0
}

// limit notes whether there is a port to be had.
func (w *wish) limit(none bool, clock uint32) {
	switch {
	case none:
		w.limited, w.once, w.limitedAt, w.calm = true, true, clock, 0
	case w.limited:
		w.calm++
		if w.calm >= recoveryFrames && elapsed(clock, w.limitedAt) >= recovery {
			w.limited = false
		}
	}
}

// untaken reports whether what comes back stays: next to none of what was wanted
// is opened, as where connections are kept open by now.
func (w *wish) untaken(s *seconds) bool { return s.mean(0, 2) < w.wanted.PerSecond/8 }

// free is for how many of the last seconds there were ports, as far as frames tell.
func (w *wish) free(clock uint32) int {
	if !w.once || elapsed(clock, w.limitedAt) >= timeWaitMS {
		return SeriesLen
	}
	return int(elapsed(clock, w.limitedAt) / 1000)
}

// demand reads the demand off what was opened. soon is the number of ports
// that come back per second.
func (w *wish) demand(s *seconds, known, grown, clear int, now sample, soon float64) *Demand {
	if w.limited {
		return w.recall(s, now, soon)
	}
	mean, window := s.rate(min(known, w.free(now.clock)))
	if window > grown && grown >= minWindow && 10*w.growth(now, grown) > mean { // before that their growth does not show
		mean, window = s.rate(min(grown, w.free(now.clock)))
	}
	sum := s.mean(0, SeriesLen) * SeriesLen
	if grown == 0 && now.live > 0 && sum <= 0 {
		return nil // they may be open for good, or be opened by thousands now
	}
	d := Demand{PerSecond: max(mean, 0), Basis: BasisPresent, firm: window >= 2 && window <= clear}
	d.AtLeast = window == 1 && known > 1 || grown == 0 && float64(now.live) > sum/4 || window > clear
	d.growth = min(max(w.growth(now, window), 0), d.PerSecond)
	d.closes = d.PerSecond - d.growth
	if lately := float64(now.closes); lately > 0 && d.growing() {
		d.closes = lately // they may have begun to close just now
	}
	w.wanted = d
	return &d
}

// recall returns what was wanted before no port was left, or more where more
// is opened now.
func (w *wish) recall(s *seconds, now sample, soon float64) *Demand {
	d, cut := w.wanted, w.wanted.cut
	d.AtLeast = true
	if !d.endless() || float64(now.closes) > d.PerSecond/20 {
		d.growth = 0
	}
	if d.Basis != BasisPeak {
		d.Basis = BasisRemembered
	}
	if h := s.beforeItStopped(soon); h != nil && h.PerSecond > d.PerSecond && (!d.firm || h.firm) {
		d = *h
	}
	d.cut = cut
	if w.ranOut {
		d.surge(s.cutShort(w.unseen(now.clock)))
	}
	if d.PerSecond <= 0 {
		return nil
	}
	w.wanted = d
	return &d
}

// runOut notes whether the last port went since the frame before.
func (w *wish) runOut(none bool) { w.ranOut, w.out = none && !w.out, none }

// unseen is how many of the last seconds tell how the ports ran out: those since
// the frame before, and as many as make a rate known.
func (w *wish) unseen(clock uint32) int {
	if w.n == 0 {
		return measured
	}
	return measured + int(elapsed(clock, w.samples[w.n-1].clock)/1000)
}

// surge makes the demand what was wanted in the last second that there were
// ports, at the least, where that is next to nothing to go by.
func (d *Demand) surge(top float64, cut bool) {
	if !cut {
		return
	}
	d.cut, d.firm = true, false
	if top > d.PerSecond {
		d.PerSecond, d.Basis, d.growth = top, BasisPeak, 0
	}
}
