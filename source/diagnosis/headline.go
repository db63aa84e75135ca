package diagnosis

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source/sysctl"
)

// headline says the worst that was found, or that all is well.
func headline(r *Report) Headline {
	if len(r.Findings) > 0 && r.Findings[0].Severity > SeverityNotice {
		return r.verdict(0)
	}
	if h, ok := queueOverflow(r); ok {
		return h
	}
	if h, ok := nearlyFull(r); ok {
		return h
	}
	if len(r.Findings) > 0 {
		return r.verdict(0)
	}
	return calm(r)
}

// verdict is the headline that a finding makes.
func (r *Report) verdict(i int) Headline {
	f := &r.Findings[i]
	h := Headline{Severity: f.Severity, Text: f.Claim, Action: r.action(f), Destination: f.Destination, Finding: i}
	if len(f.Evidence) > 0 {
		h.Evidence = f.Evidence[0]
	}
	if f.portsShort() && f.Destination >= 0 {
		h.Evidence = portSentence(&r.Destinations[f.Destination], f.Severity == SeverityCritical)
	}
	return h
}

// action is what to do next: what helps now, and what cures it.
//
//	now: tcp_tw_reuse 0 → 1, enough at this rate · cure: keep connections open …
func (r *Report) action(f *Finding) string {
	var parts []string
	if s := r.actNow(f.Remedies); s != "" {
		parts = append(parts, "now: "+s)
	}
	for i := range f.Remedies {
		if m := &f.Remedies[i]; m.Kind == RemedyApplication {
			parts = append(parts, "cure: "+inShort(m.Text))
			break
		}
	}
	for i := range f.Remedies {
		if len(parts) == 0 {
			parts = append(parts, inShort(f.Remedies[i].Text))
		}
	}
	return strings.Join(parts, " · ")
}

// inShort is a remedy without what it says in brackets.
func inShort(text string) string {
	short, _, _ := strings.Cut(text, " (")
	return short
}

// actNow is the sysctl that is enough, else the first one, with the timestamps
// that it needs; else what is to be done about the host.
func (r *Report) actNow(all []Remedy) string {
	best, timestamps := -1, ""
	for i := range all {
		m := &all[i]
		switch {
		case strings.HasPrefix(m.Effect, noCure):
		case m.Kind == RemedySysctl && m.Key == sysctl.Timestamps && i+1 < len(all) && all[i+1].Key == sysctl.TWReuse:
			timestamps = r.step(m) + " and "
		case m.Kind == RemedySysctl && (best < 0 || all[best].Enough == nil || !*all[best].Enough):
			if best < 0 || m.Enough != nil && *m.Enough {
				best = i
			}
		}
	}
	if best >= 0 {
		s := r.step(&all[best])
		if all[best].Key == sysctl.TWReuse {
			s = timestamps + s
		}
		return s + all[best].atThisRate()
	}
	for i := range all {
		if all[i].Kind == RemedySystem && all[i].Page != PageAddresses {
			return inShort(all[i].Text)
		}
	}
	return ""
}

// step is a sysctl remedy in the fewest words: "tcp_tw_reuse 0 → 1".
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
	}
	return fmt.Sprintf("%s %s → %s", name, now, m.Value)
}

// atThisRate says whether a remedy is enough, as far as that is known.
func (m *Remedy) atThisRate() string {
	switch {
	case m.Enough != nil && *m.Enough:
		return ", enough at this rate"
	case m.Enough != nil:
		if _, bought, ok := strings.Cut(m.Effect, "buys "); ok {
			bought, _, _ = strings.Cut(bought, " at this rate")
			return ", not enough: buys " + bought
		}
		return ", not enough"
	case strings.HasPrefix(m.Effect, wordAtTheEdge):
		return ", at the edge of enough"
	}
	return ""
}

// nearlyFull: most ports are gone, and nothing says that the others will do.
func nearlyFull(r *Report) (Headline, bool) {
	for i := range r.Destinations {
		d := &r.Destinations[i]
		if d.Ports.Pressure <= highPressure { // and so are all others
			break
		}
		if !d.staysWithin() {
			return Headline{
				Severity: SeverityNotice, Destination: i, Finding: -1,
				Text: fmt.Sprintf("%v holds %s%s", d, level(d), prospect(d)), Evidence: portSentence(d, false),
			}, true
		}
	}
	return Headline{}, false
}

func queueOverflow(r *Report) (Headline, bool) {
	for i := range r.Services {
		s := &r.Services[i]
		if s.WorstQueue == nil || *s.WorstQueue <= *s.WorstBacklog {
			continue
		}
		of := "with a backlog of " + Grouped(*s.WorstBacklog)
		if s.Sockets > 1 {
			of = fmt.Sprintf("at one of %d listening sockets, %s", s.Sockets, of)
		}
		return Headline{
			Severity: SeverityWarning, Destination: -1, Finding: -1,
			Text:     fmt.Sprintf("%v accepts too slowly: its accept queue is full", s.Local),
			Evidence: fmt.Sprintf("%s to be accepted, %s; further ones are dropped.", inQueue(*s.WorstQueue), of),
		}, true
	}
	return Headline{}, false
}

func inQueue(n int) string {
	if n == 1 {
		return "1 connection waits"
	}
	return Grouped(n) + " connections wait"
}

// calm says how much room there is.
func calm(r *Report) Headline {
	if len(r.Destinations) == 0 {
		return Headline{Destination: -1, Finding: -1, Text: fmt.Sprintf("No outgoing connections: all %s are free", Plural(r.Ports.Capacity, "local port"))}
	}
	d := &r.Destinations[0]
	holds := fmt.Sprintf("%s of %s", Grouped(d.Ports.Used), Grouped(d.Ports.Capacity))
	if d.Ports.Pressure > highPressure {
		holds = fmt.Sprintf("%s, and comes to about %s at this rate", level(d), Grouped(*d.Forecast.Settles))
	}
	h := Headline{Destination: 0, Finding: -1, Text: fmt.Sprintf("No destination is short of ports: the fullest, %v, holds %s", d, holds)}
	if n := zeroIfNil(d.Ports.Reusable); n > 0 && d.Ports.Pressure <= highPressure {
		h.Text += fmt.Sprintf(", %s of them reusable now", Grouped(n))
	}
	h.Evidence = doubtfulRoom(r, d)
	return h
}

// doubtfulRoom says why there may be fewer ports free than it looks.
func doubtfulRoom(r *Report, d *Destination) string {
	switch {
	case r.Ports.Assumed:
		return fmt.Sprintf("The port range is not known; %v is assumed.", r.Ports.Range)
	case d.Ports.FreeExact:
		return ""
	}
	for i := range r.Destinations {
		if r.Destinations[i].Ports.BindFirst > 0 {
			return "Some clients seem to bind their port before connect(), which takes it from every destination: fewer may be free than shown."
		}
	}
	return "Fewer may be free than shown."
}
