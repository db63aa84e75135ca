package diagnosis

import "github.com/359a26c5/twtop/source"

// Whether a TIME_WAIT's connection had timestamps: where both its ends are in
// this namespace tcp_timestamps decides for both, and goes before all.
// Elsewhere the live connections to the same destination tell, now or in an
// earlier frame.

// bothEndsHere reports whether both ends of the flow are in this namespace for
// sure, so that its tcp_timestamps decides for both.
func bothEndsHere(f *source.Flow) bool {
	return f.Local.IsLoopback() || f.Remote.IsLoopback() || f.Local == f.Remote
}

func (a *assessment) bySysctl(f *source.Flow) bool {
	return bothEndsHere(f) && a.memory.timestamps.verdict[eraNow] != unknown
}

// eraAgeOf is the age at which the flow's TIME_WAITs are told apart, as far as
// it is known before its live connections were looked at.
func (a *assessment) eraAgeOf(f *source.Flow, m *memory) int32 {
	switch {
	case a.bySysctl(f):
		return a.memory.timestamps.age(a.snap.Clock)
	case m != nil:
		return m.timestamps.age(a.snap.Clock)
	}
	return forEver
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
	switch {
	case a.bySysctl(f):
		return a.contradicted(a.memory.timestamps)
	case m != nil:
		return m.timestamps.cautious(a.snap.Clock)
	}
	return epoch{}
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
