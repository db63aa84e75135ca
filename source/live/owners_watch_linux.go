package live

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// watchDoubt is how far the times of a connection's begin and end may be
	// in doubt, together: looks at one descriptor are 1.5 µs apart for each that
	// is watched, and more where others have the processor.
	watchDoubt = 300 * time.Microsecond
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
	cpu   time.Duration
}

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

// watch starts a watch, and waits for its first round.
func (s *suspects) watch() *watch {
	w := &watch{ready: make(chan struct{}), done: make(chan struct{}), held: map[uint32]*held{}}
	for _, p := range s.ordered() {
		for _, fd := range p.hot {
			w.slots = append(w.slots, slot{by: p, fd: fd})
		}
	}
	go w.run()
	<-w.ready
	return w
}

func (w *watch) run() {
	defer close(w.done)
	runtime.LockOSThread() // for threadCPU
	defer runtime.UnlockOSThread()
	before := threadCPU()
	w.round()
	close(w.ready)
	for !w.over.Load() && len(w.held) < maxWatched && len(w.slots) > 0 {
		w.round()
	}
	w.round() // what is there still was there to the end
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
	return w.cpu
}

// tell gives a connection its owner, if it was seen to have one, and says for
// how long it was open between begin and end, if it was opened then. One that
// was opened in the last quarter is left out: the dump shows hardly any of them,
// and each would stand for many.
func (w *watch) tell(k *sight, begin, end time.Time) bool {
	h := w.held[k.Inode]
	if h == nil {
		return false
	}
	h.by.take(k, h.fd)
	walk := end.Sub(begin)
	if h.before.IsZero() {
		return true
	}
	doubt := h.first.Sub(h.before)
	opened, closed := h.before.Add(doubt/2), end
	if !h.after.IsZero() && h.last.Before(end) {
		late := h.after.Sub(h.last)
		doubt += late
		if at := h.last.Add(late / 2); at.Before(end) {
			closed = at
		}
	}
	open := closed.Sub(opened)
	if opened.Before(begin) || opened.After(end.Add(-walk/4)) || doubt > max(watchDoubt, open/2) {
		return true
	}
	k.Walk, k.Open = uint32(walk.Microseconds()), uint32(max(open.Microseconds(), 1))
	return true
}
