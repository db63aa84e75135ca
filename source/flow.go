package source

import "net/netip"

// Role says which end of a connection the local end is.
type Role uint8

// The roles; RoleGone is an accepted connection whose listener is not there any more.
const (
	RoleOutgoing Role = iota
	RoleAccepted
	RoleGone
)

// Flow is what connections to one destination, or from one address to one
// service, have in common. Its sockets lie together in Snapshot.Sockets.
type Flow struct {
	Local, Remote Addr
	// Device is the device that the clients of an outgoing flow are bound to,
	// as those of link-local addresses are, or the listener of an accepted one;
	// 0 for none.
	Device uint32
	// Port is the service's port: the remote one of an outgoing flow, the
	// local one of an accepted flow.
	Port uint16
	Role Role
	// Listener is the index in Snapshot.Listeners of the listener that gets
	// the credit for an accepted flow, -1 for none.
	Listener int32

	first, n uint32
}

// Len is the number of sockets of the flow.
func (f *Flow) Len() int { return int(f.n) }

// RemoteAddrPort is the destination of an outgoing flow.
func (f *Flow) RemoteAddrPort() netip.AddrPort { return netip.AddrPortFrom(f.Remote.IP(), f.Port) }

// Socket is one connection, 16 bytes. The other port than its flow's is here:
// the local (ephemeral) port where the flow is outgoing, the remote one where
// it is accepted.
type Socket struct {
	flow uint32
	// Deadline is when Timer fires, in milliseconds of Snapshot.Clock. For a
	// mini-socket it was fixed when the socket was first seen.
	Deadline uint32
	detail   uint32 // index in Snapshot.details plus 1; 0 for none
	Port     uint16
	State    State
	Timer    Timer
}

// Flow is the index of the socket's flow in Snapshot.Flows.
func (s *Socket) Flow() int { return int(s.flow) }

// Mini reports whether the socket is a timewait mini-socket; see Entry.Mini.
func (s *Socket) Mini() bool {
	return s.State == StateTimeWait || s.State == StateFinWait2 && s.Timer == TimerTimeWait
}
