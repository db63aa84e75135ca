package capture

import (
	"cmp"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// facts is what a snapshot has besides its connections.
type facts struct {
	clock uint32
	taken time.Time
	host  source.Host

	ports      source.PortRange
	portsKnown bool
	reserved   source.PortSet

	listeners       []source.Listener
	bound           []source.Bound
	blockersUnknown bool
	ambiguous       int

	sysctls   map[string]string
	counters  source.Counters
	processes []source.Process
	cost      source.Cost
	gaps      []string
	origin    source.Kind
	owners    *source.Owners
	knows     byte // tagDoubts, as it was read
}

// The bits of tagDoubts.
const (
	doubtBlockers    = 1 << iota // Snapshot.BlockersUnknown
	looksAtProcesses             // Snapshot.Processes is not nil
	looksAtOwners                // Snapshot.Owners is not nil
)

func (f *facts) doubts() byte {
	return doubtBlockers*bit(f.blockersUnknown) | looksAtProcesses*bit(f.processes != nil) | looksAtOwners*bit(f.owners != nil)
}

// settle makes of what was read what was known, when all sections are there.
func (f *facts) settle(o *ownersIn) {
	f.blockersUnknown = f.knows&doubtBlockers != 0
	switch {
	case f.knows&looksAtProcesses == 0:
		f.processes = nil
	case f.processes == nil:
		f.processes = []source.Process{}
	}
	f.owners = nil
	if f.knows&looksAtOwners != 0 {
		f.owners = o.owners()
	}
}

// originOf is what a recorded snapshot was made from; "" for what no recorder
// says.
func originOf(k source.Kind) source.Kind {
	switch k {
	case source.KindLive, source.KindProc, source.KindText:
		return k
	}
	return ""
}

// factsOf are those of s, and where its listeners are among them.
func factsOf(s *source.Snapshot) (f *facts, place []int32) {
	f = &facts{
		clock: s.Clock, taken: s.Taken, host: s.Host,
		ports: s.Range, portsKnown: s.RangeKnown, reserved: s.Reserved,
		bound: slices.Clone(s.Bound), blockersUnknown: s.BlockersUnknown, ambiguous: s.Ambiguous,
		sysctls: s.Sysctls, counters: s.Counters, processes: s.Processes, cost: s.Cost, gaps: s.Gaps,
		origin: originOf(cmp.Or(s.Origin, s.Kind)), owners: s.Owners,
	}
	f.listeners, place = orderListeners(s.Listeners)
	for i := range f.bound {
		f.bound[i].Detail = unmoving(&f.bound[i].Detail)
	}
	slices.SortStableFunc(f.bound, func(a, b source.Bound) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), a.Local.Compare(b.Local), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Detail.Inode, b.Detail.Inode))
	})
	return f, place
}

// orderListeners sorts listeners, for a dump has them in no order of its own,
// and returns where each of all went.
func orderListeners(all []source.Listener) (sorted []source.Listener, place []int32) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &all[i], &all[j]
		return cmp.Or(cmp.Compare(a.Port, b.Port), a.Local.Compare(b.Local), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Detail.Inode, b.Detail.Inode))
	})
	sorted, place = make([]source.Listener, len(all)), make([]int32, len(all))
	for at, i := range order {
		sorted[at] = all[i]
		sorted[at].Detail = unmoving(&all[i].Detail)
		place[i] = int32(at)
	}
	return sorted, place
}

// unmoving is the detail of a socket that is not connected: without tcp_info,
// which says nothing there.
func unmoving(d *source.Detail) source.Detail {
	c := canonical(d, 0)
	c.Has &^= source.HasInfo
	c.Options, c.RTT, c.LastDataSent, c.LastDataRecv, c.LastAckRecv = 0, 0, 0, 0, 0
	return c
}

// snapshot is the facts' part of a snapshot.
func (f *facts) snapshot() *source.Snapshot {
	return &source.Snapshot{
		Taken: f.taken, Clock: f.clock, Kind: source.KindCapture, Origin: f.origin, Host: f.host,
		Range: f.ports, RangeKnown: f.portsKnown, Reserved: f.reserved,
		Listeners: f.listeners, Bound: f.bound, BlockersUnknown: f.blockersUnknown, Ambiguous: f.ambiguous,
		Sysctls: f.sysctls, Counters: f.counters, Processes: f.processes, Owners: f.owners, Cost: f.cost, Gaps: f.gaps,
	}
}

// The tags of sections. Those of columns follow tagColumns.
const (
	tagMoment = 1 + iota
	tagPorts
	tagReserved
	tagListeners
	tagBound
	tagSysctls
	tagCounters
	tagCost
	tagGaps
	tagDoubts // what is not known, as bits
	tagProcesses
	tagHost
	tagAmbiguous
	tagOrigin
	tagOwnerProcesses
	tagHolders
	tagCgroups
	tagSightings
	tagColumns = 64
)

// encode writes what is another than before; all of it where before is empty.
func (f *facts) encode(before *facts, section func(tag int, body *out)) {
	f.writeMoment(section)
	if f.ports != before.ports || f.portsKnown != before.portsKnown {
		o := new(out)
		o.uint(uint64(f.ports.Low))
		o.uint(uint64(f.ports.High))
		o.bool(f.portsKnown)
		section(tagPorts, o)
	}
	if f.reserved != before.reserved {
		section(tagReserved, portSet(&f.reserved))
	}
	if !slices.Equal(f.listeners, before.listeners) {
		section(tagListeners, listOut(f.listeners, before.listeners, writeListener))
	}
	if !slices.Equal(f.bound, before.bound) {
		section(tagBound, listOut(f.bound, before.bound, writeBound))
	}
	if !maps.Equal(f.sysctls, before.sysctls) {
		section(tagSysctls, sysctls(f.sysctls, before.sysctls))
	}
	if !reflect.DeepEqual(f.counters, before.counters) {
		section(tagCounters, counters(&f.counters, &before.counters))
	}
	if !slices.Equal(f.gaps, before.gaps) {
		section(tagGaps, listOut(f.gaps, before.gaps, writeText))
	}
	if f.ambiguous != before.ambiguous {
		o := new(out)
		o.uint(uint64(f.ambiguous))
		section(tagAmbiguous, o)
	}
	if !reflect.DeepEqual(f.processes, before.processes) {
		section(tagProcesses, listOut(f.processes, before.processes, writeProcess))
	}
	if f.doubts() != before.doubts() {
		o := new(out)
		o.byte(f.doubts())
		section(tagDoubts, o)
	}
	encodeOwners(f.owners, before.owners, f.clock, section)
	if f.origin != before.origin {
		o := new(out)
		o.text(string(f.origin))
		section(tagOrigin, o)
	}
	if f.host != before.host {
		section(tagHost, host(&f.host))
	}
}

func (f *facts) writeMoment(section func(int, *out)) {
	o := new(out)
	o.uint(uint64(f.clock))
	o.moment(f.taken)
	section(tagMoment, o)
	o = new(out)
	o.int(int64(f.cost.Wall))
	o.int(int64(f.cost.CPU))
	o.bool(f.cost.Interrupted)
	section(tagCost, o)
}

// decode takes one section in; those it does not know it leaves. What was
// before must not be changed: it may be somebody's snapshot.
func (f *facts) decode(tag int, i *in) error {
	switch tag {
	case tagMoment:
		f.clock = uint32(i.uint())
		f.taken = i.moment()
	case tagCost:
		f.cost = source.Cost{Wall: time.Duration(i.int()), CPU: time.Duration(i.int()), Interrupted: i.bool()}
	case tagPorts:
		f.ports = source.PortRange{Low: uint16(i.uint()), High: uint16(i.uint())}
		f.portsKnown = i.bool()
	case tagReserved:
		f.reserved = readPortSet(i)
	case tagListeners:
		f.listeners = listIn(f.listeners, i, readListener)
	case tagBound:
		f.bound = listIn(f.bound, i, readBound)
	case tagSysctls:
		f.sysctls = readSysctls(f.sysctls, i)
	case tagCounters:
		f.counters = readCounters(f.counters, i)
	case tagGaps:
		f.gaps = listIn(f.gaps, i, (*in).text)
	case tagDoubts:
		f.knows = i.byte()
	case tagAmbiguous:
		f.ambiguous = int(min(i.uint(), math.MaxInt32))
	case tagOrigin:
		f.origin = originOf(source.Kind(i.text()))
	case tagProcesses:
		f.processes = listIn(f.processes, i, readProcess)
	case tagHost:
		f.host = readHost(i)
	}
	return i.err
}
