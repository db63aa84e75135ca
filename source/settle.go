package source

// dropEmptyFlows takes out the flows whose sockets all went elsewhere.
func (b *Builder) dropEmptyFlows() {
	old := b.table.flows
	kept := old[:0]
	for i := range old {
		if old[i].n > 0 {
			kept = append(kept, old[i])
		}
	}
	b.table.flows = kept
	b.table.rehash()
	for i := range kept {
		f := &kept[i]
		for j := f.first; j < f.first+f.n; j++ {
			b.snap.Sockets[j].flow = uint32(i)
		}
	}
}

// settleListeners adds the gone listeners that still have connections to the
// snapshot's, and remembers them for the next.
func (b *Builder) settleListeners() {
	current := len(b.current.all)
	place := make([]int32, len(b.gone.all)) // in the snapshot's listeners, plus 1
	for i := range b.table.flows {
		f := &b.table.flows[i]
		g := int(f.Listener) - current
		if g < 0 {
			continue
		}
		if place[g] == 0 {
			b.snap.Listeners = append(b.snap.Listeners[:len(b.snap.Listeners):len(b.snap.Listeners)], b.gone.all[g])
			place[g] = int32(len(b.snap.Listeners))
		}
		f.Listener = place[g] - 1
	}
	b.memory.keep(b.snap.Listeners)
}

// countLeftovers looks for what a listener inside the range may have left: a
// local port of the range whose connections go to two or more ports of the
// range that nothing else goes to. It could be a client's port used for two
// small destinations, or an accepted one that nobody can have any more.
func (b *Builder) countLeftovers() {
	var once, again PortSet
	for i := range b.table.flows {
		f := &b.table.flows[i]
		if f.Role != RoleOutgoing || f.n != 1 || !b.snap.Range.Contains(f.Port) {
			continue
		}
		p := b.snap.Sockets[f.first].Port
		if !b.snap.Range.Contains(p) {
			continue
		}
		if once.Has(p) {
			again.Add(p)
		}
		once.Add(p)
	}
	b.snap.Ambiguous += again.Len()
}
