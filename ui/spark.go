package ui

import "github.com/359a26c5/twtop/source/diagnosis"

// eighths are the eight heights of a cell, lowest first. A count of 0 is the
// lowest, so that the time axis stays visible; what is not 0 is at least the
// second. The peak of a sparkline is the seventh, so that the rows of a table do
// not run into each other.
var eighths = [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

const sparkLevels = 6 // above the axis

// peakOf is the largest value of a series.
func peakOf(s *diagnosis.Series) int {
	var m uint32
	for _, v := range s {
		m = max(m, v)
	}
	return int(m)
}

// binned is the largest value in each of n equal parts of a minute: a peak of
// one second stays a peak.
func binned(s *diagnosis.Series, n int) []uint32 {
	n = min(max(n, 1), len(s))
	out := make([]uint32, n)
	for i, v := range s {
		b := i * n / len(s)
		out[b] = max(out[b], v)
	}
	return out
}

// sparkCells is the widest sparkline of whole seconds per cell that fits w.
func sparkCells(w int) int {
	for _, n := range [...]int{60, 30, 20, 15, 12, 10} {
		if n <= w {
			return n
		}
	}
	return max(w, 0)
}

// spark writes a series as a sparkline of n cells, scaled to its own peak.
func (l *line) spark(k ink, s *diagnosis.Series, n int) {
	if n <= 0 {
		return
	}
	peak := peakOf(s)
	for _, v := range binned(s, n) {
		if v == 0 {
			l.text(inkDim, eighths[0])
			continue
		}
		l.text(k, eighths[level(int(v), peak, sparkLevels)])
	}
}

// level scales v of max to 1…steps; what is not 0 is at least 1.
func level(v, limit, steps int) int {
	if v <= 0 || limit <= 0 {
		return 0
	}
	return min(max((v*steps+limit/2)/limit, 1), steps)
}
