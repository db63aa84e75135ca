package ui

import (
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// chart draws two minutes of one destination: what went to TIME-WAIT in the last
// and the ports that come back in the next, on one scale.
//
//	1,480/s ▏        ▂▅█████│
//	        ▏       ▃███████│▁▂       ▂▄
//	      0 ▏▁▁▂▃▅▆▇████████│████▇▅▃▂▅██
//	         −60 s   to TIME-WAIT│  ports back +60 s
type chart struct{ past, next *diagnosis.Series }

const chartMargin = 11 // the scale's figures and the axis

// chartSpan is how many cells a minute takes in a chart of w cells.
func chartSpan(w int) int { return sparkCells((w - chartMargin - 2) / 2) }

// rows draws the chart, the axis' legend in the last row. It needs at least
// three rows and 40 cells.
func (c chart) rows(t *theme, w, h int) []string {
	span := chartSpan(w)
	past, next := binned(c.past, span), binned(c.next, span)
	peak := max(peakOf(c.past), peakOf(c.next))
	var out []string
	for row := h - 2; row >= 0; row-- {
		l := t.line(w, false)
		l.cell(inkDim, c.scale(row, h-1, peak), chartMargin-1, true).text(inkDim, "▕")
		c.bars(l, inkTimeWait, past, peak, row, h-1)
		l.text(inkStrong, "│")
		c.bars(l, inkBack, next, peak, row, h-1)
		out = append(out, l.done())
	}
	return append(out, c.axis(t, w, span))
}

// scale is the figure beside a row: the peak at the top, 0 at the bottom.
func (c chart) scale(row, rows, peak int) string {
	switch {
	case row == rows-1 && peak > 0:
		return commas(peak) + "/s"
	case row == 0:
		return "0"
	}
	return ""
}

// bars draws one row of cells, row 0 the lowest.
func (c chart) bars(l *line, k ink, values []uint32, peak, row, rows int) {
	for _, v := range values {
		e := level(int(v), peak, rows*8)
		if e > 0 {
			e = max(e, 2) // apart from the axis
		}
		e -= row * 8
		switch {
		case e >= 8:
			l.text(k, eighths[7])
		case e > 0:
			l.text(k, eighths[e-1])
		case row == 0:
			l.text(inkDim, eighths[0])
		default:
			l.skip(1)
		}
	}
}

func (c chart) axis(t *theme, w, span int) string {
	l := t.line(w, false).skip(chartMargin)
	c.half(l, "−60 s", inkTimeWait, "to TIME-WAIT", "", span)
	l.text(inkStrong, "│")
	c.half(l, "", inkBack, "ports back", "+60 s", span)
	return l.done()
}

// half labels one minute of the axis: left end, middle, right end.
func (c chart) half(l *line, left string, k ink, middle, right string, span int) {
	room := span - width(left) - width(right)
	if width(middle)+2 > room {
		words := strings.Fields(middle)
		middle = words[len(words)-1]
	}
	if width(middle)+2 > room {
		middle = ""
	}
	pad := max(room-width(middle), 0)
	l.text(inkDim, left).skip(pad/2).text(k, middle).skip(pad-pad/2).text(inkDim, right)
}
