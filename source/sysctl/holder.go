package sysctl

import "github.com/359a26c5/twtop/source"

// Holders are ports that something is bound to. The zero Holders has none.
type Holders struct {
	// Listening are the ports of listeners, also of those that went away while
	// connections that they accepted are left.
	Listening source.PortSet
	// Bound are those of sockets that neither listen nor are connected.
	Bound source.PortSet
	// Names says whose some of the ports are, cleaned; it may be nil.
	Names map[uint16]string
}

// See adds the ports of a snapshot, so that those of the frames before stay.
func (h *Holders) See(s *source.Snapshot) {
	for i := range s.Listeners {
		h.Listening.Add(s.Listeners[i].Port)
	}
	for i := range s.Bound {
		h.Bound.Add(s.Bound[i].Port)
	}
}
