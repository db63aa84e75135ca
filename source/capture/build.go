package capture

import "github.com/359a26c5/twtop/source"

// builder applies a delta, flow by flow.
type builder struct {
	d            *delta
	before, next *image
	clock        uint32

	runs, removed, changed, added, details int // so far
	gone                                   []bool
	due                                    []uint32
}

// flow builds one flow of what it had before and what touched it.
func (b *builder) flow(old []sock, t touch) error {
	if t.runs < 0 || t.removed < 0 || t.changed < 0 || t.added < 0 ||
		t.runs > len(b.d.runs)-b.runs || t.removed > len(b.d.removed)-b.removed ||
		t.changed > len(b.d.changed)-b.changed || t.added > len(b.d.added)-b.added {
		return errDelta
	}
	runs := b.d.runs[b.runs : b.runs+t.runs]
	removed := b.d.removed[b.removed : b.removed+t.removed]
	changed := b.d.changed[b.changed : b.changed+t.changed]
	added := b.d.added[b.added : b.added+t.added]
	b.runs, b.removed, b.changed, b.added = b.runs+t.runs, b.removed+t.removed, b.changed+t.changed, b.added+t.added
	if err := b.leave(old, runs, removed); err != nil {
		return err
	}
	return b.merge(old, changed, added)
}

// leave marks what is gone.
func (b *builder) leave(old []sock, runs, removed []uint32) error {
	b.gone = append(b.gone[:0], make([]bool, len(old))...)
	if len(runs) > 0 {
		b.due = due(old, b.clock, b.due)
	}
	at, gone := uint64(0), true
	for _, n := range runs {
		if uint64(n) > uint64(len(b.due))-at {
			return errDelta
		}
		if gone {
			for _, i := range b.due[at : at+uint64(n)] {
				b.gone[i] = true
			}
		}
		at, gone = at+uint64(n), !gone
	}
	for _, i := range removed {
		if int64(i) >= int64(len(old)) || b.gone[i] {
			return errDelta
		}
		b.gone[i] = true
	}
	return nil
}

// merge puts together what stayed and what was added, by port.
func (b *builder) merge(old []sock, changed []change, added []sock) error {
	for i := range old {
		if b.gone[i] {
			continue
		}
		for len(added) > 0 && added[0].port < old[i].port {
			if err := b.add(&added[0]); err != nil {
				return err
			}
			added = added[1:]
		}
		s := old[i]
		if s.detail > 0 {
			d := b.before.details[s.detail-1]
			if len(changed) > 0 && changed[0].place == uint32(i) {
				c := &changed[0]
				s.state, s.timer, s.deadline, d = c.state, c.timer, c.deadline, c.detail
				changed = changed[1:]
			}
			if s.mini() {
				return errDelta
			}
			s.detail = b.keep(d)
		}
		b.next.socks = append(b.next.socks, s)
	}
	if len(changed) > 0 {
		return errDelta
	}
	for i := range added {
		if err := b.add(&added[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) add(s *sock) error {
	c := *s
	if c.detail = 0; !c.mini() {
		if b.details == len(b.d.details) {
			return errDelta
		}
		c.detail = b.keep(b.d.details[b.details])
		b.details++
	}
	b.next.socks = append(b.next.socks, c)
	return nil
}

func (b *builder) keep(d source.Detail) uint32 {
	b.next.details = append(b.next.details, d)
	return uint32(len(b.next.details))
}
