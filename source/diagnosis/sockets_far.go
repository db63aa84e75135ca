package diagnosis

import (
	"net/netip"

	"github.com/359a26c5/twtop/source"
)

// otherEnd is what the far end of a row's connections would be in the same
// snapshot: an accepted flow with the addresses of an outgoing one turned round,
// or any outgoing flow to an address of the service.
type otherEnd struct {
	local, remote source.Addr // local is not asked for where it is outgoing
	port          uint16
	outgoing      bool
}

func otherEndOf(f *source.Flow) otherEnd {
	if f.Role == source.RoleOutgoing {
		return otherEnd{local: f.Remote, remote: f.Local, port: f.Port}
	}
	return otherEnd{remote: f.Local, port: f.Port, outgoing: true}
}

// maxAsked is how many far ends are looked for in a frame.
const maxAsked = 1 << 12

// otherEnds looks for the far ends of the rows' flows in this namespace, in one
// pass over the flows, and tells each row how many sockets in a state they have.
func (s *scene) otherEnds(rows []socketRow, state source.State) map[socketRow]int {
	asked := make(map[otherEnd]socketRow)
	for _, r := range rows {
		var last otherEnd
		for flow := range r.flows(s) {
			if e := otherEndOf(&s.Snapshot.Flows[flow]); e != last && len(asked) < maxAsked {
				asked[e], last = r, e
			}
		}
	}
	found := make(map[socketRow]int)
	for i := range s.Snapshot.Flows {
		f := &s.Snapshot.Flows[i]
		e := otherEnd{local: f.Local, remote: f.Remote, port: f.Port}
		if f.Role == source.RoleOutgoing {
			e = otherEnd{remote: f.Remote, port: f.Port, outgoing: true}
		}
		r, ok := asked[e]
		if !ok {
			continue
		}
		states := statesOf(s.Snapshot.SocketsOf(i))
		found[r] += int(states[state])
	}
	return found
}

// ownAddresses are those that sockets of this namespace have, without loopback,
// at most maxAsked.
func (s *scene) ownAddresses() map[source.Addr]bool {
	own := make(map[source.Addr]bool)
	var last source.Addr
	for i := range s.Snapshot.Flows {
		if a := s.Snapshot.Flows[i].Local; a != last && !a.IsLoopback() && len(own) < maxAsked {
			own[a], last = true, a
		}
	}
	return own
}

// sharedAddresses is what RFC 6598 sets aside for what is behind a carrier's NAT.
// Overlays use it as a private network.
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// isPrivate: RFC 1918, RFC 4193, RFC 6598, link-local or loopback.
func isPrivate(a source.Addr) bool {
	ip := a.IP().Unmap()
	return ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsLoopback() || sharedAddresses.Contains(ip)
}
