package diagnosis

import "github.com/359a26c5/twtop/source"

// Whether a TIME_WAIT's connection had timestamps: where both its ends are in
// this namespace tcp_timestamps decides for both, and goes before all.
// Elsewhere the live connections to the same destination tell, now or in an
// earlier frame; but where tcp_timestamps was off here, none had any, whatever
// the other end wanted.

// bothEndsHere reports whether both ends of the flow are in this namespace for
// sure, so that its tcp_timestamps decides for both.
func bothEndsHere(f *source.Flow) bool {
	return f.Local.IsLoopback() || f.Remote.IsLoopback() || f.Local == f.Remote
}

func (a *assessment) bySysctl(f *source.Flow) bool {
	return bothEndsHere(f) && a.memory.timestamps.verdict[eraNow] != unknown
}

// eraAgeOf is the age at which the flow's TIME_WAITs are told apart, as far as
// it is known before its live connections were looked at: that of the change
// they showed, else that of tcp_timestamps.
func (a *assessment) eraAgeOf(f *source.Flow, m *memory) int32 {
	a.byOwnEra = m != nil && m.timestamps.moved && !a.bySysctl(f)
	if a.byOwnEra {
		return m.timestamps.age(a.snap.Clock)
	}
	return a.memory.timestamps.age(a.snap.Clock)
}

// remember brings the memory of the flow up to date with its live connections.
// A memory is begun only where there is something to remember; else it is nil.
func (a *assessment) remember(f *source.Flow, m *memory) *memory {
	t := a.tally
	learned := t.with+t.without > 0
	full := t.held[preferred]+a.space.leftOut() >= a.space.preferred
	if m == nil && (learned || t.held[other] > 0 || full) {
		m = a.memory.places.begin(f, a.snap.Clock)
	}
	if learned {
		m.timestamps.observe(t.live(), a.snap.Clock, a.before)
	}
	return m
}

// epochOf says what the flow's TIME_WAITs had.
func (a *assessment) epochOf(f *source.Flow, m *memory) epoch {
	if a.bySysctl(f) {
		return a.contradicted(a.memory.timestamps)
	}
	var e epoch
	if m != nil {
		e = m.timestamps.cautious(a.snap.Clock)
	}
	here := a.permitted()
	if !a.byOwnEra {
		learned := e.verdict[eraNow]
		e.verdict = [eras]verdict{both(learned, here[eraNow]), both(learned, here[eraBefore])}
		return e
	}
	now, before := here[eraNow], here[eraNow]
	switch age := a.memory.timestamps.age(a.snap.Clock); {
	case age == a.eraAge:
		before = here[eraBefore]
	case age < a.eraAge: // tcp_timestamps changed after what live connections show
		now, before = either(now, here[eraBefore]), here[eraBefore]
	case age < forEver:
		before = either(before, here[eraBefore])
	}
	e.verdict = [eras]verdict{both(e.verdict[eraNow], now), both(e.verdict[eraBefore], before)}
	return e
}

// permitted says, by era of tcp_timestamps, whether connections from here to
// elsewhere could have timestamps; yes where it is not known, so that the live
// connections tell.
func (a *assessment) permitted() (v [eras]verdict) {
	e := a.memory.timestamps
	doubted := a.contradicted(e)
	for era := range v {
		v[era] = yes
		if e.verdict[era] == no {
			v[era] = doubted.verdict[era]
		}
	}
	return v
}

// either is what is known where one of the two holds, and nobody knows which.
func either(a, b verdict) verdict {
	if a == b {
		return a
	}
	return unknown
}

// contradicted takes the verdict back where live connections are otherwise than
// tcp_timestamps says, and it was not seen to last for a minute: it was changed
// at some time, and TIME_WAITs from before may be left.
func (a *assessment) contradicted(e epoch) epoch {
	t := a.tally
	against := e.verdict[eraNow] == yes && t.without > 0 || e.verdict[eraNow] == no && t.with > 0
	if against && !e.moved && !e.settled(a.snap.Clock) {
		e.verdict[eraNow] = unknown
	}
	return e
}
