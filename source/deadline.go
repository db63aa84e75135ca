package source

// deadlineSlack is how far a deadline may seem to move, in ms, and still be the
// same: idiag_expires of one socket wobbles by up to about 30 ms from dump to
// dump, and a new TIME_WAIT on the same port ends a second later at the least.
const deadlineSlack = 50

// deadlineScratch holds the deadlines of one flow of the snapshot before, by port.
type deadlineScratch struct {
	deadline [1 << 16]uint32
	stamp    [1 << 16]uint32 // the round that wrote deadline
	round    uint32
}

// fixDeadlines gives each mini-socket the deadline it had when it was first seen.
func (b *Builder) fixDeadlines() {
	if b.prev == nil {
		return
	}
	if b.deadlines == nil {
		b.deadlines = new(deadlineScratch)
	}
	for i := range b.table.flows {
		f := &b.table.flows[i]
		k := f.key()
		if j := b.prevTable.find(&k); j >= 0 {
			b.deadlines.carry(b.prev.SocketsOf(j), b.snap.Sockets[f.first:f.first+f.n])
		}
	}
}

func (d *deadlineScratch) carry(from, to []Socket) {
	d.round++
	if d.round == 0 {
		d.stamp = [1 << 16]uint32{}
		d.round = 1
	}
	for i := range from {
		if s := &from[i]; s.Mini() {
			d.deadline[s.Port], d.stamp[s.Port] = s.Deadline, d.round
		}
	}
	for i := range to {
		s := &to[i]
		if !s.Mini() || d.stamp[s.Port] != d.round {
			continue
		}
		if diff := int32(s.Deadline - d.deadline[s.Port]); -deadlineSlack < diff && diff < deadlineSlack {
			s.Deadline = d.deadline[s.Port]
		}
	}
}
