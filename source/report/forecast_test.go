package report

import (
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func TestForecastInWords(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(d *diagnosis.Destination)
		want []string
	}{
		{"nothing is known of the demand", func(d *diagnosis.Destination) {
			d.Demand, d.Forecast = nil, &diagnosis.Forecast{Outlook: diagnosis.Outlook{Sustainable: ptr(1.6)},
				WhatIf: []diagnosis.WhatIf{{Text: "x=1", Outlook: diagnosis.Outlook{Sustainable: ptr(3.0)}}}}
		}, []string{"how many connections a second are wanted is not known; the ports allow 1.6/s for ever",
			"if x=1: not known, for the demand is not; it allows 3.0/s"}},
		{"it settles", func(d *diagnosis.Destination) {
			d.Demand = &diagnosis.Demand{PerSecond: 200, Basis: diagnosis.BasisPresent}
			d.Forecast = &diagnosis.Forecast{Outlook: diagnosis.Outlook{Sustainable: ptr(470.0), Settles: ptr(12200)}}
		}, []string{"wanted: 200/s; the ports allow 470/s for ever", "it settles at about 12,200 ports"}},
		{"it runs out, at the edge", func(d *diagnosis.Destination) {
			d.Demand = &diagnosis.Demand{PerSecond: 520, Basis: diagnosis.BasisPeak, AtLeast: true}
			d.Forecast = &diagnosis.Forecast{Outlook: diagnosis.Outlook{Sustainable: ptr(470.0), Exhausted: ptr(41400 * time.Millisecond), AtTheEdge: true},
				WhatIf: []diagnosis.WhatIf{{Text: "x=1", Outlook: diagnosis.Outlook{AtTheEdge: true}}}}
		}, []string{"wanted: at least 520/s, as in the busiest second of the last minute",
			"connect() fails in about 42 s at this rate; at the edge: a little more or less decides", "if x=1: at the edge"}},
		{"nobody knows of reuse", func(d *diagnosis.Destination) {
			d.Demand = &diagnosis.Demand{PerSecond: 520, Basis: diagnosis.BasisPresent}
			d.Forecast = &diagnosis.Forecast{}
		}, []string{"whether TIME-WAITs are reused, which is not known"}},
	} {
		r := incident()
		c.make(&r.Destinations[0])
		text := strings.Join(strings.Fields(render(t, r, 200)), " ")
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing in\n%s", c.name, want, render(t, r, 200))
			}
		}
	}
}

func TestSecondsOf(t *testing.T) {
	for in, want := range map[time.Duration]float64{0: 0, time.Millisecond: 0.1, 4120 * time.Millisecond: 4.1, time.Hour: 3600} {
		if got := secondsOf(in); got != want {
			t.Errorf("secondsOf(%v) = %v, want %v", in, got, want)
		}
	}
}
