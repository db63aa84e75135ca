package diagnosis

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source/sysctl"
)

// action is what to do next about a finding: what helps now, and what cures it.
//
//	now: tcp_tw_reuse 0 → 1, enough for 80/s · cure: keep connections open
func (r *Report) action(f *Finding) string {
	var parts []string
	if s := r.actNow(f); s != "" {
		parts = append(parts, "now: "+s)
	}
	for i := range f.Remedies {
		if m := &f.Remedies[i]; m.Kind == RemedyApplication {
			parts = append(parts, "cure: "+inShort(m.Text))
			break
		}
	}
	if len(parts) == 0 && len(f.Remedies) > 0 {
		return inShort(f.Remedies[0].Text)
	}
	return strings.Join(parts, " · ")
}

// inShort is a remedy without what it says in brackets.
func inShort(text string) string {
	short, _, _ := strings.Cut(text, " (")
	return short
}

// actNow is the best sysctl, else what is to be done about the host.
func (r *Report) actNow(f *Finding) string {
	all := f.Remedies
	if best := bestSysctl(all); best >= 0 {
		return r.steps(f, best)
	}
	for i := range all {
		if all[i].Kind == RemedySystem && all[i].Page != PageAddresses {
			return inShort(all[i].Text)
		}
	}
	return ""
}

// bestSysctl is the index of the sysctl that is enough, else of the first one,
// -1 where there is none.
func bestSysctl(all []Remedy) int {
	best := -1
	for i := range all {
		m := &all[i]
		switch {
		case m.Kind != RemedySysctl || strings.HasPrefix(m.Effect, noCure) || stampsFor(all, i+1):
		case m.Enough != nil && *m.Enough:
			return i
		case best < 0:
			best = i
		}
	}
	return best
}

// stampsFor reports whether the remedy at an index is reuse, and the one before
// it the timestamps that it needs.
func stampsFor(all []Remedy, i int) bool {
	return i > 0 && i < len(all) && all[i].Key == sysctl.TWReuse && all[i-1].Key == sysctl.Timestamps
}

// steps are a sysctl in the fewest words, with what has to go with it, and
// whether that is enough.
func (r *Report) steps(f *Finding, i int) string {
	all := f.Remedies
	s := r.step(&all[i])
	if stampsFor(all, i) {
		s = r.step(&all[i-1]) + " and " + s
	}
	if all[i].Key == sysctl.TWReuse && (all[i].Enough == nil || !*all[i].Enough) {
		for j := range all {
			if strings.HasSuffix(all[j].Effect, enoughWithReuse) {
				return s + " and " + r.step(&all[j]) + ", " + r.enoughFor(f)
			}
		}
	}
	return s + r.outcome(f, &all[i])
}

// step is one sysctl: "tcp_tw_reuse 0 → 1". A lower figure that does more has
// its reason with it.
func (r *Report) step(m *Remedy) string {
	name := m.Key[strings.LastIndexByte(m.Key, '.')+1:]
	now, known := r.Snapshot.Sysctl(m.Key)
	switch {
	case m.Value == "" && m.Key == sysctl.LocalPortRange:
		return "widen " + name
	case m.Value == "":
		return inShort(m.Text)
	case !known:
		return name + "=" + m.Value
	case m.Key == sysctl.TWReuse && now == "2":
		return fmt.Sprintf("%s 2 → %s (2 is for loopback only)", name, m.Value)
	}
	return fmt.Sprintf("%s %s → %s", name, now, m.Value)
}

// outcome says whether a remedy is enough, as far as that is known.
func (r *Report) outcome(f *Finding, m *Remedy) string {
	switch slow := f.ID == SlowConnect; {
	case m.Enough != nil && *m.Enough:
		return ", " + r.enoughFor(f)
	case m.Enough != nil && slow:
		return ", not enough: connect() stays slow"
	case m.Enough != nil && m.Buys > 0:
		return ", not enough: buys " + inAbout(m.Buys)
	case m.Enough != nil:
		return ", not enough"
	case strings.HasPrefix(m.Effect, wordAtTheEdge):
		return ", at the edge of enough"
	}
	return ""
}

// enoughFor says what is enough, and up to which demand that was reckoned.
func (r *Report) enoughFor(f *Finding) string {
	rate := r.rateOf(f)
	switch {
	case rate == "" && f.ID == SlowConnect:
		return "makes connect() fast again"
	case rate == "":
		return "enough at this rate"
	case f.ID == SlowConnect:
		return "makes connect() fast again at " + rate
	}
	return "enough for " + rate
}

// rateOf is what is wanted of the destination that a finding about ports
// speaks of: "80/s", "the 80/s seen" where more may be; "" where that is not known.
func (r *Report) rateOf(f *Finding) string {
	if f.Destination < 0 || !f.portsShort() {
		return ""
	}
	d := r.Destinations[f.Destination].Demand
	switch {
	case d == nil || d.none():
		return ""
	case d.AtLeast:
		return fmt.Sprintf("the %s seen", perSecond(d.PerSecond))
	}
	return perSecond(d.PerSecond)
}
