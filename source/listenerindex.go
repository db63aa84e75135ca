package source

import (
	"cmp"
	"slices"
)

// listenerIndex finds the listener that accepts a connection.
type listenerIndex struct {
	ports  PortSet
	byPort map[uint16][]int32 // indices in all; one of those that accept the same
	all    []Listener
}

// newListenerIndex leaves out what accepts the same as one before: hundreds of
// workers may listen on one port by SO_REUSEPORT, and match tries them all.
func newListenerIndex(all []Listener) listenerIndex {
	type kind struct {
		listenerKey
		v6Only bool
	}
	x := listenerIndex{byPort: make(map[uint16][]int32, len(all)), all: all}
	seen := make(map[kind]bool, len(all))
	for i := range all {
		l := &all[i]
		k := kind{l.key(), l.Detail.V6Only}
		if seen[k] {
			continue
		}
		seen[k] = true
		x.ports.Add(l.Port)
		x.byPort[l.Port] = append(x.byPort[l.Port], int32(i))
	}
	return x
}

// asked counts the listeners that were asked for.
func (x *listenerIndex) asked() int {
	n := 0
	for i := range x.all {
		if !x.all[i].Unasked {
			n++
		}
	}
	return n
}

// match returns the most specific listener that accepts, -1 where none does.
func (x *listenerIndex) match(local Addr, port uint16, device uint32) int32 {
	if len(x.all) == 0 || !x.ports.Has(port) {
		return -1
	}
	best, bestScore := int32(-1), 0
	for _, i := range x.byPort[port] {
		if s := x.all[i].score(local, port, device); s > bestScore {
			best, bestScore = i, s
		}
	}
	return best
}

// listenerKey is a listener's identity from one snapshot to the next.
type listenerKey struct {
	local  Addr
	device uint32
	port   uint16
}

func (l *Listener) key() listenerKey { return listenerKey{l.Local, l.Device, l.Port} }

// listenerMemory remembers listeners that went away while connections that
// they accepted are left. A listener without such connections is forgotten:
// the kernel has given its port free then.
type listenerMemory struct {
	seen map[listenerKey]Listener
}

// maxRemembered bounds the memory; a host has at most 65,535 ports an address.
const maxRemembered = 1 << 16

// gone returns the remembered listeners that are not among current.
func (m *listenerMemory) gone(current []Listener) []Listener {
	if len(m.seen) == 0 {
		return nil
	}
	now := make(map[listenerKey]bool, len(current))
	for i := range current {
		now[current[i].key()] = true
	}
	var out []Listener
	for k, l := range m.seen {
		if !now[k] {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), a.Local.Compare(b.Local), cmp.Compare(a.Device, b.Device))
	})
	return out
}

// keep makes all, the listeners of a snapshot with the gone ones that still
// have connections, what is remembered.
func (m *listenerMemory) keep(all []Listener) {
	m.seen = make(map[listenerKey]Listener, len(all))
	for i := range all {
		if len(m.seen) >= maxRemembered {
			return
		}
		l := all[i]
		l.Gone = true
		l.Detail = Detail{Has: l.Detail.Has & HasV6Only, V6Only: l.Detail.V6Only}
		m.seen[l.key()] = l
	}
}
