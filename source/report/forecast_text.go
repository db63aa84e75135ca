package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// writeForecast tells what is wanted of a destination, for how long that goes
// well, and what would help.
func writeForecast(p *page, d *diagnosis.Destination) {
	f := d.Forecast
	if f == nil {
		return
	}
	p.wrap("      ", wanted(d.Demand)+"; "+borne(&f.Outlook))
	if s := outcome(&f.Outlook, d.Demand); s != "" {
		p.wrap("      ", s)
	}
	for i := range f.WhatIf {
		p.wrap("      ", "if "+whatIf(&f.WhatIf[i], d.Demand))
	}
}

func wanted(d *diagnosis.Demand) string {
	if d == nil {
		return "how many connections a second are wanted is not known"
	}
	s := "wanted: "
	if d.AtLeast {
		s += "at least "
	}
	s += perSecond(d.PerSecond)
	switch d.Basis {
	case diagnosis.BasisRemembered:
		s += ", as before the ports ran out"
	case diagnosis.BasisPeak:
		s += ", as in the busiest second of the last minute"
	}
	return s
}

func borne(o *diagnosis.Outlook) string {
	if o.Sustainable == nil {
		return "what the ports allow for ever depends on whether TIME-WAITs are reused, which is not known"
	}
	return "the ports allow " + perSecond(*o.Sustainable) + " for ever"
}

// outcome is what comes of it, "" where nobody knows.
func outcome(o *diagnosis.Outlook, d *diagnosis.Demand) string {
	s := ""
	switch {
	case o.Exhausted != nil && *o.Exhausted <= 0:
		s = "no port is left now"
	case o.Exhausted != nil:
		s = fmt.Sprintf("connect() fails in about %s at this rate", about(math.Ceil(o.Exhausted.Seconds())))
	case o.Settles != nil && d != nil:
		s = fmt.Sprintf("it settles at about %s", plural(*o.Settles, "port"))
	}
	if o.AtTheEdge {
		s = strings.TrimPrefix(s+"; at the edge: a little more or less decides", "; ")
	}
	return s
}

// whatIf is one change in words: is it enough, and up to what, or for how long.
func whatIf(w *diagnosis.WhatIf, d *diagnosis.Demand) string {
	var parts []string
	switch {
	case w.Enough != nil && *w.Enough:
		parts = append(parts, "enough")
	case w.Enough != nil:
		parts = append(parts, "not enough")
	case d == nil:
		parts = append(parts, "not known, for the demand is not")
	case w.AtTheEdge:
		parts = append(parts, "at the edge")
	default:
		parts = append(parts, "not known whether that is enough")
	}
	if w.Sustainable != nil {
		parts = append(parts, "it allows "+perSecond(*w.Sustainable))
	}
	switch {
	case w.Exhausted != nil && *w.Exhausted > 0:
		parts = append(parts, "buys "+about(w.Exhausted.Seconds()))
	case w.Exhausted == nil && w.Settles != nil:
		parts = append(parts, "then about "+plural(*w.Settles, "port")+" in use")
	}
	if w.Note != "" {
		parts = append(parts, w.Note)
	}
	return w.Text + ": " + strings.Join(parts, "; ")
}

func perSecond(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.1f/s", v)
	}
	return count(int(math.Round(v))) + "/s"
}

// about is a time to come, in words that promise no more than is known.
func about(seconds float64) string {
	switch {
	case seconds < 1:
		return "1 s"
	case seconds < 180:
		return fmt.Sprintf("%.0f s", seconds)
	}
	return fmt.Sprintf("%.0f min", seconds/60)
}
