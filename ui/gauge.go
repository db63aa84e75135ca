package ui

import "github.com/359a26c5/twtop/source/diagnosis"

// The characters of a gauge: told apart without colour.
const (
	glyphTimeWait = "█"
	glyphOther    = "▓"
	glyphReusable = "░"
	glyphHalf     = "┊"
)

// gauge draws how the ports of one destination are used, in w cells:
//
//	▕██████████████▓▓░░░░░   ┊                       ▏
//
// TIME_WAIT, other states, reusable TIME_WAIT, free; ┊ marks the half of the
// range, after which connect() has to search.
func (l *line) gauge(p *diagnosis.PortUse, w int) {
	inner := w - 2
	if inner < 4 {
		l.skip(w)
		return
	}
	reusable := 0
	if p.Reusable != nil {
		reusable = *p.Reusable
	}
	parts := []struct {
		k     ink
		glyph string
		n     int
	}{
		{inkTimeWait, glyphTimeWait, p.UsedTimeWait - reusable},
		{inkOther, glyphOther, p.Used - p.UsedTimeWait},
		{inkReusable, glyphReusable, reusable},
		{inkPlain, " ", p.Capacity - p.Used},
	}
	l.text(inkDim, "▕")
	at := 0
	for i, n := range gaugeCells([4]int{parts[0].n, parts[1].n, parts[2].n, parts[3].n}, inner) {
		for range n {
			if at == inner/2 {
				l.text(inkStrong, glyphHalf)
			} else {
				l.text(parts[i].k, parts[i].glyph)
			}
			at++
		}
	}
	l.skip(inner - at)
	l.text(inkDim, "▏")
}

// gaugeCells shares w cells out: first between used and free, so that the kinds
// of use, each of which shows if it can, do not make the whole look fuller.
func gaugeCells(counts [4]int, w int) [4]int {
	free := counts[3]
	whole := divide([]int{counts[0] + counts[1] + counts[2], free}, w)
	used := divide(counts[:3], whole[0])
	return [4]int{used[0], used[1], used[2], whole[1]}
}

// divide shares w cells out in proportion to counts. What is not 0 gets at
// least one cell as long as there are enough; rounding errors go to the largest.
func divide(counts []int, w int) []int {
	total := 0
	for _, n := range counts {
		total += max(n, 0)
	}
	out := make([]int, len(counts))
	if total == 0 || w <= 0 {
		return out
	}
	sum, largest := 0, 0
	for i, n := range counts {
		if n > 0 {
			out[i] = max(int((int64(n)*int64(w)+int64(total)/2)/int64(total)), 1)
		}
		sum += out[i]
		if out[i] > out[largest] {
			largest = i
		}
	}
	for ; sum > w; sum-- {
		for i := range out {
			if out[i] > out[largest] {
				largest = i
			}
		}
		if out[largest] > 1 {
			out[largest]--
			continue
		}
		out[fewest(counts, out)] = 0 // not enough cells for all
	}
	out[largest] += w - sum
	return out
}

// fewest is the smallest of the counts that have a cell.
func fewest(counts, cells []int) int {
	best := -1
	for i, n := range cells {
		if n > 0 && (best < 0 || counts[i] < counts[best]) {
			best = i
		}
	}
	return best
}

// bar is a horizontal bar of n out of limit in w cells, to an eighth of a cell.
func (l *line) bar(k ink, n, limit, w int) {
	if n <= 0 || limit <= 0 || w <= 0 {
		l.skip(w)
		return
	}
	left := [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}
	e := level(n, limit, w*8)
	l.repeat(k, "█", e/8)
	l.text(k, left[e%8])
	l.skip(w - (e+7)/8)
}
