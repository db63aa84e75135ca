package capture

import (
	"cmp"
	"math"
	"reflect"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// encodeOwners writes what is another than before; absent where nobody looked.
func encodeOwners(now, before *source.Owners, clock uint32, section func(int, *out)) {
	if now == nil || now == before {
		return
	}
	if before == nil {
		before = new(source.Owners)
	}
	if !reflect.DeepEqual(now.Processes, before.Processes) {
		section(tagOwnerProcesses, listOut(now.Processes, before.Processes, writeProcess))
	}
	if was, is := pidHolders(before), pidHolders(now); !slices.Equal(was, is) {
		section(tagHolders, listOut(is, was, writeHolder))
	}
	if !slices.Equal(now.Cgroups, before.Cgroups) {
		section(tagCgroups, listOut(now.Cgroups, before.Cgroups, writeCgroup))
	}
	if len(now.Sightings) > 0 { // those of the frame before are no longer told of
		section(tagSightings, sightingsOut(now, clock))
	}
}

// processRef is a process by its PID, and how many with that PID are before it:
// indices move whenever another process comes or goes.
type processRef struct {
	pid int
	nth int
}

// nobody is the reference of index −1.
var nobody = processRef{pid: -1}

func refOf(all []source.Process, i int32) processRef {
	if i < 0 || int(i) >= len(all) {
		return nobody
	}
	r := processRef{pid: all[i].PID}
	for j := i - 1; j >= 0 && all[j].PID == r.pid; j-- {
		r.nth++
	}
	return r
}

// index is that of a reference, −1 where there is no such process.
func (r processRef) index(all []source.Process) int32 {
	i, ok := slices.BinarySearchFunc(all, r.pid, func(p source.Process, pid int) int { return cmp.Compare(p.PID, pid) })
	if i += r.nth; !ok || i >= len(all) || all[i].PID != r.pid {
		return -1
	}
	return int32(i)
}

func (o *out) ref(r processRef) {
	o.int(int64(r.pid))
	o.uint(uint64(r.nth))
}

func (i *in) ref() processRef {
	pid := i.int()
	return processRef{int(max(min(pid, math.MaxInt32), -1)), int(min(i.uint(), maxSockets))}
}

// pidHolder is a source.Holder as it is written.
type pidHolder struct {
	inode uint32
	ref   processRef
}

func pidHolders(o *source.Owners) []pidHolder {
	all := make([]pidHolder, len(o.Holders))
	for i, h := range o.Holders {
		all[i] = pidHolder{h.Inode, refOf(o.Processes, h.Process)}
	}
	return all
}

func writeHolder(o *out, h *pidHolder) {
	o.uint(uint64(h.inode))
	o.ref(h.ref)
}

func readHolder(i *in) pidHolder { return pidHolder{uint32(i.uint()), i.ref()} }

func (o *out) place(p *source.Place) {
	for _, s := range [...]string{p.Unit, p.Container.ID, p.Container.Runtime, p.Container.Pod} {
		o.text(s)
	}
}

func (i *in) place() source.Place {
	return source.Place{Unit: i.text(), Container: source.Container{ID: i.text(), Runtime: i.text(), Pod: i.text()}}
}

func writeCgroup(o *out, c *source.Cgroup) {
	o.uint(c.ID)
	o.place(&c.Place)
}

func readCgroup(i *in) source.Cgroup { return source.Cgroup{ID: i.uint(), Place: i.place()} }

// ownersIn is what is read of a frame's owners. References are resolved at the
// end, when the processes are known.
type ownersIn struct {
	processes []source.Process
	holders   []pidHolder
	cgroups   []source.Cgroup
	sightings []source.Sighting
	seenBy    []processRef // of the sightings
}

// begin takes over what stays from the frame before.
func (x *ownersIn) begin(before *source.Owners) {
	if before != nil {
		x.processes, x.holders, x.cgroups = before.Processes, pidHolders(before), before.Cgroups
	}
}

func (x *ownersIn) decode(tag int, clock uint32, i *in) {
	switch tag {
	case tagOwnerProcesses:
		x.processes = listIn(x.processes, i, readProcess)
	case tagHolders:
		x.holders = listIn(x.holders, i, readHolder)
	case tagCgroups:
		x.cgroups = listIn(x.cgroups, i, readCgroup)
	case tagSightings:
		x.sightings, x.seenBy = sightingsIn(i, clock)
	}
}

func (x *ownersIn) owners() *source.Owners {
	o := &source.Owners{Processes: x.processes, Cgroups: x.cgroups, Sightings: x.sightings}
	for _, h := range x.holders {
		o.Holders = append(o.Holders, source.Holder{Inode: h.inode, Process: h.ref.index(o.Processes)})
	}
	for i := range o.Sightings {
		o.Sightings[i].Process = x.seenBy[i].index(o.Processes)
	}
	return o
}
