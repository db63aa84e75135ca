package procnet

// steadyTries is how often Unhashed looks for a quiet moment.
const steadyTries = 4

// Unhashed returns how many sockets of the namespace are in no protocol's
// table: "sockets: used" of net/sockstat less the sockets of net/protocols. A
// bound-inactive TCP socket is one of them, and looking for those is dear where
// there are many TIME_WAITs: while this figure stays what it was when they were
// last looked for, none has come or gone. ok is false where the kernel does not
// tell, or sockets came and went while it was read.
//
// The figure by itself proves nothing: it may be 0 or less although there are
// bound-inactive sockets. Measured on Linux 6.18, each in a namespace of its own:
//
//	TCP listening, SYN_SENT, SYN_RECV, ESTABLISHED, not yet accepted      0
//	FIN_WAIT1, FIN_WAIT2, LAST_ACK, held or orphaned; CLOSE_WAIT; TIME_WAIT 0
//	MPTCP listening or connected, with its subflows                       0
//	UNIX stream and datagram, UDP bound, RAW, PACKET, NETLINK, XDP        0
//	TCP bound-inactive, also when connect() was refused                  +1
//	TCP not bound, also after a reset, until it is closed                +1
//	UDP, UDP-Lite and MPTCP not bound, VSOCK                             +1
//	NETLINK closed less than 20 ms ago (freed after an RCU grace period) +1
//	a socket of the kernel's own, such as VXLAN's                        −1
func (f FS) Unhashed() (n int, ok bool) { return difference(f.used, f.protocolSockets) }

// difference is used less hashed, read while used did not change. nil is a
// figure that is not there.
func difference(used, hashed func() *uint64) (n int, ok bool) {
	for range steadyTries {
		before, sum, after := used(), hashed(), used()
		if before == nil || sum == nil || after == nil {
			return 0, false
		}
		if *before == *after {
			return int(*before) - int(*sum), true
		}
	}
	return 0, false
}

func (f FS) used() *uint64 {
	s, err := f.SockStat()
	if err != nil {
		return nil
	}
	return s.Used
}

// protocolSockets sums up net/protocols; nil where it is not there.
func (f FS) protocolSockets() *uint64 {
	list, err := f.Protocols()
	if err != nil || list == nil {
		return nil
	}
	sum := new(uint64)
	for i := range list {
		*sum += list[i].Sockets
	}
	return sum
}
