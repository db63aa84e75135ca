package diagnosis

import "github.com/359a26c5/twtop/source"

// boundPorts remembers what became of ports that were once bound, which a dump
// does not show.
//
// A client that calls bind() and then connect() is bound-inactive for a
// moment. Whoever was caught in it and is an outgoing connection of the same
// address in the next frame holds its port for every destination for as long
// as the connection and its TIME_WAIT last (seen on 6.18: a plain connect()
// elsewhere, and to the same destination with tcp_tw_reuse, is not given it).
//
// A listener, or a socket that is only bound, may lie over the port of a
// client on another address. When it goes, Linux 6.18 gives the port back
// (seen); older kernels keep it from connect() until the client has gone too
// (inet_bind_bucket.fastreuse is not worked out anew).
type boundPorts struct {
	first  source.PortSet // held by clients that bound them first
	shadow source.PortSet // no longer bound, but held by others

	blocked source.PortSet // of the frame before
	bound   []source.Bound // of the frame before
}

// update follows the ports into s; blocked are those that are blocked in s.
func (b *boundPorts) update(s *source.Snapshot, blocked *source.PortSet) {
	watched := b.blocked
	watched.Union(&b.first)
	watched.Union(&b.shadow)
	watched.Subtract(blocked)
	before := b.first
	b.first, b.shadow = source.PortSet{}, source.PortSet{}
	if watched != (source.PortSet{}) {
		for i := range s.Flows {
			b.follow(s, i, &watched, &before)
		}
	}
	b.blocked, b.bound = *blocked, s.Bound
}

func (b *boundPorts) follow(s *source.Snapshot, flow int, watched, before *source.PortSet) {
	f := &s.Flows[flow]
	if f.Role != source.RoleOutgoing {
		if watched.Has(f.Port) {
			b.shadow.Add(f.Port)
		}
		return
	}
	socks := s.SocketsOf(flow)
	for i := range socks {
		p := socks[i].Port
		if !watched.Has(p) {
			continue
		}
		if before.Has(p) || b.wasBound(p, f.Local) {
			b.first.Add(p)
		} else {
			b.shadow.Add(p)
		}
	}
}

func (b *boundPorts) wasBound(port uint16, local source.Addr) bool {
	for i := range b.bound {
		if x := &b.bound[i]; x.Port == port && (x.Local == local || x.Local.IsUnspecified()) {
			return true
		}
	}
	return false
}

// uncertain reports whether ports may be blocked that are not known to be.
func (b *boundPorts) uncertain(s *source.Snapshot) bool {
	return source.KernelBefore(s.Host.Kernel, 6, 18) && b.shadow.LenIn(s.Range) > 0
}
