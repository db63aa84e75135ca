package diagnosis

import "github.com/359a26c5/twtop/source"

// How clients that bind() before connect() show. connect() takes a port of the
// other half only if, at that moment, every port of the preferred half was
// reserved, blocked, or taken for this destination and not reusable. bind(0)
// takes the other half first. So a port of the other half, in a destination
// whose preferred half is not exhausted and was not when the connection was
// made, was bound: by bind(0), by bind() to that very port, or within an
// IP_LOCAL_PORT_RANGE. One such port is enough: it is one port less for
// every other destination.
//
// What must not count as a sign, because plain connect() does it:
//
//   - The preferred half is exhausted now, or was in a frame of the last
//     minute. What is in the other half then is explained, for as long as it
//     does not grow.
//   - It was exhausted between two frames, or before the first, and has
//     recovered. couldHaveBeenFull works back from the TIME_WAITs. At first sight
//     that does not do: the range may have been narrower then, and reuse off.
//   - The range or the reserved ports changed in the last minute.
//   - Clients of another destination had bound the whole other half within the
//     last minute, and more, which does not show: what is left to connect() then
//     is of any half.
//   - A range of odd size: one scan leaves out one port of the preferred half.
//   - Linux before 4.2, whose connect() knows no halves.
//
// It remains a suspicion: a connection that was opened in an exhaustion long
// before the first frame, and is open still, looks the same; so does a client
// with IP_LOCAL_PORT_RANGE that does not bind, whose ports others may have.
// Ports bound in the preferred half do not show at all.

// parityKernel reports whether connect() of this kernel prefers one half.
func parityKernel(s *source.Snapshot) bool { return !source.KernelBefore(s.Host.Kernel, 4, 2) }

// bindFirst returns how many ports of a destination look bound before
// connect(). full says that the preferred half is exhausted, reusing that
// reuse is at work.
func (m *memory) bindFirst(t *tally, p *portSpace, clock uint32, full, reusing, explainAll bool) int {
	off := t.held[other]
	if m.full && elapsed(clock, m.fullAt) > timeWaitMS {
		m.full = false
	}
	if full {
		m.full, m.fullAt = true, clock
	}
	switch {
	case off == 0:
		m.suspect, m.explained = false, 0
	case m.suspect:
	case m.full || explainAll || t.couldHaveBeenFull(p, reusing) || !m.looked && t.leftovers():
		m.explained = off
	case off <= m.explained:
		m.explained = off
	default:
		m.suspect = true
	}
	m.looked = true
	if m.suspect {
		return off
	}
	return 0
}

// spills reports whether clients that bind first had all ports of the other
// half within the last minute, seen while the preferred one had plenty, and open
// and close them, so that they want more. bind(0)
// then goes on in there, where what it takes looks like everybody else's, and is
// never reused.
func (m *memory) spills(t *tally, p *portSpace, bindFirst int, clock uint32) bool {
	if m.spilled && elapsed(clock, m.spilledAt) > timeWaitMS {
		m.spilled = false
	}
	churns := 2*t.waiting[other] >= t.held[other]
	if churns && wholeHalf(bindFirst, p.totals.Capacity-p.preferred) && (m.spilled || 2*t.held[preferred] < p.preferred) {
		m.spilled, m.spilledAt = true, clock
	}
	return m.spilled
}

// wholeHalf: so many of a half's ports that bind(0), which tries them at
// random, finds next to none.
func wholeHalf(bound, half int) bool { return half > 0 && bound*20 >= half*19 }

// leftovers reports whether the other half may be what is left of an exhaustion
// that nobody saw, in a narrower range or without reuse: all that was closed of
// it was closed some seconds ago; or many ports are held, and those of the other
// half are the fewer, or are not closed steadily until now.
func (t *tally) leftovers() bool {
	const recent = 5 // seconds
	young := 0
	for _, n := range t.back[other][SeriesLen-recent:] {
		young += int(n)
	}
	if young == 0 && t.waiting[other] > t.ageless[other] {
		return true
	}
	if t.used()*100 < WarningPressure*t.capacity {
		return false
	}
	return t.held[other] < t.held[preferred] || young*SeriesLen < t.waiting[other]*recent/2
}

// couldHaveBeenFull reports whether the preferred half may have been exhausted
// when the youngest connection of the other half was opened, some seconds ago:
// that many ports of it are still held since before, and the others came back
// since, at the rate at which they come back now. Nothing coming back soon
// means that nothing came back lately.
func (t *tally) couldHaveBeenFull(p *portSpace, reusing bool) bool {
	back := &t.back[preferred]
	youngest := t.youngest(other)
	since := t.held[preferred] // held by live connections, or closed before youngest
	for sec := youngest + 1; sec <= SeriesLen; sec++ {
		since -= int(back[sec])
	}
	inTheWay := (int(t.delay) + 999) / 1000 // seconds for which a TIME_WAIT is, where it is reused then
	if reusing {
		for sec := range max(youngest-inTheWay, 0) {
			since -= int(back[sec])
		}
	}
	const oldest = 5 // seconds
	soon := 0
	for sec := range oldest {
		soon += int(back[sec])
	}
	ago := SeriesLen - youngest + 1 + batch/1000 // seconds, rounded up, and those of a batch that came back at once
	if reusing {
		soon = 0
	}
	cameBack := soon * ago * 5 / 4 / oldest // a quarter more: the rate is not constant
	return since+cameBack >= p.preferred
}

// youngest is the second of t.back that the youngest TIME_WAIT of a half is in;
// the last one where there are live connections too, whose age is not known.
func (t *tally) youngest(half int) int {
	timed := 0
	youngest := 0
	for sec, n := range t.back[half] {
		if n > 0 {
			timed, youngest = timed+int(n), sec
		}
	}
	if timed < t.held[half] {
		return SeriesLen
	}
	return youngest
}

// leftOut is the number of ports of the preferred half that one scan leaves out.
func (p *portSpace) leftOut() int { return p.totals.Size & 1 }
