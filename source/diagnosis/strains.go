package diagnosis

// strains remembers which destinations were short of ports, or about to be, in
// a series of frames. The timer wheel gives ports back in batches (a timer of a
// minute is rounded up to 512 ticks: 2 s with HZ=250, 5 s with HZ=100;
// kernel/time/timer.c), and demands come in lumps: what was critical a moment
// ago, and is next to it still, goes on being critical.
type strains struct{ of map[place]strain }

// strain is when a destination was nearly exhausted, and when it was about to
// run out.
type strain struct{ nearly, soon moment }

// moment is one on the clock of the snapshots; the zero one never was.
type moment struct {
	at  uint32
	was bool
}

func (m moment) within(ms, clock uint32) bool { return m.was && elapsed(clock, m.at) <= ms }

// A destination goes on being critical down to stillNearly percent, and in
// between down to inBatch percent for a batch, ms: a batch of 5 s, at 90 % of
// what is sustainable, is 7.5 % of the ports. It goes on being about to run out
// for stillSoon ms, but not once the end is farther away than foreseeable.
const (
	stillNearly = 87
	inBatch     = 80
	batch       = 6_000
	stillSoon   = 15_000
	foreseeable = 3 * soonEnough
)

// hold is what is still said of a destination, though its figures of this frame
// do not say so.
type hold struct{ nearly, soon bool }

// frame takes in a frame, and returns what is held on to in it; nil for nothing.
func (p *strains) frame(s *scene) map[*Destination]hold {
	before := p.of
	p.of = nil
	if s.Ports.Capacity == 0 {
		return nil
	}
	var held map[*Destination]hold
	for i := range s.Destinations {
		d := &s.Destinations[i]
		if d.Forecast == nil && d.Ports.Pressure < inBatch || len(before) == 0 && !d.nearlyExhausted() && !d.runsOutSoon() {
			continue
		}
		at := placeOf(&s.Snapshot.Flows[d.Flow])
		x, h := before[at].next(d, s.Snapshot.Clock)
		if (x.nearly.was || x.soon.was) && len(p.of) < maxOutages {
			if p.of == nil {
				p.of = make(map[place]strain)
			}
			p.of[at] = x
		}
		if h != (hold{}) {
			if held == nil {
				held = make(map[*Destination]hold)
			}
			held[d] = h
		}
	}
	return held
}

// next is what is remembered of a destination after a frame, and what is held
// on to in it.
func (x strain) next(d *Destination, clock uint32) (strain, hold) {
	var h hold
	nearly, soon := d.nearlyExhausted(), d.runsOutSoon()
	h.nearly = !nearly && x.nearly.within(batch, clock) && (d.Ports.Pressure >= inBatch || d.goneIn(batch))
	h.soon = !soon && x.soon.within(stillSoon, clock) && d.mayRunOut()
	if nearly || h.nearly && d.Ports.Pressure >= stillNearly {
		x.nearly = moment{clock, true}
	}
	if soon {
		x.soon = moment{clock, true}
	}
	x.nearly.was = nearly || h.nearly
	x.soon.was = soon || h.soon
	return x, h
}

// goneIn reports whether the last port goes within so many ms.
func (d *Destination) goneIn(ms int64) bool {
	return d.Forecast != nil && d.Forecast.Exhausted != nil && d.Forecast.Exhausted.Milliseconds() <= ms
}

// mayRunOut: about as many are wanted as the ports bear, or more, so that the
// last one goes in a foreseeable time.
func (d *Destination) mayRunOut() bool {
	f := d.Forecast
	return f != nil && (f.Exhausted != nil && *f.Exhausted <= foreseeable || f.AtTheEdge)
}
