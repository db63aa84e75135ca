package live

import (
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// process is a process that holds, or held, sockets that matter. Once it is
// made, only its number of files changes, and only under the lock.
type process struct {
	source.Process
	ticks uint64 // when it was started: tells it from others with its PID
	seen  time.Time
}

// maxProcesses bounds how many are remembered.
const maxProcesses = 1024

// process returns what is known of a PID, nil where it has ended.
func (o *owners) process(pid int) *process {
	ticks, err := o.proc.StartTime(pid)
	if err != nil {
		return nil
	}
	now := time.Now()
	if p := o.procs[pid]; p != nil && p.ticks == ticks {
		p.seen = now
		return p
	}
	if !o.openList() {
		return nil
	}
	about, err := o.list.Process(pid)
	if err != nil {
		return nil
	}
	about.User = o.users.name(about.UID)
	if _, place, err := o.proc.Cgroup(pid); err == nil {
		about.Place = place
	}
	if len(o.procs) >= maxProcesses {
		o.forgetOldest()
	}
	p := &process{Process: about, ticks: ticks, seen: now}
	o.procs[pid] = p
	return p
}

// forgetOldest makes room: half of it, so that it is seldom.
func (o *owners) forgetOldest() {
	all := make([]*process, 0, len(o.procs))
	for _, p := range o.procs {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *process) int { return a.seen.Compare(b.seen) })
	for _, p := range all[:len(all)/2] {
		delete(o.procs, p.PID)
	}
}

func (o *owners) openList() bool {
	if o.list == nil {
		list, err := o.proc.Processes()
		if err != nil {
			return false
		}
		o.list = list
	}
	return true
}
