package live

import (
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/procnet"
)

const (
	maxSuspects  = 64
	suspectFor   = time.Minute // since it was last found to hold a connection of interest
	maxHot       = 16          // descriptors of a suspect that are watched
	maxListed    = 512         // descriptors of one process, in a burst
	poolEvery    = 5 * time.Second
	maxPool      = 4096
	maxMembers   = 256
	poolPerBurst = 8 // processes that are no suspects yet
)

// suspects are the processes that are asked in a burst: those that were found
// before, and a few of all that could be, in turn.
type suspects struct {
	of     map[int]*suspect
	pool   []int
	at     int // in pool
	pooled time.Time
	seen   map[maker]bool // makers of connections since then
	asked  int            // bursts in which the hot descriptors did not tell all
}

// suspect is a process that opens short connections. dir is /proc/PID/fd: once
// it is open, it is of this process and of no later one.
type suspect struct {
	*process // nil for a stranger
	pid      int
	dir      int
	hot      []int // descriptors that held a connection of interest, the last first
	last     time.Time
	// roams: lately it had connections in descriptors that were not hot.
	roams bool
	makes map[maker]bool // of its connections
}

// has reports whether a suspect could have a connection.
func (s *suspects) has(k *sight) bool {
	for _, p := range s.of {
		if p.makes[makerOf(k)] {
			return true
		}
	}
	return false
}

func (s *suspects) close() {
	for _, p := range s.of {
		_ = unix.Close(p.dir)
	}
	s.of = nil
}

// add makes a process a suspect, nil where it has ended.
func (s *suspects) add(p *process, path string, now time.Time) *suspect {
	if old := s.of[p.PID]; old != nil {
		if old.process == p {
			old.last = now
			return old
		}
		s.drop(old)
	}
	dir, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	if s.of == nil {
		s.of = make(map[int]*suspect)
	}
	if len(s.of) >= maxSuspects {
		s.drop(s.ordered()[len(s.of)-1])
	}
	n := &suspect{process: p, pid: p.PID, dir: dir, last: now, makes: map[maker]bool{}}
	s.of[p.PID] = n
	return n
}

// adopt makes a suspect of a stranger.
func (s *suspects) adopt(p *suspect) {
	if old := s.of[p.pid]; old != nil {
		s.drop(old)
	}
	if s.of == nil {
		s.of = make(map[int]*suspect)
	}
	if len(s.of) >= maxSuspects {
		s.drop(s.ordered()[len(s.of)-1])
	}
	p.last = time.Now()
	s.of[p.pid] = p
}

func (s *suspects) drop(p *suspect) {
	_ = unix.Close(p.dir)
	delete(s.of, p.pid)
}

// ordered are the suspects, those last found first.
func (s *suspects) ordered() []*suspect {
	all := make([]*suspect, 0, len(s.of))
	for _, p := range s.of {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *suspect) int { return b.last.Compare(a.last) })
	return all
}

// expire drops those that were not found for long.
func (s *suspects) expire(now time.Time) {
	for _, p := range s.of {
		if now.Sub(p.last) > suspectFor {
			s.drop(p)
		}
	}
}

// warm puts a descriptor first.
func (p *suspect) warm(fd int) {
	if at := slices.Index(p.hot, fd); at >= 0 {
		p.hot = slices.Delete(p.hot, at, at+1)
	} else if len(p.hot) == maxHot {
		p.hot = p.hot[:maxHot-1]
	}
	p.hot = slices.Insert(p.hot, 0, fd)
}

// inode is that of the socket a descriptor is now, 0 for none: 1.5 µs.
func (p *suspect) inode(fd int) uint32 {
	var buf [64]byte
	n, err := unix.Readlinkat(p.dir, strconv.Itoa(fd), buf[:])
	if err != nil {
		return 0
	}
	inode, _ := procnet.SocketInode(string(buf[:n]))
	return inode
}

// refillPool lists who could be behind connections that nobody was found for:
// the members of their cgroups, or the processes of this namespace that run as
// their users.
func (o *owners) refillPool(now time.Time, open []*sight) {
	s := &o.suspects
	for _, k := range open {
		if len(s.seen) < maxPool {
			s.seen[makerOf(k)] = true
		}
	}
	if now.Sub(s.pooled) < poolEvery || len(s.seen) == 0 {
		return
	}
	s.pooled, s.pool = now, nil // at stays: the next round goes on with others
	asked := map[uint64]bool{}
	users := newWanted()
	for m := range s.seen {
		if path, ok := o.cgroups.Path(m.cgroup); ok && path != "/" {
			if !asked[m.cgroup] {
				asked[m.cgroup] = true
				s.pool = append(s.pool, o.cgroups.Members(m.cgroup, maxMembers)...)
			}
			continue
		}
		users.uids[m.uid] = true
	}
	clear(s.seen)
	if len(users.uids) == 0 {
		return
	}
	list, err := o.proc.Processes()
	if err != nil {
		return
	}
	defer func() { _ = list.Close() }()
	for len(s.pool) < maxPool {
		pids, err := list.Next(256)
		if err != nil {
			return
		}
		for _, pid := range pids {
			if o.isLikely(pid, users) {
				s.pool = append(s.pool, pid)
			}
		}
	}
}

// next is the next of the pool, 0 where there is none.
func (s *suspects) next() int {
	if s.at >= len(s.pool) {
		s.at = 0
		if len(s.pool) == 0 {
			return 0
		}
	}
	s.at++
	return s.pool[s.at-1]
}
