package diagnosis

import (
	"github.com/359a26c5/twtop/source"
)

// OwnerBasis says how a process is known to own connections.
type OwnerBasis string

// The bases.
const (
	// OwnerNow: it has them open.
	OwnerNow OwnerBasis = "now"
	// OwnerSampled: connections like those that wait now were seen while they
	// were open, and it had them.
	OwnerSampled OwnerBasis = "sampled"
	// OwnerSameDestination: it is the only process that talks to it.
	OwnerSameDestination OwnerBasis = "same_destination"
)

// Owner is a process with its part of the connections of a destination or a
// service. Where the process is not known, but the user who made the sockets,
// or the cgroup they are of, PID is 0.
type Owner struct {
	Process source.Process
	Share   float64 // of the connections in every state, 0 to 1
	Basis   OwnerBasis
	Samples int // connections that this rests on
}

// Owners are those of a destination or a service, the largest share first.
// Their shares and Unknown add up to 1.
type Owners struct {
	All     []Owner
	Unknown float64
}

// Bounds of what is remembered. An owner has about 700 bytes, and a destination
// 24 for each connection that is open.
const (
	maxOwned  = 64 // destinations, the worst
	maxOwners = 32 // of one destination
)

// ownerMemory remembers who opened the connections that wait now: the kernel
// forgets it with the socket.
type ownerMemory struct {
	of map[place]*ownedPlace
}

// owners tells who is behind the worst destinations, and behind the services.
func (a *assessment) owners() {
	o := a.snap.Owners
	if o == nil {
		return
	}
	m := &a.memory.owners
	if m.of == nil {
		m.of = make(map[place]*ownedPlace)
	}
	sights := sightingsByPlace(o)
	d := a.report.Destinations
	for i := range d[:min(len(d), maxOwned)] {
		f := &a.snap.Flows[d[i].Flow]
		p := m.recall(placeOf(f), a.snap.Clock)
		look := ownerLook{snap: a.snap, place: p, sights: sights[placeOf(f)]}
		d[i].Owners = look.owners(d[i].Flow)
	}
	m.sweep(a.snap.Clock)
	for i := range a.report.Services[:min(len(a.report.Services), maxOwned)] {
		s := &a.report.Services[i]
		s.Owners = serviceOwners(a.snap, s)
	}
}

// recall returns what is remembered of a destination.
func (m *ownerMemory) recall(k place, clock uint32) *ownedPlace {
	p := m.of[k]
	if p == nil || elapsed(clock, p.clock) > timeWaitMS {
		p = &ownedPlace{first: true}
		m.of[k] = p
	}
	return p
}

// sweep forgets destinations that are not among the worst any more.
func (m *ownerMemory) sweep(clock uint32) {
	if len(m.of) <= 2*maxOwned {
		return
	}
	for k, p := range m.of {
		if p.clock != clock {
			delete(m.of, k)
		}
	}
}

func sightingsByPlace(o *source.Owners) map[place][]*source.Sighting {
	by := make(map[place][]*source.Sighting)
	for i := range o.Sightings {
		s := &o.Sightings[i]
		k := place{s.Local, s.Remote, s.Device, s.RemotePort}
		by[k] = append(by[k], s)
	}
	return by
}

// serviceOwners are the processes that have a service's connections open, or,
// where none is known, its listeners.
func serviceOwners(s *source.Snapshot, service *Service) *Owners {
	accepted, listening := newHeldBy(s), newHeldBy(s)
	for _, flow := range service.Flows {
		socks := s.SocketsOf(flow)
		for i := range socks {
			if d := s.DetailOf(&socks[i]); d != nil && d.Inode != 0 {
				accepted.add(d)
			}
		}
	}
	for i := range s.Listeners {
		l := &s.Listeners[i]
		if !l.Gone && l.Port == service.Local.Port() && l.Device == service.Device && l.Local == source.AddrFrom(service.Local.Addr()) {
			listening.add(&l.Detail)
		}
	}
	accepted.guess()
	if len(accepted.keys) > 0 {
		return accepted.owners()
	}
	return listening.owners()
}
