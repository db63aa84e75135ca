package live

import (
	"cmp"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// fill makes what a snapshot is told of its owners, and forgets the sightings:
// the next one has those after it. The lock is held.
func (o *owners) fill(want *wanted) *source.Owners {
	out := new(source.Owners)
	index := o.indexOf()
	for _, p := range index.all {
		out.Processes = append(out.Processes, p.Process)
	}
	for inode := range o.found {
		if p := o.found[inode]; p != nil {
			out.Holders = append(out.Holders, source.Holder{Inode: inode, Process: index.of(p)})
		}
	}
	slices.SortFunc(out.Holders, func(a, b source.Holder) int { return cmp.Compare(a.Inode, b.Inode) })
	for _, k := range o.sights {
		k.Process = index.of(k.owner)
		out.Sightings = append(out.Sightings, k.Sighting)
		want.cgroups[k.Cgroup] = true
	}
	clear(o.sights)
	slices.SortFunc(out.Sightings, func(a, b source.Sighting) int {
		return cmp.Or(int(int32(a.Clock-b.Clock)), cmp.Compare(a.Inode, b.Inode))
	})
	for id := range want.cgroups {
		if place, ok := o.places[id]; ok && place != (source.Place{}) {
			out.Cgroups = append(out.Cgroups, source.Cgroup{ID: id, Place: place})
		}
	}
	slices.SortFunc(out.Cgroups, func(a, b source.Cgroup) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// processIndex gives processes their index in source.Owners.
type processIndex struct {
	all []*process
	at  map[*process]int32
}

// of is -1 for nil.
func (x *processIndex) of(p *process) int32 {
	if i, ok := x.at[p]; ok {
		return i
	}
	return -1
}

// indexOf orders the processes that a snapshot names.
func (o *owners) indexOf() *processIndex {
	x := &processIndex{at: map[*process]int32{}}
	add := func(p *process) {
		if _, ok := x.at[p]; p != nil && !ok {
			x.at[p] = 0
			x.all = append(x.all, p)
		}
	}
	for _, p := range o.found {
		add(p)
	}
	for _, k := range o.sights {
		add(k.owner)
	}
	slices.SortFunc(x.all, func(a, b *process) int { return cmp.Or(cmp.Compare(a.PID, b.PID), a.Born.Compare(b.Born)) })
	for i, p := range x.all {
		x.at[p] = int32(i)
	}
	return x
}
