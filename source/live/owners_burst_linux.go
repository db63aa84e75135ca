package live

import (
	"context"
	"path/filepath"
	"strconv"
	"time"

	"github.com/359a26c5/twtop/source"
)

// fleeting are the states that a short connection goes through before it is a
// TIME_WAIT or gone.
var fleeting = source.StateEstablished.Mask() | source.StateSynSent.Mask() | source.StateFinWait1.Mask() |
	source.StateFinWait2.Mask() | source.StateCloseWait.Mask() | source.StateLastAck.Mask()

const (
	maxSights = 1024 // between two frames
	maxInOne  = 256  // in one burst
	// watchFor is how long a burst waits for the connections it found to be
	// closed, and watchPause how long it sleeps meanwhile.
	watchFor   = 3 * time.Millisecond
	watchPause = 50 * time.Microsecond
)

// sight is a connection that was seen in a burst.
type sight struct {
	source.Sighting
	owner *process
	by    *suspect // who has it now, by fd
	fd    int
}

// burst makes a dump of the short-lived states towards the destinations that
// churn, and looks at once who has them. The kernel walks its whole table for
// it, 1 to 3 ms beside 28,000 TIME_WAITs. A connection that was closed before
// the dump was over is passed over, whoever's it was: then each of the others
// was seen at one moment, the end of the dump.
func (o *owners) burst(ctx context.Context, want *wanted) {
	begin := time.Now()
	open := o.openNow(ctx, want)
	seen := time.Now()
	clock := o.clock.Millis()
	if len(open) == 0 {
		return
	}
	pending := make(map[uint32]*sight, len(open))
	for _, k := range open {
		k.Clock, k.Walk, k.Process = clock, uint32(seen.Sub(begin).Microseconds()), -1
		pending[k.Inode] = k
	}
	o.ask(pending, seen)
	o.watch(open, seen)
	if len(pending) > 0 {
		o.suspects.expire(seen)
		o.refillPool(seen, open)
	}
	o.keep(open)
	o.placeSights(open)
}

// openNow are the connections that came since the last frame and are open now.
func (o *owners) openNow(ctx context.Context, want *wanted) (open []*sight) {
	q := &query{
		states: fleeting,
		filter: want.targets,
		begin:  func() { open = open[:0] },
		socket: func(e *source.Entry) {
			d := &e.Detail
			if _, old := want.inodes[d.Inode]; old || d.Inode == 0 || e.Mini() || len(open) >= maxInOne {
				return
			}
			open = append(open, &sight{Sighting: source.Sighting{
				Local: e.Local, Remote: e.Remote, LocalPort: e.LocalPort, RemotePort: e.RemotePort,
				Device: e.Device, Inode: d.Inode, UID: d.UID, Cgroup: d.Cgroup,
			}})
		},
	}
	if _, err := o.dump.dump(ctx, q); err != nil {
		return nil // the next one may be better; a frame says what is wrong
	}
	return open
}

// ask looks who has the connections: the suspects, where they had some before,
// then all they have, then some others.
func (o *owners) ask(pending map[uint32]*sight, now time.Time) {
	all := o.suspects.ordered()
	for _, p := range all {
		for _, fd := range p.hot {
			p.match(pending, fd, p.inode(fd), now)
		}
	}
	for _, p := range all {
		if len(pending) == 0 {
			return
		}
		_, err := o.proc.Sockets(p.PID, maxListed, func(fd int, inode uint32) { p.match(pending, fd, inode, now) })
		if err != nil {
			o.suspects.drop(p)
		}
	}
	for range poolPerBurst {
		pid := o.suspects.next()
		if pid == 0 || len(pending) == 0 {
			return
		}
		o.askStranger(pid, pending, now)
	}
}

// match notes who has a connection.
func (p *suspect) match(pending map[uint32]*sight, fd int, inode uint32, now time.Time) {
	k := pending[inode]
	if k == nil {
		return
	}
	delete(pending, inode)
	k.owner, k.by, k.fd = p.process, p, fd
	p.last = now
	p.warm(fd)
}

// askStranger makes a process a suspect that has one of the connections.
func (o *owners) askStranger(pid int, pending map[uint32]*sight, now time.Time) {
	type held struct {
		fd    int
		inode uint32
	}
	var hold []held
	_, _ = o.proc.Sockets(pid, maxListed, func(fd int, inode uint32) {
		if pending[inode] != nil {
			hold = append(hold, held{fd, inode})
		}
	})
	if len(hold) == 0 {
		return
	}
	p := o.process(pid)
	if p == nil {
		return
	}
	s := o.suspects.add(p, filepath.Join(o.proc.Root, strconv.Itoa(pid), "fd"), now)
	if s == nil {
		return
	}
	for _, h := range hold {
		s.match(pending, h.fd, h.inode, now)
	}
}

// watch waits until the connections are closed, for a moment at the most.
func (o *owners) watch(open []*sight, seen time.Time) {
	for {
		left := 0
		for _, k := range open {
			if k.by == nil || k.Left > 0 {
				continue
			}
			if k.by.inode(k.fd) != k.Inode {
				k.Left = uint32(max(time.Since(seen).Microseconds(), 1))
				continue
			}
			left++
		}
		if left == 0 || time.Since(seen) > watchFor {
			return
		}
		time.Sleep(watchPause)
	}
}

// keep adds to what the next frame is told: of a connection that was seen
// before, the last time that somebody was found.
func (o *owners) keep(open []*sight) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range open {
		old := o.sights[k.Inode]
		switch {
		case old == nil && len(o.sights) >= maxSights:
		case old == nil || k.owner != nil || old.owner == nil:
			k.by = nil
			o.sights[k.Inode] = k
		}
	}
}

// placeSights finds the cgroups of connections, where they are new.
func (o *owners) placeSights(open []*sight) {
	w := newWanted()
	for _, k := range open {
		if k.Cgroup != 0 {
			w.cgroups[k.Cgroup] = true
		}
	}
	o.walkCgroups(w)
}
