package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// reuseWithoutTimestampsRule tells reuse-without-timestamps: tcp_tw_reuse would
// let connect() have the port of a TIME_WAIT, and does not, because the
// connection had no timestamps (tcp_twsk_unique, net/ipv4/tcp_ipv4.c). Either
// they are turned off here, or a far end does not agree to them.
type reuseWithoutTimestampsRule struct {
	known   bool
	off     bool   // tcp_timestamps was off in this series
	offAt   uint32 // Snapshot.Clock of the last frame in which it was
	firstAt uint32 // Snapshot.Clock of the first frame
}

// idlePercent is how many percent of the ports have to be in TIME_WAIT before
// it matters that they cannot be reused, where nobody asked for reuse.
const idlePercent = 10

func (r *reuseWithoutTimestampsRule) look(s *scene) []Finding {
	clock := s.Snapshot.Clock
	if !r.known {
		r.known, r.firstAt = true, clock
	}
	switch sysctlVerdict(s.Snapshot) {
	case no:
		r.off, r.offAt = true, clock
		return s.timestampsOff()
	case unknown:
		return nil
	}
	if r.off = r.off && elapsed(clock, r.offAt) <= timeWaitMS; r.off {
		return nil // what is left of that runs out
	}
	return s.peersWithout(elapsed(clock, r.firstAt) >= timeWaitMS)
}

// timestampsOff: no connection has timestamps. Where tcp_tw_reuse is 1,
// somebody relies on it; 2 is the default, and matters where ports are held.
func (s *scene) timestampsOff() []Finding {
	reuse := reuseRuleOf(s.Snapshot)
	if reuse.mode <= 0 {
		return nil
	}
	worst := -1
	for i := range s.Destinations {
		d := &s.Destinations[i]
		if s.heldInVain(d, reuse) && (worst < 0 || d.Ports.UsedTimeWait > s.Destinations[worst].Ports.UsedTimeWait) {
			worst = i
		}
	}
	if worst < 0 && reuse.mode != 1 {
		return nil
	}
	f := ofHost(ReuseWithoutTimestamps, fmt.Sprintf("tcp_tw_reuse is %d and does nothing, because tcp_timestamps is 0", reuse.mode))
	f.Remedies = []Remedy{s.set(sysctl.Timestamps, "1")}
	f.Remedies[0].Effect = "connections opened from then on can be reused; TIME-WAITs made without must still run out, 60 s"
	page := PageKeepalive
	if f.Destination = worst; worst >= 0 {
		d := &s.Destinations[worst]
		f.Evidence = append(f.Evidence, inVain(d))
		page = d.poolPage()
	}
	f.Evidence = append(f.Evidence, fmt.Sprintf("With timestamps connect() may have the port of a TIME-WAIT again after %s.", reuseAge(reuse)))
	f.Remedies = append(f.Remedies, Remedy{Kind: RemedyApplication, Page: page, Text: "keep connections open and use them again"})
	return []Finding{f}
}

// peersWithout are the destinations whose connections have no timestamps
// although this end offers them. sure: that they were offered for a minute.
func (s *scene) peersWithout(sure bool) []Finding {
	reuse := reuseRuleOf(s.Snapshot)
	if reuse.mode != 1 {
		return nil
	}
	var found subjects
	for i := range s.Destinations {
		d := &s.Destinations[i]
		if s.heldInVain(d, reuse) && !bothEndsHere(&s.Snapshot.Flows[d.Flow]) && d.ripe(reuse) {
			found.addBy(i, func(i int) int { return s.Destinations[i].Ports.UsedTimeWait })
		}
	}
	return found.findings(s.Report, func(d *Destination) Finding {
		f := Finding{ID: ReuseWithoutTimestamps, Severity: SeverityWarning, Confidence: Possible}
		if sure {
			f.Confidence = Likely
		}
		f.Claim = fmt.Sprintf("tcp_tw_reuse does nothing for %v: its connections have no timestamps", d)
		f.Evidence = []string{inVain(d), "They are on here (tcp_timestamps); the far end, or something in between, does not agree to them."}
		f.Remedies = []Remedy{
			{Kind: RemedySystem, Page: string(ReuseWithoutTimestamps),
				Text:   fmt.Sprintf("turn TCP timestamps on at %v, and let firewalls in between pass them", d.Remote.Addr()),
				Effect: "connections opened from then on can be reused"},
			cure(d),
		}
		return f
	})
}

// heldInVain reports whether a good part of the ports is in TIME_WAITs that
// the mode of reuse would give back, and none is given.
func (s *scene) heldInVain(d *Destination, reuse reuseRule) bool {
	u := &d.Ports
	return u.UsedTimeWait*100 >= idlePercent*u.Capacity && u.UsedTimeWait > 0 && u.Reusable != nil && *u.Reusable == 0 &&
		u.BindFirst == 0 && reuse.reaches(&s.Snapshot.Flows[d.Flow]) == yes
}

// ripe reports whether most of the TIME_WAITs are old enough to be reused.
func (d *Destination) ripe(reuse reuseRule) bool {
	if d.Closes == nil {
		return false
	}
	young := uint32(0)
	for _, n := range d.Closes[max(SeriesLen-2-int(reuse.delay)/1000, 0):] {
		young += n
	}
	return 2*int(young) < d.Ports.UsedTimeWait
}

func inVain(d *Destination) string {
	return fmt.Sprintf("%s of %s to %v are in %v, and none of them may be reused.",
		Grouped(d.Ports.UsedTimeWait), Plural(d.Ports.Capacity, "port"), d, source.StateTimeWait)
}

// reuseAge is how old a TIME_WAIT has to be, in words.
func reuseAge(reuse reuseRule) string {
	if reuse.delay%1000 == 0 {
		return fmt.Sprintf("%d s", reuse.delay/1000)
	}
	return fmt.Sprintf("%d ms", reuse.delay)
}
