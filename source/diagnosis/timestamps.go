package diagnosis

import (
	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// verdict says whether connections had TCP timestamps.
type verdict uint8

const (
	unknown verdict = iota
	no
	yes
)

// The eras of an epoch.
const (
	eraNow = iota
	eraBefore
	eras
)

// epoch is a verdict over time: TIME_WAITs that were closed before the last
// change follow the verdict before. A TIME_WAIT lasts 60 s, so one change is
// enough to remember; with two within a minute, what was before is unknown.
type epoch struct {
	verdict [eras]verdict
	changed uint32 // Snapshot.Clock up to which the verdict before holds
	moved   bool   // there was a change in the last minute
	since   uint32 // Snapshot.Clock from which the verdict now was seen
	known   bool   // it was seen at all
}

// observe enters what holds at clock; last is the clock of the frame before.
// A TIME_WAIT closed between the two frames is taken for one without
// timestamps, whichever way the change went: not to promise what is not there.
func (e *epoch) observe(v verdict, clock, last uint32) {
	if !e.known {
		*e = epoch{verdict: [eras]verdict{v, v}, since: clock, known: true}
		return
	}
	if e.moved && elapsed(clock, e.changed) >= timeWaitMS {
		e.moved = false
	}
	if v == e.verdict[eraNow] {
		return
	}
	before := e.verdict[eraNow]
	if e.moved {
		before = unknown
	}
	changed := clock
	if v == no {
		changed = last
	}
	*e = epoch{verdict: [eras]verdict{v, before}, changed: changed, moved: true, since: clock, known: true}
}

// age is how old a TIME_WAIT must be to belong to the era before.
func (e *epoch) age(clock uint32) int32 {
	if !e.moved {
		return forEver
	}
	return int32(elapsed(clock, e.changed))
}

// cautious returns the epoch for TIME_WAITs that were not told apart yet: if
// the verdict changed in the frame of clock, they need both.
func (e epoch) cautious(clock uint32) epoch {
	if e.moved && e.since == clock {
		e.verdict[eraNow] = both(e.verdict[eraNow], e.verdict[eraBefore])
	}
	return e
}

// settled reports whether the verdict now has been seen for a whole minute, so
// that no TIME_WAIT can be from before.
func (e *epoch) settled(clock uint32) bool {
	return e.known && elapsed(clock, e.since) >= timeWaitMS
}

// forEver is an age that no TIME_WAIT reaches.
const forEver = 1<<31 - 1

// elapsed is the time from one Snapshot.Clock to a later one, in ms.
func elapsed(now, then uint32) uint32 { return now - then }

// sysctlVerdict reads tcp_timestamps: 1 and 2 turn them on.
func sysctlVerdict(s *source.Snapshot) verdict {
	switch v, ok := s.Sysctl(sysctl.Timestamps); {
	case !ok:
		return unknown
	case v == "0":
		return no
	}
	return yes
}

// live is what the flow's live connections say. Where they disagree, nothing
// follows for those that are gone.
func (t *tally) live() verdict {
	switch {
	case t.with > 0 && t.without == 0:
		return yes
	case t.without > 0 && t.with == 0:
		return no
	}
	return unknown
}
