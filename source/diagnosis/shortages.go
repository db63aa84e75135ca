package diagnosis

// shortages are the destinations that the rules about ports speak of, found in
// one pass: a host may have a million destinations.
type shortages struct {
	exhausted subjects // nothing free, nothing reusable
	pressed   subjects // not exhausted, and under pressure or about to be
	slow      subjects // not exhausted, and each connect() searches half in vain
	// bound are those whose clients bind their ports first, most ports first;
	// manyBound those where it is much of all ports there are.
	bound, manyBound subjects
}

// subjects are the worst destinations that something is true of.
type subjects struct {
	at [maxSubjects]int // indices in Report.Destinations
	n  int              // how many there are in all
}

// add takes in the destination at an index, which is no worse than those before.
func (s *subjects) add(i int) {
	if s.n < maxSubjects {
		s.at[s.n] = i
	}
	s.n++
}

// addBy takes in the destination at an index, where it belongs by a figure:
// the greatest first.
func (s *subjects) addBy(i int, figure func(int) int) {
	to := min(s.n, maxSubjects)
	for to > 0 && figure(s.at[to-1]) < figure(i) {
		if to < maxSubjects {
			s.at[to] = s.at[to-1]
		}
		to--
	}
	if to < maxSubjects {
		s.at[to] = i
	}
	s.n++
}

// findings tells of each, worst first; the first says how many are not told of.
func (s *subjects) findings(r *Report, tell func(*Destination) Finding) []Finding {
	var out []Finding
	for _, i := range s.at[:min(s.n, maxSubjects)] {
		d := &r.Destinations[i]
		f := tell(d)
		f.Subject, f.Destination, f.Service = d.String(), i, -1
		out = append(out, f)
	}
	if more := s.n - len(out); more > 0 {
		out[0].Evidence = append(out[0].Evidence, "and "+Plural(more, "more destination"))
	}
	return out
}

// shortages looks through the destinations, once for all rules.
func (s *scene) shortages() *shortages {
	if s.short != nil {
		return s.short
	}
	s.short = new(shortages)
	if s.Ports.Capacity == 0 {
		return s.short
	}
	bindFirst := func(i int) int { return s.Destinations[i].Ports.BindFirst }
	for i := range s.Destinations {
		d := &s.Destinations[i]
		switch {
		case d.exhausted():
			s.short.exhausted.add(i)
		case s.critical(d) || d.runsOutSoon() || s.held[d].soon:
			s.short.pressed.add(i)
		}
		if d.Ports.SlowConnect && !d.exhausted() {
			s.short.slow.add(i)
		}
		if d.Ports.BindFirst >= fewBound {
			s.short.bound.addBy(i, bindFirst)
			if d.Ports.BindFirst*boundShare >= d.Ports.Capacity {
				s.short.manyBound.addBy(i, bindFirst)
			}
		}
	}
	return s.short
}

// pressing reports whether some destination is short of ports, or about to be.
func (s *shortages) pressing() bool { return s.exhausted.n+s.pressed.n > 0 }

// exhausted: nothing is free, and nothing may be reused as far as is known.
func (d *Destination) exhausted() bool {
	return d.Ports.Free == 0 && zeroIfNil(d.Ports.Reusable) == 0
}

func (d *Destination) nearlyExhausted() bool { return d.Ports.Pressure >= CriticalPressure }

// critical: nearly exhausted, or so a moment ago.
func (s *scene) critical(d *Destination) bool { return d.nearlyExhausted() || s.held[d].nearly }

// runsOutSoon: at this rate the last port goes within a minute, and a quarter
// of them are gone already, or it has been too much for a while.
func (d *Destination) runsOutSoon() bool {
	f := d.Forecast
	return f != nil && f.Exhausted != nil && *f.Exhausted <= soonEnough &&
		(d.Ports.Pressure >= WarningPressure || f.Above >= longEnough)
}
