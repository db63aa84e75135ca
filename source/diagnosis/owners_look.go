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
// seen more often than who opens as many short ones: by as much as they last
// longer. So an owner's connections are counted per time that they stay open
// after they are seen: of connections of any one length those that are closed
// within the median of that are as many as are closed in that time.
type ownerLook struct {
	snap   *source.Snapshot
	place  *ownedPlace
	sights []*source.Sighting

	now     *heldBy
	waiting int               // TIME_WAITs and the FIN_WAIT2 of orphans
	closed  map[uint16]uint32 // when, of connections that came and went; by port
}

func (l *ownerLook) owners(flow int) *Owners {
	p, clock := l.place, l.snap.Clock
	l.now, l.closed = newHeldBy(l.snap), map[uint16]uint32{}
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
		switch {
		case !was:
			p.passing.add(clock, 1)
			l.closed[k.Port] = closed
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
		if s.Walk > 0 {
			if p.walk == 0 {
				p.walk = float64(s.Walk)
			}
			p.walk += (float64(s.Walk) - p.walk) / 16
		}
		if left := l.left(s); left > 0 {
			r.left.add(left)
		}
	}
}

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

// left is for how long a connection stayed open after it was seen, in µs; 0 if
// unknown. The timers tell it in steps of the kernel's ticks, 1 to 10 ms.
func (l *ownerLook) left(s *source.Sighting) uint32 {
	if s.Left > 0 {
		return s.Left
	}
	closed, ok := l.closed[s.LocalPort]
	if after := int32(closed - s.Clock); ok && after >= 0 {
		return uint32(after)*1000 + 1
	}
	return 0
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
	weights, all := l.weights()
	passing := p.passing.sum(clock)
	c.total = passing + p.unowned.sum(clock)
	for _, r := range p.records {
		kept := r.kept.sum(clock)
		c.total += kept
		c.of[r] = kept
		c.samples[r] = int(kept)
		if w, ok := weights[r]; ok {
			c.of[r] += passing * w / all
			c.samples[r] += int(r.sampled.sum(clock))
		}
	}
	return c
}

// weights are, by owner, proportional to the closes of connections that came
// and went between frames.
func (l *ownerLook) weights() (of map[*ownerRecord]float64, all float64) {
	p, clock := l.place, l.snap.Clock
	of = map[*ownerRecord]float64{}
	usual := l.usual()
	for _, r := range p.records {
		n := r.sampled.sum(clock)
		if n == 0 || r.key.pid == 0 && p.found[r.key.maker] {
			continue // those were closed before anybody could look whose they were
		}
		left := r.left.median()
		if left == 0 {
			left = usual
		}
		of[r] = n / left / seen(2*left, p.walk)
		all += of[r]
	}
	return of, all
}

// usual is the median over all owners, 1 where nothing is known.
func (l *ownerLook) usual() float64 {
	var all residues
	for _, r := range l.place.records {
		all.last = append(all.last, r.left.last...)
	}
	return max(all.median(), 1)
}

// seen is the part of the connections of a length that a dump shows of those
// that are open when it is over: it came by their place in the table at some
// moment of the walk.
func seen(length, walk float64) float64 {
	if walk <= length {
		return 1
	}
	return length / walk
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
