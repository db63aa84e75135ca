package source

// Listener is a socket in LISTEN.
type Listener struct {
	Local  Addr
	Port   uint16
	Detail Detail // RecvQ: connections waiting; SendQ: backlog; Device; V6Only
	// Gone is set where the listener was seen in an earlier snapshot and is
	// not there any more, while connections it accepted still are.
	Gone bool
}

// Accepts reports whether a connection to local:port on device could have come
// in through the listener: same port, no device or the same, and the same
// address or a wildcard. The IPv6 wildcard takes IPv4 too unless the socket is
// IPv6-only (inet_lookup_listener, compute_score).
func (l *Listener) Accepts(local Addr, port uint16, device uint32) bool {
	return l.score(local, port, device) > 0
}

// score is 0 where the listener does not accept, and more the more specific it is.
func (l *Listener) score(local Addr, port uint16, device uint32) int {
	if l.Port != port {
		return 0
	}
	score := 1
	if l.Detail.Device != 0 {
		if l.Detail.Device != device {
			return 0
		}
		score += 4
	}
	switch {
	case l.Local == local:
		return score + 2
	case !l.Local.IsUnspecified():
		return 0
	case l.Local.Is4():
		if !local.Is4() {
			return 0
		}
		return score + 1
	case local.Is4() && l.Detail.V6Only:
		return 0
	}
	return score
}

// Bound is a socket that is bound to a port and neither listens nor is connected.
type Bound struct {
	Local  Addr
	Port   uint16
	Detail Detail
}
