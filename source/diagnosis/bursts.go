package diagnosis

// stretch is some seconds on end in which connections were opened, or next to
// none.
type stretch struct {
	busy     bool
	from, to int // indices in seconds; to is not part of it
	sum      float64
}

func (r *stretch) length() int   { return r.to - r.from }
func (r *stretch) mean() float64 { return r.sum / float64(r.length()) }

// burstsEnough is how many bursts, over already, make a habit.
const burstsEnough = 3

// bursts is the mean rate of a demand that comes in bursts, over whole ones
// with the pauses after them. The last five seconds tell nothing of it: they
// are a burst, or a pause. It is false where now is unlike what was before.
func (s *seconds) bursts(limit int) (mean float64, ok bool) {
	var room [SeriesLen]stretch
	all := s.stretches(room[:0], SeriesLen-limit)
	if len(all) < 2*burstsEnough {
		return 0, false
	}
	// The first may have begun earlier; a pause at the begin says nothing.
	first := all[1:]
	if all[0].busy {
		first = all[2:]
	}
	now, before := all[len(all)-1], first[:len(first)-1]
	longest, most, count := [2]int{}, 0.0, 0
	for i := range before {
		r := &before[i]
		longest[kind(r.busy)] = max(longest[kind(r.busy)], r.length())
		if r.busy {
			most = max(most, r.mean())
			count++
		}
	}
	usual := longest[kind(now.busy)]*3/2 + 1
	if count < burstsEnough || now.length() > usual || now.busy && now.mean() > 1.5*most {
		return 0, false
	}
	if last := &before[len(before)-1]; last.busy { // without its pause
		before = before[:len(before)-1]
	}
	if len(before) == 0 {
		return 0, false
	}
	sum := 0.0
	for i := range before {
		sum += before[i].sum
	}
	return sum / float64(before[len(before)-1].to-before[0].from), true
}

func kind(busy bool) int {
	if busy {
		return 1
	}
	return 0
}

// stretches divides the seconds from an index on, oldest first.
func (s *seconds) stretches(out []stretch, from int) []stretch {
	few := s.peak() / 20
	for i := from; i < SeriesLen; i++ {
		busy := s[i] > few
		if n := len(out); n > 0 && out[n-1].busy == busy {
			out[n-1].to, out[n-1].sum = i+1, out[n-1].sum+s[i]
			continue
		}
		out = append(out, stretch{busy: busy, from: i, to: i + 1, sum: s[i]})
	}
	return out
}
