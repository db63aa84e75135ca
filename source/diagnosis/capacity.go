package diagnosis

import (
	"math/bits"

	"github.com/359a26c5/twtop/source"
)

// The two halves of R: connect() tries the ports with the parity of Range.Low
// first, and the other half only after a scan of the whole preferred one
// (__inet_hash_connect, net/ipv4/inet_hashtables.c). Which half a port belongs
// to is its lowest bit against Low's, whether or not some of the range is
// reserved: reserved and blocked ports just make a half smaller.
//
// A range of odd size needs nothing more: one scan then leaves out one port of
// the preferred half, a different one from scan to scan, so that free may be
// one too high, as the contract says.
const (
	preferred = iota
	other
	halves
)

// portSpace is R: what connect() may hand out.
type portSpace struct {
	source.PortSet
	totals PortTotals
	low    uint16
	// preferred is the number of ports of R in the preferred half.
	preferred int
}

// newPortSpace works out R for a snapshot; blocked are the ports taken from
// every destination.
func newPortSpace(s *source.Snapshot, blocked *source.PortSet) *portSpace {
	p := &portSpace{low: s.Range.Low}
	p.AddRange(s.Range)
	size := p.Len()
	p.Subtract(&s.Reserved)
	left := p.Len()
	p.Subtract(blocked)
	p.totals = PortTotals{
		Range: s.Range, Assumed: !s.RangeKnown,
		Size: size, Reserved: size - left, Bound: left - p.Len(), Capacity: p.Len(),
	}
	p.preferred = withParity(&p.PortSet, p.low)
	return p
}

// blockers puts the ports into set that a socket takes from connect() for
// every destination: a listener's, also one that went away while connections
// it accepted are left, those of bound-inactive sockets, on whatever address.
func blockers(s *source.Snapshot, set *source.PortSet) {
	for i := range s.Listeners {
		set.Add(s.Listeners[i].Port)
	}
	for i := range s.Bound {
		set.Add(s.Bound[i].Port)
	}
	for i := range s.Flows {
		if f := &s.Flows[i]; f.Role == source.RoleGone && !set.Has(f.Port) && holdsPort(s.SocketsOf(i)) {
			set.Add(f.Port)
		}
	}
}

// holdsPort reports whether one of these accepted sockets has its listener's
// port in the bind table. A SYN_RECV is a request, and has not.
func holdsPort(socks []source.Socket) bool {
	for i := range socks {
		if socks[i].State != source.StateSynRecv {
			return true
		}
	}
	return false
}

// withParity counts the ports of set that have the parity of low.
func withParity(set *source.PortSet, low uint16) (n int) {
	mask := uint64(0x5555_5555_5555_5555) << (low & 1)
	for _, w := range set {
		n += bits.OnesCount64(w & mask)
	}
	return n
}
