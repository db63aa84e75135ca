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
	// seldom is in how many bursts it is once looked further, though there is
	// somebody whose connections these could be.
	seldom = 8
)

// maker is who made a socket, as far as the dump itself tells.
type maker struct {
	uid    uint32
	cgroup uint64
}

func makerOf(k *sight) maker { return maker{k.UID, k.Cgroup} }

// sight is a connection that was seen in a burst.
type sight struct {
	source.Sighting
	owner *process
}

// burst makes a dump of the short-lived states towards the destinations that
// churn, while the descriptors of the suspects are watched. The kernel walks its
// whole table for it, 1 to 3 ms beside 28,000 TIME_WAITs.
func (o *owners) burst(ctx context.Context, want *wanted) {
	now := time.Now()
	o.suspects.expire(now)
	strangers := o.strangers(want)
	w := o.suspects.watch(strangers)
	begin := time.Now()
	open := o.openNow(ctx, want)
	end, clock := time.Now(), o.clock.Millis()
	o.spend(&o.burstCredit, w.stop())
	o.adopt(strangers, w, open)
	if len(open) == 0 {
		return
	}
	whole := w.isWhole(begin, end)
	pending := make(map[uint32]*sight, len(open))
	for _, k := range open {
		k.Clock, k.Process = clock, -1
		if !w.tell(k, begin, end, whole) {
			pending[k.Inode] = k
		}
	}
	if len(pending) > 0 {
		o.ask(pending, end)
	}
	o.refillPool(end, open)
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

// ask looks who has the connections that nobody was seen to have: suspects that
// use many descriptors, and seldom all suspects and some others.
func (o *owners) ask(pending map[uint32]*sight, now time.Time) {
	all := o.suspects.ordered()
	o.suspects.asked++
	further := o.suspects.asked%seldom == 0
	for _, p := range all {
		if !p.roams && !further {
			continue
		}
		before := len(pending)
		_, err := o.proc.Sockets(p.PID, maxListed, func(fd int, inode uint32) { p.match(pending, fd, inode) })
		if err != nil {
			o.suspects.drop(p)
		}
		if p.roams = len(pending) < before; len(pending) == 0 {
			return
		}
	}
	for _, k := range pending {
		further = further || !o.suspects.has(k)
	}
	for range poolPerBurst {
		pid := o.suspects.next()
		if !further || pid == 0 || len(pending) == 0 {
			return
		}
		o.askStranger(pid, pending, now)
	}
}

// match notes who has a connection.
func (p *suspect) match(pending map[uint32]*sight, fd int, inode uint32) {
	if k := pending[inode]; k != nil {
		delete(pending, inode)
		p.take(k, fd)
	}
}

// take notes that p has a connection.
func (p *suspect) take(k *sight, fd int) {
	k.owner, p.last = p.process, time.Now()
	p.warm(fd)
	p.makes[makerOf(k)] = true
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
		s.match(pending, h.fd, h.inode)
	}
}

// keep adds to what the next frame is told: of a connection that was seen
// before, the first time that somebody was found.
func (o *owners) keep(open []*sight) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range open {
		old := o.sights[k.Inode]
		switch {
		case old == nil && len(o.sights) >= maxSights:
		case old == nil || old.owner == nil:
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
