package live

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/359a26c5/twtop/source/procnet"
)

const (
	// sweepSlice is how long a sweep goes on before it looks whether there is
	// something else to do.
	sweepSlice = 2 * time.Millisecond
	// maxFiles bounds the descriptors of a process that are looked at: 60 ms.
	maxFiles = 20_000
	// verifyEvery is how long a process is believed to be there.
	verifyEvery = 5 * time.Second
)

// sweep is one round over the descriptors of all processes: first of those that
// own something already, then of those in this namespace whose user made a
// socket that is looked for, then of all others.
type sweep struct {
	list    *procnet.Processes // nil: no round is under way
	began   *wanted            // what the round is for
	likely  []int
	pending []int
	others  []int
	ended   bool // of the list
}

func (w *sweep) close() {
	if w.list != nil {
		_ = w.list.Close()
	}
	*w = sweep{}
}

// sweepOn sweeps for a slice of time.
func (o *owners) sweepOn(want *wanted) {
	w := &o.sweep
	if w.list == nil {
		list, err := o.proc.Processes()
		if err != nil {
			o.giveUp(want)
			return
		}
		*w = sweep{list: list, began: want, likely: o.known()}
		o.walkCgroups(want)
	}
	for deadline := time.Now().Add(sweepSlice); time.Now().Before(deadline); {
		pid, ok := o.nextProcess(want)
		if !ok {
			o.giveUp(w.began)
			w.close()
			return
		}
		if pid > 0 && o.lookAt(pid, want) {
			w.close() // nothing is missing any more
			return
		}
	}
}

// nextProcess is the next of the round; 0 where it was put off.
func (o *owners) nextProcess(want *wanted) (pid int, ok bool) {
	const part = 64
	w := &o.sweep
	if len(w.likely) > 0 {
		pid, w.likely = w.likely[0], w.likely[1:]
		return pid, true
	}
	if len(w.pending) == 0 && !w.ended {
		pids, err := w.list.Next(part)
		w.ended = err != nil
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, false
		}
		w.pending = pids
	}
	if len(w.pending) > 0 {
		pid, w.pending = w.pending[0], w.pending[1:]
		if !o.isLikely(pid, want) {
			w.others = append(w.others, pid)
			return 0, true
		}
		return pid, true
	}
	if len(w.others) > 0 {
		pid, w.others = w.others[0], w.others[1:]
		return pid, true
	}
	return 0, !w.ended
}

// isLikely asks for what costs little.
func (o *owners) isLikely(pid int, want *wanted) bool {
	info, err := os.Stat(filepath.Join(o.proc.Root, strconv.Itoa(pid)))
	if err != nil {
		return false
	}
	if s, ok := info.Sys().(*syscall.Stat_t); !ok || !want.uids[s.Uid] {
		return false
	}
	shares, known := o.proc.SharesNetNS(pid)
	return shares && known
}

// known are the processes that own something, those last seen first.
func (o *owners) known() (pids []int) {
	all := make([]*process, 0, len(o.procs))
	for _, p := range o.procs {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *process) int { return b.seen.Compare(a.seen) })
	for _, p := range all {
		pids = append(pids, p.PID)
	}
	return pids
}

// lookAt notes what a process holds of what is wanted, and reports whether
// nothing is missing any more. Of a socket that several hold, the first one
// that was started, or the one with the lowest PID, is its owner.
func (o *owners) lookAt(pid int, want *wanted) (enough bool) {
	var hold []uint32
	_, _ = o.proc.Sockets(pid, maxFiles, func(_ int, inode uint32) {
		if _, ok := want.inodes[inode]; ok {
			hold = append(hold, inode)
		}
	})
	if len(hold) == 0 {
		return false
	}
	p := o.process(pid)
	if p == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, inode := range hold {
		if old := o.found[inode]; old == nil || p.Born.Before(old.Born) || p.Born.Equal(old.Born) && p.PID < old.PID {
			o.found[inode] = p
		}
		delete(o.hopeless, inode)
	}
	o.countMissing()
	return o.missing == 0
}

// askKnown looks at the processes that own something already for what is new in
// a frame: it may be closed by the next.
func (o *owners) askKnown(want *wanted) {
	const most = 16
	pids := o.known()
	for _, pid := range pids[:min(len(pids), most)] {
		if o.sweepCredit <= 0 {
			return
		}
		o.lookAt(pid, want)
	}
}

// giveUp says that a whole round did not find what it was for.
func (o *owners) giveUp(want *wanted) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for inode := range want.inodes {
		if _, still := o.want.inodes[inode]; still && o.found[inode] == nil {
			o.hopeless[inode] = true
		}
	}
	o.countMissing()
}

// verify looks whether the processes are still there, and forgets what those
// held that have ended.
func (o *owners) verify(now time.Time) {
	if now.Sub(o.verified) < verifyEvery {
		return
	}
	o.verified = now
	for pid, p := range o.procs {
		if ticks, err := o.proc.StartTime(pid); err == nil && ticks == p.ticks {
			o.recount(p)
			continue
		}
		delete(o.procs, pid)
		o.mu.Lock()
		for inode, holder := range o.found {
			if holder == p {
				delete(o.found, inode)
			}
		}
		o.countMissing()
		o.mu.Unlock()
	}
}

// recount counts a process's open files anew.
func (o *owners) recount(p *process) {
	n, err := o.list.OpenFiles(p.PID)
	if err != nil {
		return
	}
	o.mu.Lock()
	p.Files = &n
	o.mu.Unlock()
}

// walkCgroups finds the paths of cgroups that are new.
func (o *owners) walkCgroups(want *wanted) {
	o.mu.Lock()
	fresh := false
	for id := range want.cgroups {
		_, known := o.places[id]
		fresh = fresh || !known
	}
	o.mu.Unlock()
	if !fresh {
		return
	}
	o.cgroups.Walk()
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range want.cgroups {
		o.places[id], _ = o.cgroups.Place(id)
	}
}
