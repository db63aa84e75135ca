package source

import "slices"

// reorienter applies the rules of orientation that need the whole dump: where
// both ends of a connection are in it, exactly one of them is accepted; a port
// outside the range with several remote ports is what is left of a service.
type reorienter struct {
	b      *Builder
	local  map[Addr]bool // only towards these can the other end be in the dump
	sorted []bool        // by flow: its sockets are sorted by port
	moves  []move
}

// move puts a socket into another flow.
type move struct {
	socket uint32
	key    flowKey
	port   uint16
}

// reorient turns round those connections that orient got wrong for want of
// the whole dump.
func (b *Builder) reorient() {
	r := reorienter{b: b, local: b.localAddrs()}
	for i := range b.table.flows {
		r.flow(i)
	}
	if len(r.moves) > 0 {
		r.apply()
	}
}

// localAddrs are the local addresses of the dump.
func (b *Builder) localAddrs() map[Addr]bool {
	set := make(map[Addr]bool)
	var last Addr
	for i := range b.table.flows {
		if f := &b.table.flows[i]; i == 0 || f.Local != last {
			last = f.Local
			set[last] = true
		}
	}
	return set
}

func (r *reorienter) flow(i int) {
	b, f := r.b, &r.b.table.flows[i]
	paired := r.local[f.Remote]
	if f.Role == RoleOutgoing && b.current.match(f.Remote, f.Port, 0) >= 0 {
		paired = paired && b.outside.any // otherwise the other end is accepted: nothing to turn
	}
	if !r.suspicious(f, paired) {
		return
	}
	socks := r.sockets(i)
	for j := range socks {
		s := &socks[j]
		if s.State != StateSynSent && s.State != StateSynRecv && r.wrong(f, endsOf(f, s), paired) {
			r.moves = append(r.moves, turned(f, s, f.first+uint32(j)))
		}
	}
}

// suspicious reports whether any connection of the flow might be the other way
// round. It costs next to nothing for the flows of a healthy host, however large.
func (r *reorienter) suspicious(f *Flow, paired bool) bool {
	b := r.b
	switch {
	case f.Role == RoleGone:
		return paired
	case f.Role == RoleOutgoing && paired:
		return true
	}
	ports := &b.outside.several
	if f.Role == RoleAccepted {
		ports = &b.current.ports
	}
	if f.Role == RoleAccepted && !paired || f.Role == RoleOutgoing && !b.outside.any {
		return false
	}
	for _, s := range b.snap.Sockets[f.first : f.first+f.n] {
		if ports.Has(s.Port) {
			return true
		}
	}
	return false
}

// wrong reports whether the connection is the other way round than its flow.
func (r *reorienter) wrong(f *Flow, e ends, paired bool) bool {
	ports := &r.b.current.ports
	if f.Role == RoleAccepted && !ports.Has(e.remotePort) {
		return false
	}
	if paired && e != e.reverse() {
		if other := r.otherEnd(e); other != nil {
			return r.accepted(f, other, e) != (f.Role != RoleOutgoing)
		}
	}
	return f.Role == RoleOutgoing && r.b.outside.several.Has(e.localPort) &&
		!r.b.snap.Range.Contains(e.localPort)
}

// accepted says which end of a connection accepted it, where both are in the
// dump: the one with a listener, or with a listener that went away; with one
// at both ends or none, the end whose port is not in the range; then the one
// that more connections go to. Asked from either end it gives the same answer.
func (r *reorienter) accepted(f, other *Flow, e ends) bool {
	if a, b := f.Role == RoleAccepted, other.Role == RoleAccepted; a != b {
		return a
	}
	if a, b := f.Role == RoleGone, other.Role == RoleGone; a != b {
		return a
	}
	if a, b := r.b.snap.Range.Contains(e.localPort), r.b.snap.Range.Contains(e.remotePort); a != b {
		return b
	}
	if in, out := r.fan(e.reverse()), r.fan(e); in != out {
		return in > out
	}
	r.b.snap.Ambiguous++
	return e.localPort < e.remotePort
}

// fan is the number of connections from the local address of e to its remote
// end, as far as they are taken for outgoing.
func (r *reorienter) fan(e ends) uint32 {
	t := &r.b.table
	if i := t.find(&flowKey{local: e.local, remote: e.remote, port: e.remotePort}); i >= 0 {
		return t.flows[i].n
	}
	return 0
}

// otherEnd returns the flow that holds the other end of the connection, nil
// where that is not in the dump.
func (r *reorienter) otherEnd(e ends) *Flow {
	t := &r.b.table
	e = e.reverse()
	if i := t.find(&flowKey{local: e.local, remote: e.remote, port: e.remotePort}); i >= 0 && r.contains(i, e.localPort) {
		return &t.flows[i]
	}
	k := flowKey{local: e.local, remote: e.remote, port: e.localPort, accepted: true}
	if i := t.find(&k); i >= 0 && r.contains(i, e.remotePort) {
		return &t.flows[i]
	}
	return nil
}

// contains reports whether flow i has a socket with that port.
func (r *reorienter) contains(i int, port uint16) bool {
	_, ok := slices.BinarySearchFunc(r.sockets(i), Socket{Port: port}, byPort)
	return ok
}

// sockets returns the sockets of flow i by ascending port. They are sorted
// when they are first asked for, before any move refers to one of them.
func (r *reorienter) sockets(i int) []Socket {
	f := &r.b.table.flows[i]
	socks := r.b.snap.Sockets[f.first : f.first+f.n]
	if r.sorted == nil {
		r.sorted = make([]bool, len(r.b.table.flows))
	}
	if !r.sorted[i] {
		slices.SortFunc(socks, byPort)
		r.sorted[i] = true
	}
	return socks
}

func byPort(a, b Socket) int { return int(a.Port) - int(b.Port) }

// ends is a connection as one end sees it.
type ends struct {
	local, remote         Addr
	localPort, remotePort uint16
}

func (e ends) reverse() ends { return ends{e.remote, e.local, e.remotePort, e.localPort} }

func endsOf(f *Flow, s *Socket) ends {
	if f.Role == RoleOutgoing {
		return ends{f.Local, f.Remote, s.Port, f.Port}
	}
	return ends{f.Local, f.Remote, f.Port, s.Port}
}

// turned is the move of a socket to the flow of the other orientation.
func turned(f *Flow, s *Socket, at uint32) move {
	k := f.key()
	k.accepted, k.port = !k.accepted, s.Port
	return move{at, k, f.Port}
}

// apply carries the moves out, and drops the flows that they leave empty.
func (r *reorienter) apply() {
	b, socks := r.b, r.b.snap.Sockets
	for i := range r.moves {
		m := &r.moves[i]
		f, _ := b.table.intern(&m.key)
		socks[m.socket].flow, socks[m.socket].Port = f, m.port
	}
	b.group(socks)
	b.dropEmptyFlows()
}
