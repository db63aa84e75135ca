package report

import (
	"math"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

type demandShape struct {
	Value   float64 `json:"value"`
	Basis   string  `json:"basis"`
	AtLeast bool    `json:"at_least"`
}

func shapeDemand(d *diagnosis.Demand) *demandShape {
	if d == nil {
		return nil
	}
	return &demandShape{Value: rounded(d.PerSecond), Basis: string(d.Basis), AtLeast: d.AtLeast}
}

type forecastShape struct {
	outlookShape
	AboveForSeconds float64       `json:"above_sustainable_for_seconds"`
	WhatIf          []whatIfShape `json:"what_if"`
}

type outlookShape struct {
	Sustainable *float64 `json:"sustainable_per_second"`
	Exhausted   *float64 `json:"exhausted_in_seconds"`
	Settles     *int     `json:"settles_at_ports"`
	AtTheEdge   bool     `json:"at_the_edge"`
}

type whatIfShape struct {
	Change string `json:"change"`
	Kind   string `json:"kind"`
	outlookShape
	Capacity int     `json:"capacity"`
	Enough   *bool   `json:"enough"`
	Note     *string `json:"note"`
}

func shapeForecast(f *diagnosis.Forecast) *forecastShape {
	if f == nil {
		return nil
	}
	s := &forecastShape{
		outlookShape: shapeOutlook(&f.Outlook), AboveForSeconds: f.Above.Seconds(),
		WhatIf: make([]whatIfShape, len(f.WhatIf)),
	}
	for i := range f.WhatIf {
		w := &f.WhatIf[i]
		s.WhatIf[i] = whatIfShape{
			Change: w.Text, Kind: string(w.Change), outlookShape: shapeOutlook(&w.Outlook),
			Capacity: w.Capacity, Enough: w.Enough, Note: known(w.Note),
		}
	}
	return s
}

func shapeOutlook(o *diagnosis.Outlook) outlookShape {
	s := outlookShape{Settles: o.Settles, AtTheEdge: o.AtTheEdge}
	if o.Sustainable != nil {
		v := rounded(*o.Sustainable)
		s.Sustainable = &v
	}
	if o.Exhausted != nil {
		v := secondsOf(*o.Exhausted)
		s.Exhausted = &v
	}
	return s
}

// rounded keeps one decimal.
func rounded(v float64) float64 { return math.Round(v*10) / 10 }

// secondsOf keeps one decimal, and 0 for what is so now and nothing else.
func secondsOf(d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return max(rounded(d.Seconds()), 0.1)
}
