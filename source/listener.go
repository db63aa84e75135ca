package source

// Listener is a socket in LISTEN.
type Listener struct {
	Local  Addr
	Port   uint16
	Device uint32 // the device it is bound to, 0 for none
	Detail Detail // RecvQ: connections waiting; SendQ: backlog; V6Only
	// Gone is set where the listener was seen in an earlier snapshot and is
	// not there any more, while connections it accepted still are.
	Gone bool
	// Unasked is set where only the other family was asked for and this
	// listener takes none of it. It blocks its port, and is counted nowhere.
	Unasked bool
}

// Takes reports whether connections of an IP family, 4 or 6, can come in: the
// IPv6 wildcard takes IPv4 too unless the socket is IPv6-only.
func (l *Listener) Takes(family int) bool {
	if l.Local.Is4() {
		return family == 4
	}
	return family == 6 || l.Local.IsUnspecified() && !l.Detail.V6Only
}

// score is 0 where the listener does not accept a connection to local:port on
// device: it takes the same port, no device or the same, and the same address
// or a wildcard, where :: takes IPv4 too unless it is IPv6-only. It is the more
// the more specific the listener is: the address first, then the device, then
// the family, as the kernel looks (__inet_lookup_listener, compute_score in
// net/ipv4/inet_hashtables.c).
func (l *Listener) score(local Addr, port uint16, device uint32) int {
	if l.Port != port || l.Device != 0 && l.Device != device {
		return 0
	}
	score := 1
	if l.Device != 0 {
		score += 2
	}
	switch {
	case l.Local == local:
		return score + 4
	case !l.Local.IsUnspecified():
		return 0
	case l.Local.Is4() != local.Is4():
		if l.Local.Is4() || l.Detail.V6Only {
			return 0
		}
		return score
	}
	return score + 1
}

// Bound is a socket that is bound to a port and neither listens nor is connected.
type Bound struct {
	Local  Addr
	Port   uint16
	Device uint32
	Detail Detail
}
