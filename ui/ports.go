package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The local ports: a gauge for each of the fullest destinations, then two
// minutes of the one under the cursor.
//
//	─ [5] LOCAL PORTS ─ 32768–60999 · 28,230 ports per destination ────────
//	  127.0.0.1:4001        ▕███████████████┊██████████████▓▏ 100 %  free      0
//	  10.0.3.7:5432         ▕▓              ┊               ▏   1 %  free 27,820
//	  █ time-wait  ▓ other states  ░ reusable  ┊ half: connect() slows down
//	  127.0.0.1:4001 · 1,450 closes/s, peak 1,480 · first back in 4 s
//	  (chart.go)

// The widths around a gauge.
const (
	gaugeLabel, gaugeLabel6 = 21, 32
	gaugeFigures            = 7 + 13 // "  100 %", "  free 28,232"
	minChartRows            = 5
)

func (t *theme) ports(f *frame, chosen, w, h int, focused bool) []string {
	r := f.report
	out := []string{t.heading(w, focused, areaPorts, "LOCAL PORTS", portsAbout(&r.Ports))}
	if len(r.Destinations) == 0 {
		out = append(out, t.line(w, false).skip(2).text(inkDim, "no outgoing connection holds a local port").done())
		return t.fill(out, w, h)
	}
	gauges, legend, chart := portsPlan(h - 1)
	if legend && gauges > 1 {
		out = append(out, t.gaugeLegend(&r.Destinations[chosen], w))
	}
	for _, i := range gaugeRows(len(r.Destinations), chosen, gauges) {
		out = append(out, t.gaugeRow(&r.Destinations[i], f.six, i == chosen && gauges > 1, w))
	}
	if legend && gauges == 1 {
		out = append(out, t.gaugeLegend(&r.Destinations[chosen], w))
	}
	if chart > 0 {
		out = t.fill(out, w, h-chart)
		out = append(out, t.minutes(&r.Destinations[chosen], w, chart)...)
	}
	return t.fill(out, w, h)
}

// portsPlan shares rows between gauges, their legend and the two minutes.
func portsPlan(rows int) (gauges int, legend bool, minutes int) {
	switch {
	case rows <= 1:
		return max(rows, 0), false, 0
	case rows == 2:
		return 1, true, 0
	case rows <= 6:
		return rows - 3, true, 2
	}
	gauges = min(max(rows-1-(minChartRows+2), 1), 8)
	return gauges, true, rows - 1 - gauges
}

// gaugeRows are the worst destinations, and the chosen one in the last row if
// it is not among them.
func gaugeRows(n, chosen, rows int) []int {
	var out []int
	for i := range min(n, rows) {
		out = append(out, i)
	}
	if len(out) > 0 && !slices.Contains(out, chosen) {
		out[len(out)-1] = chosen
	}
	return out
}

func portsAbout(p *diagnosis.PortTotals) string {
	s := p.Range.String()
	if p.Assumed {
		s += " assumed"
	}
	var less []string
	if p.Reserved > 0 {
		less = append(less, commas(p.Reserved)+" reserved")
	}
	if p.Bound > 0 {
		less = append(less, commas(p.Bound)+" bound")
	}
	if len(less) > 0 {
		s += " less " + strings.Join(less, ", ")
	}
	return s + " · " + commas(p.Capacity) + " ports per destination"
}

func (t *theme) gaugeRow(d *diagnosis.Destination, six, marked bool, w int) string {
	l := t.line(w, false)
	mark := " "
	if marked {
		mark = "▷"
	}
	label := gaugeLabel
	if six {
		label = gaugeLabel6
	}
	label = min(label, max(w/3, 12))
	l.text(inkDim, mark+" ")
	l.cell(inkPlain, squeeze(endpoint(d.Remote, d.Device), label), label, false).skip(1)
	l.gauge(&d.Ports, min(l.left-gaugeFigures-1, 100))
	l.cell(pressureInk(d), percent(d.Ports.Pressure), 7, true)
	l.text(inkDim, "  free ").cell(freeInk(d), free(d), 7, true)
	return l.done()
}

func (t *theme) gaugeLegend(d *diagnosis.Destination, w int) string {
	l := t.line(w, false).skip(markerWidth)
	l.text(inkTimeWait, glyphTimeWait).text(inkDim, " time-wait  ")
	l.text(inkOther, glyphOther).text(inkDim, " other"+otherWords(d)+"  ")
	l.text(inkReusable, glyphReusable).text(inkDim, " reusable  ")
	l.text(inkStrong, glyphHalf).text(inkDim, " half: connect() slows 100×")
	return l.done()
}

// otherWords names the state that most of a destination's other connections are
// in, where that is not ESTAB: narrow tables have no column for it.
func otherWords(d *diagnosis.Destination) string {
	others := int(d.States.Total()) - int(d.States[source.StateTimeWait])
	for _, s := range source.ReportedStates {
		if s != source.StateTimeWait && s != source.StateEstablished && 2*int(d.States[s]) > others {
			return ": " + s.String()
		}
	}
	return ""
}

// minutes draws the last and the next minute of a destination, as a chart or,
// in two rows, as sparklines.
func (t *theme) minutes(d *diagnosis.Destination, w, h int) []string {
	name := endpoint(d.Remote, d.Device)
	if d.Closes == nil || d.Releases == nil {
		return []string{t.line(w, false).skip(2).text(inkDim, name+": "+noMinute(d)).done()}
	}
	if h < minChartRows+1 || w < chartMargin+24 {
		return t.sparks(d, w)
	}
	l := t.line(w, false).skip(markerWidth)
	l.text(inkPlain, name)
	l.text(inkDim, " · "+closing(d)+" · "+returning(d))
	return append([]string{l.done()}, chart{d.Closes, d.Releases}.rows(t, w, h-1)...)
}

// noMinute says why there is nothing to draw.
func noMinute(d *diagnosis.Destination) string {
	if d.ClosesLast == nil {
		return "no timers are told, so neither closes nor returns are known"
	}
	return "no minute is kept for so small a share"
}

const sparkLabel = 24

func (t *theme) sparks(d *diagnosis.Destination, w int) []string {
	cells := sparkCells(w - markerWidth - sparkLabel - 24)
	past := t.line(w, false).skip(markerWidth).cell(inkDim, "to TIME-WAIT, last 60 s", sparkLabel, false)
	past.spark(inkTimeWait, d.Closes, cells)
	past.text(inkDim, " "+perSecond(d, "/s"))
	next := t.line(w, false).skip(markerWidth).cell(inkDim, "ports back, next 60 s", sparkLabel, false)
	next.spark(inkBack, d.Releases, cells)
	next.text(inkDim, " "+returning(d))
	return []string{past.done(), next.done()}
}

// closing tells the rate of closes, and the peak where that says more.
func closing(d *diagnosis.Destination) string { return perSecond(d, " closes/s") }

func perSecond(d *diagnosis.Destination, unit string) string {
	s := optional(d.ClosesLast) + unit
	if d.ClosesLast != nil && d.ClosesPeak != nil && *d.ClosesPeak > *d.ClosesLast {
		s += ", peak " + commas(*d.ClosesPeak)
	}
	return s
}

func returning(d *diagnosis.Destination) string {
	switch n, ok := d.FirstBack(); {
	case !ok:
		return "none back by timer"
	case n == 0:
		return "first back now"
	default:
		return "first back in " + seconds(time.Duration(n)*time.Second)
	}
}

// until rounds a wait to tenths; what is over is now.
func until(d time.Duration) string {
	if d <= 0 {
		return "0 s"
	}
	return seconds(d.Round(100 * time.Millisecond))
}

// free is the number of further connect() calls; ≤ marks an upper bound.
func free(d *diagnosis.Destination) string {
	if !d.Ports.FreeExact {
		return "≤" + commas(d.Ports.Free)
	}
	return commas(d.Ports.Free)
}

func pressureInk(d *diagnosis.Destination) ink {
	switch {
	case d.Ports.Pressure >= diagnosis.CriticalPressure:
		return inkCritical
	case d.Ports.Pressure >= diagnosis.WarningPressure:
		return inkWarning
	}
	return inkOK
}

// freeInk alarms at 0 free only where nothing is reusable either.
func freeInk(d *diagnosis.Destination) ink {
	if d.Ports.Free == 0 && d.Ports.Pressure >= diagnosis.CriticalPressure {
		return inkCritical
	}
	return inkPlain
}
