package diagnosis

import "github.com/359a26c5/twtop/source"

// Verdict is what a list of namespaces says of one, by its report.
func (r *Report) Verdict() source.Verdict {
	v := source.Verdict{
		Free: r.Ports.Capacity, Capacity: r.Ports.Capacity,
		Critical: r.Headline.Severity == SeverityCritical,
		Warning:  r.Headline.Severity == SeverityWarning,
		Headline: r.Headline.Text,
	}
	switch {
	case len(r.Destinations) > 0:
		d := &r.Destinations[0]
		v.Pressure, v.Free, v.FreeExact = d.Ports.Pressure, d.Ports.Free, d.Ports.FreeExact
		v.Destination = d.String()
	case r.Ports.Capacity == 0:
		v.Pressure = 100
	}
	return v
}
