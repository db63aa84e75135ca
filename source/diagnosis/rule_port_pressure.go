package diagnosis

import (
	"fmt"
	"time"
)

// The thresholds of the pressure, in percent of the capacity.
const (
	CriticalPressure = 90
	WarningPressure  = 25
)

// highPressure is from where on a destination is not called calm unless it is
// known to stay below its capacity.
const highPressure = 75

// Those in time: how near the end is worth a warning, and how long the demand
// must have been above what is sustainable where the pressure is low still.
const (
	soonEnough = 60 * time.Second
	longEnough = 10 * time.Second
)

// portPressureRule tells port-pressure: next to all ports are gone, or they
// will be within a minute; it is not taken back for a moment. Where none was left a moment ago that is told too:
// ports come back in waves, and go again.
type portPressureRule struct {
	before *outages // nil: nothing is remembered
}

func (p *portPressureRule) look(s *scene) []Finding {
	return s.shortages().pressed.findings(s.Report, func(d *Destination) Finding {
		f := Finding{ID: PortPressure, Evidence: portEvidence(d), Remedies: s.portRemedies(d)}
		if s.critical(d) {
			f.Severity, f.Confidence, f.Claim = SeverityCritical, Certain, fewLeftWords(d, p.before.over(s, d))
			if d.Ports.Reusable == nil {
				f.Confidence = Likely
			}
			return f
		}
		f.Severity, f.Confidence, f.Claim = SeverityWarning, Likely, runsOutWords(d, p.before.over(s, d))
		if d.Forecast.AtTheEdge || d.Forecast.Exhausted == nil {
			f.Confidence = Possible
		}
		return f
	})
}

// fewLeftWords: few are left, and none was so many ms ago, or 0.
func fewLeftWords(d *Destination, none uint32) string {
	left := fmt.Sprintf("%v has %s of %s local ports left", d, Grouped(d.Ports.left()), Grouped(d.Ports.Capacity))
	if none == 0 {
		return left + prospect(d)
	}
	if f := d.Forecast; f != nil && d.Demand != nil && f.Exhausted != nil && *f.Exhausted > 0 {
		return fmt.Sprintf("%s (none %s), and runs out again in about %s", left, untilAgo(none), inAbout(*f.Exhausted))
	}
	return fmt.Sprintf("%s (none %s)%s", left, untilAgo(none), prospect(d))
}

// runsOutWords says when the last port goes, and how sure that is.
func runsOutWords(d *Destination, none uint32) string {
	if d.Forecast.Exhausted == nil {
		return fmt.Sprintf("%v may run out of local ports: about as many are wanted as they allow", d)
	}
	in, edgy := inAbout(*d.Forecast.Exhausted), d.Forecast.AtTheEdge
	switch {
	case none > 0 && edgy:
		return fmt.Sprintf("%v had no local port left %s, and may run out again in about %s", d, untilAgo(none), in)
	case none > 0:
		return fmt.Sprintf("%v had no local port left %s, and runs out again in about %s", d, untilAgo(none), in)
	case edgy:
		return fmt.Sprintf("%v may run out of local ports in about %s: about as many are wanted as they allow", d, in)
	}
	return fmt.Sprintf("%v runs out of local ports in about %s at this rate", d, in)
}
