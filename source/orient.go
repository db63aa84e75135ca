package source

// outsidePorts tells apart, among local ports outside the range that have no
// listener, those with one remote port from those with two or more: the
// latter are what is left of a service.
type outsidePorts struct {
	seen, several PortSet
	first         [1 << 16]uint16 // the first remote port, where seen
	any           bool            // several is not empty
}

func (o *outsidePorts) reset() {
	o.seen, o.several, o.any = PortSet{}, PortSet{}, false
}

func (o *outsidePorts) add(local, remote uint16) {
	switch {
	case !o.seen.Has(local):
		o.seen.Add(local)
		o.first[local] = remote
	case o.first[local] != remote:
		o.several.Add(local)
		o.any = true
	}
}

// orient applies the rules that need no other connection: SYN states, a
// listener (the most specific gets the credit), a listener seen earlier. What
// is left is outgoing until reorient has seen the whole dump.
//
// device is the flow's. A client that is bound to a device has a port account
// of its own: the kernel grants others the same port to the same destination
// (INET_MATCH, inet_sk_bound_dev_eq). To accepted connections the device means
// something where their listener is bound to it, or the address is link-local.
func (b *Builder) orient(e *Entry, state State) (accepted bool, listener int32, device uint32) {
	if state == StateSynSent {
		return false, -1, e.Device
	}
	if i := b.current.match(e.Local, e.LocalPort, e.Device); i >= 0 {
		return true, i, b.current.all[i].flowDevice(e)
	}
	if i := b.gone.match(e.Local, e.LocalPort, e.Device); i >= 0 {
		return true, int32(len(b.current.all)) + i, b.gone.all[i].flowDevice(e)
	}
	if state == StateSynRecv {
		return true, -1, new(Listener).flowDevice(e)
	}
	if !b.snap.Range.Contains(e.LocalPort) {
		b.outside.add(e.LocalPort, e.RemotePort)
	}
	return false, -1, e.Device
}

// flowDevice is the device of the flow of a connection that l accepted.
func (l *Listener) flowDevice(e *Entry) uint32 {
	if e.Device != 0 && (l.Device != 0 || e.Local.IsLinkLocal6() || e.Remote.IsLinkLocal6()) {
		return e.Device
	}
	return 0
}
