package diagnosis

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// whatIf is the outlook under a change, nil where there is none.
func (d *Destination) whatIf(c Change) *WhatIf {
	if d.Forecast == nil {
		return nil
	}
	for i := range d.Forecast.WhatIf {
		if w := &d.Forecast.WhatIf[i]; w.Change == c {
			return w
		}
	}
	return nil
}

// betterThan reports whether the change bears more than is borne now, as far as
// that is known.
func (w *WhatIf) betterThan(now *Outlook) bool {
	return w.Sustainable == nil || now.Sustainable == nil || *w.Sustainable > *now.Sustainable
}

// foresee says what the remedy does, by a what-if (nil for none), at the present
// demand: first whether that is enough, then the figures.
func (m *Remedy) foresee(w *WhatIf, d *Destination) {
	if w == nil {
		return
	}
	parts := []string{w.verdict(d.Demand)}
	if figures := w.figures(d); figures != "" {
		parts[0] += ": " + figures
	}
	if w.Note != "" {
		parts = append(parts, w.Note)
	}
	m.Effect, m.Enough, m.Buys = strings.Join(parts, "; "), w.Enough, w.buys(d)
}

// The words of a verdict on a change.
const (
	wordEnough    = "enough"
	wordNotEnough = "not enough"
	wordAtTheEdge = "at the edge"
	wordNotKnown  = "not known"
)

func (w *WhatIf) verdict(d *Demand) string {
	switch {
	case w.Enough != nil && *w.Enough:
		return wordEnough
	case w.Enough != nil:
		return wordNotEnough
	case w.AtTheEdge && d != nil:
		return wordAtTheEdge
	}
	return wordNotKnown
}

// figures is what would be borne, against what is wanted, and how much time
// the change buys where it does not do for good.
func (w *WhatIf) figures(d *Destination) string {
	var parts []string
	if w.Sustainable != nil {
		parts = append(parts, perSecond(*w.Sustainable)+" are borne")
	}
	switch {
	case d.Demand == nil:
		parts = append(parts, "how many are wanted nobody has seen")
	case w.Sustainable != nil:
		parts = append(parts, wantedWords(d.Demand)+" wanted")
	case w.Settles != nil && *w.Settles > 0:
		parts = append(parts, "about "+Plural(*w.Settles, "port")+" in use then")
	case w.Settles != nil:
		parts = append(parts, "only open connections hold a port then")
	}
	if bought := w.buys(d); bought > 0 {
		parts = append(parts, fmt.Sprintf("buys %s at this rate", inAbout(bought)))
	}
	return strings.Join(parts, ", ")
}

// buys is by how much the change puts the end off, 0 where it prevents it or
// nobody knows.
func (w *WhatIf) buys(d *Destination) time.Duration {
	if w.Exhausted == nil || d.Forecast.Exhausted == nil {
		return 0
	}
	return time.Duration(math.Round((*w.Exhausted - *d.Forecast.Exhausted).Seconds())) * time.Second
}
