package diagnosis

import (
	"slices"

	"github.com/359a26c5/twtop/source"
)

// ownerLook is one frame's look at one destination.
//
// A connection that a frame saw open, and that waits in the next, is counted
// once, for who had it. Of those that came and went in between, the timers tell
// how many there were, and a burst sees some. Who opens long connections is
// seen more often than who opens as many short ones, by as much as they last
// longer. So those count that were seen being opened, and each stands for as
// many as were opened then and not seen.
type ownerLook struct {
	snap   *source.Snapshot
	place  *ownedPlace
	sights []*source.Sighting

	now     *heldBy
	waiting int // TIME_WAITs and the FIN_WAIT2 of orphans
}

func (l *ownerLook) owners(flow int) *Owners {
	p, clock := l.place, l.snap.Clock
	l.now = newHeldBy(l.snap)
	socks := l.snap.SocketsOf(flow)
	l.follow(socks)
	l.sample()
	p.forget(clock)
	l.remember(socks)
	p.clock, p.first = clock, false
	l.now.guess()
	return l.shares()
}

// follow finds the closes since the last frame, and whose those were that were
// open then.
func (l *ownerLook) follow(socks []source.Socket) {
	p, clock := l.place, l.snap.Clock
	for i := range socks {
		k := &socks[i]
		if !k.Mini() {
			continue
		}
		l.waiting++
		closed := k.Deadline - timeWaitMS
		if k.State != source.StateTimeWait || k.Timer != source.TimerTimeWait || p.first || int32(closed-p.clock) <= 0 {
			continue
		}
		open, was := p.open[k.Port]
		if was && open.owner < 0 { // somebody may have been found in time
			if process := l.snap.Owners.Holder(open.inode); process != nil {
				open.owner = p.index(keyOf(process), process, clock)
			}
		}
		switch {
		case !was:
			p.passing.add(clock, 1)
		case open.owner < 0:
			p.unowned.add(clock, 1)
		default:
			p.records[open.owner].kept.add(clock, 1)
			p.records[open.owner].clock = clock
		}
	}
}

// sample takes what the bursts saw.
func (l *ownerLook) sample() {
	p, clock := l.place, l.snap.Clock
	for _, s := range l.sights {
		if open, ok := p.open[s.LocalPort]; ok && open.inode == s.Inode {
			continue // it is counted when it is closed
		}
		if s.Process >= 0 {
			if p.found == nil || len(p.found) > maxOwners {
				p.found = map[maker]bool{}
			}
			p.found[maker{s.UID, s.Cgroup}] = true
		}
		r := l.recordOf(s)
		if r == nil {
			continue
		}
		r.sampled.add(clock, 1)
		r.maker = maker{s.UID, s.Cgroup}
		if s.Walk > 0 {
			r.watched.add(clock, 1)
		}
		if s.Open > 0 {
			w := 1 / float64(max(s.Open, leastOpen))
			r.opened.add(clock, 1)
			r.rate.add(clock, w)
			r.squares.add(clock, w*w)
		}
	}
}

// leastOpen bounds, in µs, what one connection stands for.
const leastOpen = 50

// recordOf is the record of who had a connection that a burst saw: a process,
// or who made it.
func (l *ownerLook) recordOf(s *source.Sighting) *ownerRecord {
	p, clock := l.place, l.snap.Clock
	if process := l.snap.Owners.Process(s.Process); process != nil {
		return p.record(keyOf(process), process, clock)
	}
	m := maker{s.UID, s.Cgroup}
	process := stranger(l.snap, m)
	return p.record(ownerKey{maker: m}, &process, clock)
}

// remember notes whose the open connections are, for the next frame.
func (l *ownerLook) remember(socks []source.Socket) {
	p := l.place
	p.open = make(map[uint16]openSock)
	for i := range socks {
		k := &socks[i]
		d := l.snap.DetailOf(k)
		if d == nil {
			continue
		}
		owner := -1
		if key, known := l.now.add(d); known {
			owner = p.index(key, l.now.process[key], l.snap.Clock)
		}
		p.open[k.Port] = openSock{inode: d.Inode, owner: owner}
	}
}

// closers are the closes of the last minute by owner, as far as it is known.
type closers struct {
	of      map[*ownerRecord]float64
	total   float64
	samples map[*ownerRecord]int
}

// closers puts together what frames and bursts saw.
func (l *ownerLook) closers() closers {
	p, clock := l.place, l.snap.Clock
	c := closers{of: map[*ownerRecord]float64{}, samples: map[*ownerRecord]int{}}
	passing, parts := p.passing.sum(clock), l.parts()
	c.total = passing + p.unowned.sum(clock)
	for _, r := range p.records {
		kept := r.kept.sum(clock)
		c.total += kept
		c.of[r] = kept + passing*parts[r]
		c.samples[r] = int(kept + r.counted(clock))
	}
	return c
}

// counted is how many connections a share rests on, beside those that frames saw.
func (r *ownerRecord) counted(clock uint32) float64 {
	if n := r.opened.sum(clock); n > 0 {
		return n
	}
	return r.sampled.sum(clock)
}

// shares are those of the sockets in every state.
func (l *ownerLook) shares() *Owners {
	c := l.closers()
	total := float64(l.now.total + l.waiting)
	o := &Owners{Unknown: 1}
	if total == 0 {
		return o
	}
	only := l.only(&c)
	for _, r := range l.place.records {
		now, part := float64(l.now.n[r.key]), 0.0
		switch {
		case r == only:
			part = float64(l.waiting)
		case c.total > 0:
			part = float64(l.waiting) * c.of[r] / c.total
		}
		if now+part == 0 {
			continue
		}
		w := Owner{Process: r.process, Share: (now + part) / total, Basis: OwnerNow, Samples: int(now)}
		switch {
		case r == only:
			w.Basis = OwnerSameDestination
			w.Samples += c.samples[r]
		case part > now:
			w.Basis, w.Samples = OwnerSampled, c.samples[r]
		}
		o.add(w)
	}
	for _, k := range l.now.keys { // users and cgroups, whose processes are not known
		if !slices.ContainsFunc(l.place.records, func(r *ownerRecord) bool { return r.key == k }) {
			o.add(Owner{Process: *l.now.process[k], Share: float64(l.now.n[k]) / total, Basis: OwnerNow, Samples: l.now.n[k]})
		}
	}
	o.finish()
	return o
}

// enoughSamples is how many closes must have been seen for shares to rest on
// them, where there is but one process.
const enoughSamples = 10

// only is the one process that talks to the destination, where too few closes
// were seen to go by those; nil where there are several, or connections that
// are nobody's.
func (l *ownerLook) only(c *closers) *ownerRecord {
	var one *ownerRecord
	for _, r := range l.place.records {
		if r.key.pid == 0 || one != nil {
			return nil
		}
		one = r
	}
	if one == nil || l.waiting == 0 || len(l.now.nobody) > 0 || l.place.unowned.sum(l.snap.Clock) > 0 || c.samples[one] >= enoughSamples {
		return nil
	}
	return one
}
