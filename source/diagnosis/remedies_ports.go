package diagnosis

import (
	"fmt"
	"math"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// portRemedies is what helps a destination that is short of ports: reuse now,
// what cures it in the program, the range for headroom, addresses beyond that.
func (s *scene) portRemedies(d *Destination) []Remedy { return s.remediesFor(d, enoughPorts) }

// remediesFor are the same, judged by an aim.
func (s *scene) remediesFor(d *Destination, a aim) []Remedy {
	d = d.judged(a)
	var out []Remedy
	bound := 2*d.Ports.BindFirst > d.Ports.Used
	if bound {
		out = append(out, bindRemedies()[0])
	}
	if !bound && d.Ports.UsedTimeWait*10 >= d.Ports.Used {
		out = append(out, s.reuseRemedies(d, a)...)
	}
	out = append(out, cure(d))
	if r := unstick(d); r.Kind != "" {
		out = append(out, r)
	}
	if r := s.rangeRemedy(d); r.Kind != "" {
		r.Effect += withReuse(d, &r, out)
		out = append(out, r)
	}
	return append(out, Remedy{Kind: RemedySystem, Page: PageAddresses,
		Text:   "add a source address, or an address or port at the far end",
		Effect: "each pair of addresses and port has all the ports once more"})
}

// reuseRemedies is tcp_tw_reuse, with the timestamps that it needs. There is
// none where it is at work already, and where the connections cannot have
// timestamps: it does nothing for those (tcp_twsk_unique, net/ipv4/tcp_ipv4.c).
func (s *scene) reuseRemedies(d *Destination, a aim) (out []Remedy) {
	flow, rule := &s.Snapshot.Flows[d.Flow], reuseRuleOf(s.Snapshot)
	reaches := rule.reaches(flow) == yes
	if sysctlVerdict(s.Snapshot) == no {
		out = append(out, s.set(sysctl.Timestamps, "1"))
		out[0].Effect = "reuse needs it"
		if !reaches {
			out = append(out, s.set(sysctl.TWReuse, "1"))
		}
		last := &out[len(out)-1]
		stamped := a(d.stamped(flow, rule))
		last.foresee(&stamped, d)
		return out
	}
	w := d.whatIf(ChangeReuse)
	if reaches || w != nil && !w.betterThan(&d.Forecast.Outlook) {
		return nil
	}
	r := s.set(sysctl.TWReuse, "1")
	r.foresee(w, d)
	return append(out, r)
}

// stamped is the outlook with timestamps and reuse, where there were no
// timestamps. The far end has to want them too: only where that is this
// namespace is it known that it will.
func (d *Destination) stamped(f *source.Flow, rule reuseRule) WhatIf {
	w := WhatIf{Capacity: d.Ports.Capacity, Note: "for connections opened from then on; the TIME-WAITs of now last their 60 s"}
	if !bothEndsHere(f) || d.Demand == nil {
		return w
	}
	live := d.Ports.Used - d.Ports.UsedTimeWait
	bears := float64(d.Ports.Capacity-live) * 1000 / math.Max(float64(rule.delay), 1)
	w.Sustainable = &bears
	w.AtTheEdge = math.Abs(d.Demand.PerSecond-bears) < edge*bears
	if d.Demand.PerSecond < bears {
		w.Settles = &live
	}
	w.Enough = w.enough(d.Demand)
	return w
}

// set is the remedy that sets a sysctl.
func (s *scene) set(key, value string) Remedy {
	return Remedy{Kind: RemedySysctl, Key: key, Value: value, Text: fmt.Sprintf("set %s to %s%s", key, value, s.now(key))}
}

// now says what a sysctl is, "" where that is not known.
func (s *scene) now(key string) string {
	if v, ok := s.Snapshot.Sysctl(key); ok {
		return " (now " + v + ")"
	}
	return ""
}

// widen is the remedy that gives connect() more ports.
func (s *scene) widen() Remedy {
	return Remedy{Kind: RemedySysctl, Key: sysctl.LocalPortRange,
		Text: "widen " + sysctl.LocalPortRange + s.now(sysctl.LocalPortRange) + ", and reserve the ports of services"}
}

// rangeRemedy is a wider range; its Kind is "" where there is none.
func (s *scene) rangeRemedy(d *Destination) Remedy {
	if wide := s.Ports.Range; wide.Low <= widerRange.Low && wide.High >= widerRange.High {
		return Remedy{}
	}
	r := s.widen()
	if stuck(mostOf(&d.States)) {
		r.Effect = noCure + ": room for more of them"
		return r
	}
	r.foresee(d.whatIf(ChangeRange), d)
	return r
}

// enoughWithReuse ends the effect of a range that is enough together with reuse.
const enoughWithReuse = "; with " + sysctl.TWReuse + "=1 enough"

// withReuse says that both together are enough where neither is.
func withReuse(d *Destination, wide *Remedy, before []Remedy) string {
	w := d.whatIf(ChangeBoth)
	if w == nil || w.Enough == nil || !*w.Enough || wide.Enough != nil && *wide.Enough {
		return ""
	}
	for i := range before {
		if before[i].Key == sysctl.TWReuse && (before[i].Enough == nil || !*before[i].Enough) {
			return enoughWithReuse
		}
	}
	return ""
}
