package live

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/thread"
)

const (
	// watchDoubt is how long a round may take for a watch to be relied on: it
	// takes 1.5 µs for each descriptor, and more where others have the processor.
	// A watch with a longer gap is given up as a whole. To give up only those
	// connections whose begin or end falls into a gap would let long ones, whose
	// end it does not wait for, count for more than short ones.
	watchDoubt = 300 * time.Microsecond
	// maxSlots bounds the descriptors: a round over them takes 200 µs.
	maxSlots = 128
	// maxWatched bounds the connections that one watch remembers.
	maxWatched = 1024
)

// watch looks at the hot descriptors of the suspects over and over, on a thread
// of its own, while another makes a dump: so a connection that the dump shows
// has an owner, though it was closed before the dump was over.
type watch struct {
	slots []slot
	over  atomic.Bool
	ready chan struct{}
	done  chan struct{}
	held  map[uint32]*held
	gaps  []gap
	cpu   time.Duration

	panicked *source.PanicError
}

// gap is a round that took too long: what was in between was not seen.
type gap struct{ from, to time.Time }

// slot is one descriptor that is watched.
type slot struct {
	by     *suspect
	fd     int
	now    *held // what it is, nil for no socket
	looked time.Time
}

// held is a socket that was seen in a descriptor. Zero times: it was there when
// the watch began, and when it ended.
type held struct {
	by                         *suspect
	fd                         int
	inode                      uint32
	before, first, last, after time.Time
}

// watch starts a watch of the suspects and of some strangers, and waits for its
// first round.
func (s *suspects) watch(strangers []*suspect) *watch {
	w := &watch{ready: make(chan struct{}), done: make(chan struct{}), held: map[uint32]*held{}}
	for _, p := range strangers {
		for _, fd := range p.hot {
			w.slots = append(w.slots, slot{by: p, fd: fd})
		}
	}
	all := s.ordered()
	for _, p := range all {
		for _, fd := range p.hot[:min(len(p.hot), max(maxSlots/len(all), 1))] {
			w.slots = append(w.slots, slot{by: p, fd: fd})
		}
	}
	thread.Go(w.run)
	<-w.ready
	return w
}

func (w *watch) run() {
	ready := sync.OnceFunc(func() { close(w.ready) })
	defer close(w.done)
	defer ready()
	defer func() { w.panicked = source.Panicked(recover()) }()
	hurry()
	before := threadCPU()
	w.round()
	last := time.Now()
	ready()
	for more := true; more; {
		more = !w.over.Load() && len(w.held) < maxWatched && len(w.slots) > 0
		w.round() // the last one after the end: what is there still was there to the end
		now := time.Now()
		if now.Sub(last) > watchDoubt {
			w.gaps = append(w.gaps, gap{last, now})
		}
		last = now
	}
	if !w.over.Load() { // there is nothing to look at, or too much
		w.gaps = append(w.gaps, gap{last, last.Add(time.Hour)})
	}
	w.cpu = threadCPU() - before
}

// round looks at each descriptor once.
func (w *watch) round() {
	for i := range w.slots {
		s := &w.slots[i]
		inode, now := s.by.inode(s.fd), time.Now()
		if s.now != nil && s.now.inode == inode {
			s.now.last, s.looked = now, now
			continue
		}
		if s.now != nil {
			s.now.after, s.now = now, nil
		}
		if inode != 0 {
			s.now = &held{by: s.by, fd: s.fd, inode: inode, before: s.looked, first: now, last: now}
			w.held[inode] = s.now
		}
		s.looked = now
	}
}

// stop ends the watch, and returns the processor time it took.
func (w *watch) stop() time.Duration {
	w.over.Store(true)
	<-w.done
	if w.panicked != nil {
		panic(w.panicked) // where the search recovers, and tells
	}
	return w.cpu
}

// isWhole reports whether nothing was missed between begin and end.
func (w *watch) isWhole(begin, end time.Time) bool {
	most := max(watchDoubt, end.Sub(begin)/16)
	for _, g := range w.gaps {
		if g.to.Sub(g.from) > most && g.from.Before(end) && g.to.After(begin) {
			return false
		}
	}
	return true
}

// tell gives a connection its owner, if it was seen to have one, and says for
// how long it was open between begin and end, if it was opened then. One that
// was opened in the last quarter is left out: the dump shows hardly any of them,
// and each would stand for many. Nothing else is left out that has to do with
// how long it was open.
func (w *watch) tell(k *sight, begin, end time.Time, whole bool) bool {
	h := w.held[k.Inode]
	if h == nil {
		return false
	}
	h.by.take(k, h.fd)
	walk := end.Sub(begin)
	k.Walk = uint32(max(walk.Microseconds(), 1))
	if h.before.IsZero() || !whole {
		return true
	}
	opened, closed := middle(h.before, h.first), end
	if !h.after.IsZero() {
		if at := middle(h.last, h.after); at.Before(end) {
			closed = at
		}
	}
	if opened.Before(begin) || opened.After(end.Add(-walk/4)) {
		return true
	}
	k.Open = uint32(max(closed.Sub(opened).Microseconds(), 1))
	return true
}

func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2) }
