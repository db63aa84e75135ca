package diagnosis

// portUse makes the account of a destination from its tally.
func portUse(t *tally, p *portSpace, r reusable, bindFirst int) PortUse {
	u := PortUse{
		Capacity:     p.totals.Capacity,
		Used:         t.used(),
		UsedTimeWait: t.waiting[preferred] + t.waiting[other],
		BindFirst:    bindFirst,
	}
	u.Free = u.Capacity - u.Used
	u.Pressure = 100
	if u.Capacity > 0 {
		u.Pressure = 100 * float64(u.Used-r.total()) / float64(u.Capacity)
	}
	return u
}

// available is the number of ports of the preferred half that the next
// connect() could have. Where nothing is known of reuse, none counts.
func (p *portSpace) available(t *tally, r reusable) int {
	return p.preferred - t.held[preferred] + r.half[preferred]
}

// slow reports whether each connect() scans the preferred half in vain. Where it
// is not known whether TIME_WAITs may be reused, a half that is full with
// nothing in the other one says that they are: nobody had to go there. Where
// there is no port at all, connect() does not get to be slow.
func (p *portSpace) slow(t *tally, r reusable) bool {
	return p.totals.Capacity > 0 && p.available(t, r) == 0 && (r.known || t.held[other] > 0)
}

// exactness decides where Free is exact. Ports that some destinations' clients
// bound are used there, and taken unseen from all others.
func (a *assessment) exactness() {
	suspects := 0
	for i := range a.report.Destinations {
		if a.report.Destinations[i].Ports.BindFirst > 0 {
			suspects++
		}
	}
	s := a.snap
	known := s.RangeKnown && s.Ambiguous == 0 && !s.BlockersUnknown && !s.Cost.Interrupted && !a.uncertain
	for i := range a.report.Destinations {
		d := &a.report.Destinations[i]
		u := &d.Ports
		u.FreeExact = known && (suspects == 0 || suspects == 1 && u.BindFirst > 0) && !d.besideUnbound()
	}
}

// besideUnbound reports whether clients of this destination that are bound to
// no device may hold ports as well: those are in another row, and in the way of
// clients that are bound to one. Link-local addresses have no such others.
func (d *Destination) besideUnbound() bool {
	return d.Device != 0 && !d.Remote.Addr().IsLinkLocalUnicast() && !d.Local.IsLinkLocalUnicast()
}
