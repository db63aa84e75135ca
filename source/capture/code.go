package capture

import "github.com/359a26c5/twtop/source"

// encode writes a delta from before; clock is the next image's.
func (d *delta) encode(before *image, clock uint32) *columnsOut {
	c := &columnsOut{clock: clock}
	for i := range d.flows {
		c.flow(&d.flows[i])
	}
	next := 0
	for _, a := range d.attrs {
		c.col[colAttrs].uint(uint64(a.flow - next))
		c.attr(a.role, a.listener, colAttrs)
		next = a.flow + 1
	}
	starts := before.starts()
	runs, removed, changed, added, details := d.runs, d.removed, d.changed, d.added, d.details
	next = 0
	for _, t := range d.touches {
		for _, n := range [...]int{t.flow - next, t.runs, t.removed, t.changed, t.added} {
			c.col[colTouches].uint(uint64(n))
		}
		next = t.flow + 1
		for _, n := range runs[:t.runs] {
			c.col[colRuns].uint(uint64(n))
		}
		c.places(colRemoved, removed[:t.removed])
		for i := range changed[:t.changed] {
			c.change(before, starts[t.flow], changed[:t.changed], i)
		}
		port := uint16(0)
		for i := range added[:t.added] {
			s := &added[i]
			c.col[colPorts].uint(uint64(s.port - port))
			port = s.port
			c.kind(s.state, s.timer)
			c.deadline(s.timer, s.deadline)
			if !s.mini() {
				c.detail(&details[0], detailParts)
				details = details[1:]
			}
		}
		runs, removed, changed, added = runs[t.runs:], removed[t.removed:], changed[t.changed:], added[t.added:]
	}
	return c
}

// starts is where the sockets of each flow begin.
func (m *image) starts() []int {
	s := make([]int, len(m.counts)+1)
	for i, n := range m.counts {
		s[i+1] = s[i] + n
	}
	return s
}

func (c *columnsOut) flow(f *source.Flow) {
	o := &c.col[colFlows]
	o.addr(f.Local)
	o.addr(f.Remote)
	o.uint(uint64(f.Device))
	o.uint(uint64(f.Port))
	c.attr(f.Role, f.Listener, colFlows)
}

func (c *columnsOut) attr(role source.Role, listener int32, col column) {
	c.col[col].byte(byte(role))
	c.col[col].uint(uint64(listener + 1))
}

// places writes ascending places as the gaps between them.
func (c *columnsOut) places(col column, places []uint32) {
	next := uint32(0)
	for _, p := range places {
		c.col[col].uint(uint64(p - next))
		next = p + 1
	}
}

func (c *columnsOut) change(before *image, start int, all []change, i int) {
	gap := all[i].place
	if i > 0 {
		gap -= all[i-1].place + 1
	}
	c.col[colPlaces].uint(uint64(gap))
	x, old := &all[i], &before.socks[start+int(all[i].place)]
	was := &before.details[old.detail-1]
	p := partsOf(was, &x.detail)
	if x.state != old.state || x.timer != old.timer {
		p |= partKind | partDeadline
	}
	if x.deadline != old.deadline {
		p |= partDeadline
	}
	c.col[colChanges].byte(byte(p))
	if p&partKind != 0 {
		c.kind(x.state, x.timer)
	}
	if p&partDeadline != 0 {
		c.deadline(x.timer, x.deadline)
	}
	c.detail(&x.detail, p)
}

// decode reads what encode wrote. It believes no number: each thing it makes
// room for took a byte at the least.
func (c *columnsIn) decode(before *image) (*delta, error) {
	d := new(delta)
	for c.col[colFlows].more() {
		d.flows = append(d.flows, c.flow())
	}
	next := 0
	for c.col[colAttrs].more() {
		a := attr{flow: next + c.count(colAttrs)}
		a.role, a.listener = c.attr(colAttrs)
		if next = a.flow + 1; a.flow >= len(before.flows) {
			return nil, errDelta
		}
		d.attrs = append(d.attrs, a)
	}
	starts := before.starts()
	next = 0
	for c.col[colTouches].more() {
		t := touch{next + c.count(colTouches), c.count(colTouches), c.count(colTouches), c.count(colTouches), c.count(colTouches)}
		if next = t.flow + 1; t.flow >= len(before.flows)+len(d.flows) {
			return nil, errDelta
		}
		if err := c.touch(d, t, before, starts); err != nil {
			return nil, err
		}
		d.touches = append(d.touches, t)
	}
	return d, c.err()
}

// count reads a number of sockets, flows or places.
func (c *columnsIn) count(col column) int { return int(min(c.col[col].uint(), maxSockets)) }

func (c *columnsIn) touch(d *delta, t touch, before *image, starts []int) error {
	var old []sock
	if t.flow < len(before.counts) {
		old = before.socks[starts[t.flow]:starts[t.flow+1]]
	}
	if n := len(old); t.runs > n+1 || t.removed > n || t.changed > n || t.added > maxSockets-len(d.added) {
		return errDelta
	}
	for i := 0; i < t.runs && c.col[colRuns].err == nil; i++ {
		d.runs = append(d.runs, uint32(c.count(colRuns)))
	}
	d.removed = c.places(colRemoved, t.removed, d.removed)
	next := uint64(0)
	for i := 0; i < t.changed && c.col[colChanges].err == nil; i++ {
		place := next + min(c.col[colPlaces].uint(), maxSockets)
		next = place + 1
		if place >= uint64(len(old)) || old[place].detail == 0 {
			return errDelta
		}
		d.changed = append(d.changed, c.change(before, &old[place], uint32(place)))
	}
	port := uint64(0)
	for i := 0; i < t.added && c.col[colKinds].err == nil; i++ {
		if port += c.col[colPorts].uint(); port > 1<<16-1 {
			return errDelta
		}
		s := sock{port: uint16(port)}
		s.state, s.timer = c.kind()
		s.deadline = c.deadline(s.timer)
		if !s.mini() {
			var detail source.Detail
			c.detail(&detail, detailParts)
			d.details = append(d.details, detail)
		}
		d.added = append(d.added, s)
	}
	return c.err()
}

func (c *columnsIn) flow() source.Flow {
	i := &c.col[colFlows]
	f := source.Flow{Local: i.addr(), Remote: i.addr(), Device: uint32(i.uint()), Port: uint16(i.uint())}
	f.Role, f.Listener = c.attr(colFlows)
	return f
}

func (c *columnsIn) attr(col column) (source.Role, int32) {
	role := source.Role(min(c.col[col].byte(), byte(source.RoleGone)))
	return role, int32(min(c.col[col].uint(), maxSockets)) - 1
}

func (c *columnsIn) places(col column, n int, out []uint32) []uint32 {
	next := uint64(0)
	for i := 0; i < n && c.col[col].err == nil; i++ {
		p := min(next+min(c.col[col].uint(), maxSockets), 1<<31)
		out = append(out, uint32(p))
		next = p + 1
	}
	return out
}

func (c *columnsIn) change(before *image, old *sock, place uint32) change {
	x := change{place, old.state, old.timer, old.deadline, before.details[old.detail-1]}
	p := part(c.col[colChanges].byte())
	if p&partKind != 0 {
		x.state, x.timer = c.kind()
	}
	if p&partDeadline != 0 {
		x.deadline = c.deadline(x.timer)
	}
	c.detail(&x.detail, p)
	return x
}
