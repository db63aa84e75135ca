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
// will be within a minute.
type portPressureRule struct{}

func (*portPressureRule) look(s *scene) []Finding {
	return s.shortages().pressed.findings(s.Report, func(d *Destination) Finding {
		f := Finding{ID: PortPressure, Evidence: portEvidence(d), Remedies: s.portRemedies(d)}
		if d.nearlyExhausted() {
			f.Severity, f.Confidence, f.Claim = SeverityCritical, Certain, fewLeftWords(d)
			if d.Ports.Reusable == nil {
				f.Confidence = Likely
			}
			return f
		}
		f.Severity, f.Confidence, f.Claim = SeverityWarning, Likely, runsOutWords(d)
		if d.Forecast.AtTheEdge {
			f.Confidence = Possible
		}
		return f
	})
}

func fewLeftWords(d *Destination) string {
	return fmt.Sprintf("%v has %s of %s local ports left%s", d, Grouped(d.Ports.left()), Grouped(d.Ports.Capacity), prospect(d))
}

// runsOutWords says when the last port goes, and how sure that is.
func runsOutWords(d *Destination) string {
	in := inAbout(*d.Forecast.Exhausted)
	if d.Forecast.AtTheEdge {
		return fmt.Sprintf("%v may run out of local ports in about %s: what is wanted is at the edge of what they bear", d, in)
	}
	return fmt.Sprintf("%v runs out of local ports in about %s at this rate", d, in)
}
