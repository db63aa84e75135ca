package diagnosis

import "fmt"

// headline says the worst that was found, or that all is well.
func headline(r *Report) Headline {
	if len(r.Findings) > 0 && r.Findings[0].Severity > SeverityNotice {
		return r.verdict(0)
	}
	if h, ok := nearlyFull(r); ok {
		return h
	}
	for i := range r.Findings {
		if r.Findings[i].weighty() {
			return r.verdict(i)
		}
	}
	h := calm(r)
	if n := len(r.Findings); n > 0 {
		h.Text += " · " + Plural(n, "notice")
	}
	return h
}

// weighty: a notice that is worth the headline of a host that has no trouble: it
// takes ports, or clients of a balancer get errors, and it is more than possible.
// The others are hints, and calm goes before them.
func (f *Finding) weighty() bool {
	switch f.ID {
	case BindBeforeConnect, CureNotAtWork, ServerClosesFirst:
		return f.Confidence != Possible
	}
	return false
}

// verdict is the headline that a finding makes.
func (r *Report) verdict(i int) Headline {
	f := &r.Findings[i]
	h := Headline{Severity: f.Severity, Text: f.Claim, Action: r.action(f), Destination: f.Destination, Finding: i}
	h.BySysctl = bestSysctl(f.Remedies) >= 0
	if len(f.Evidence) > 0 {
		h.Evidence = f.Evidence[0]
	}
	switch {
	case f.Destination < 0:
	case f.ID == SlowConnect:
		h.Evidence = roomSentence(&r.Destinations[f.Destination])
	case f.portsShort():
		h.Evidence = portSentence(&r.Destinations[f.Destination], f.Severity == SeverityCritical)
	}
	if f.Destination >= 0 && (f.ID == SlowConnect || f.portsShort()) {
		if who := openedBy(&r.Destinations[f.Destination]); who != "" {
			h.Evidence = who + " " + h.Evidence
		}
		if why := stalled(&r.Destinations[f.Destination]); why != "" {
			h.Evidence = why + " " + h.Evidence
		}
	}
	return h
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

// calm says that nothing was found, and how much room there is.
func calm(r *Report) Headline {
	if len(r.Destinations) == 0 {
		return Headline{Destination: -1, Finding: -1, Text: fmt.Sprintf("No trouble found: no outgoing connections, all %s are free", Plural(r.Ports.Capacity, "local port"))}
	}
	d := &r.Destinations[0]
	holds := fmt.Sprintf("%s of %s", Grouped(d.Ports.Used), Plural(d.Ports.Capacity, "port"))
	if d.Ports.Pressure > highPressure {
		holds = fmt.Sprintf("%s, and comes to about %s at this rate", level(d), Grouped(*d.Forecast.Settles))
	}
	h := Headline{Destination: 0, Finding: -1, Text: fmt.Sprintf("No trouble found: the fullest destination, %v, holds %s", d, holds)}
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
