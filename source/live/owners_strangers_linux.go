package live

import (
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Bounds of the strangers that are watched in a burst.
const (
	strangersPerBurst = 3
	strangerSlots     = 8
)

// strangers are processes of the pool that are no suspects, to be watched in
// this burst. Who keeps no connection longer than a millisecond is not found by
// looking afterwards: by then it has none.
func (o *owners) strangers(want *wanted) (out []*suspect) {
	s := &o.suspects
	for range 2 * strangersPerBurst {
		pid := s.next()
		if pid == 0 || len(out) == strangersPerBurst {
			return out
		}
		if s.of[pid] != nil || slices.ContainsFunc(out, func(p *suspect) bool { return p.pid == pid }) {
			continue
		}
		if p := o.stranger(pid); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// stranger makes a process ready to be watched: at the sockets that it has, the
// last opened first, and at the descriptors that it would open next.
func (o *owners) stranger(pid int) *suspect {
	path := filepath.Join(o.proc.Root, strconv.Itoa(pid), "fd")
	dir, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	var sockets []int
	_, err = o.proc.Sockets(pid, maxListed, func(fd int, _ uint32) { sockets = append(sockets, fd) })
	if err != nil {
		_ = unix.Close(dir)
		return nil
	}
	p := &suspect{pid: pid, dir: dir, makes: map[maker]bool{}}
	for i := len(sockets) - 1; i >= 0 && len(p.hot) < strangerSlots/2; i-- {
		p.hot = append(p.hot, sockets[i])
	}
	for fd := 3; len(p.hot) < strangerSlots && fd < maxListed; fd++ {
		if !p.has(fd) {
			p.hot = append(p.hot, fd)
		}
	}
	return p
}

// has reports whether a descriptor is open, or is watched already.
func (p *suspect) has(fd int) bool {
	var s unix.Stat_t
	return slices.Contains(p.hot, fd) || unix.Fstatat(p.dir, strconv.Itoa(fd), &s, unix.AT_SYMLINK_NOFOLLOW) == nil
}

// adopt makes suspects of the strangers that were seen to have one of the
// connections, and lets the others go.
func (o *owners) adopt(strangers []*suspect, w *watch, open []*sight) {
	for _, p := range strangers {
		has := slices.ContainsFunc(open, func(k *sight) bool {
			h := w.held[k.Inode]
			return h != nil && h.by == p
		})
		if has {
			p.process = o.process(p.pid)
		}
		if p.process == nil {
			w.forget(p)
			_ = unix.Close(p.dir)
			continue
		}
		o.suspects.adopt(p)
	}
}

// forget leaves out what a stranger was seen to hold.
func (w *watch) forget(p *suspect) {
	for inode, h := range w.held {
		if h.by == p {
			delete(w.held, inode)
		}
	}
}
