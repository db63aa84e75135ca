package ui

import (
	"slices"
	"sort"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// timeline is a recording at a glance, as far as the survey has come, and what
// is drawn of it: worked out when something changes, so that View only writes
// it.
type timeline struct {
	first   int // of moments
	moments []diagnosis.Moment
	spans   []diagnosis.Span
	marks   []diagnosis.Mark
	more    bool // not all findings are in spans

	from, n int // the frames there are
	at      int // the one on the screen
	w       int
	columns []timelineColumn
	about   string
}

// timelineColumn is one column of the timeline.
type timelineColumn struct {
	known    bool
	pressure float32
	worst    diagnosis.Severity
	mark     *diagnosis.Mark // the one that matters most
}

// take adds what the survey has found, and forgets what is not there any more.
func (l *timeline) take(msg *foundMsg) {
	if l.first+len(l.moments) != msg.first { // at first, and where none of them is there any more
		l.first, l.moments = msg.first, nil
	}
	l.moments = append(l.moments, msg.moments...)
	if gone := min(msg.from-l.first, len(l.moments)); gone > 0 {
		l.first, l.moments = l.first+gone, l.moments[gone:]
	}
	l.spans, l.more = msg.spans, msg.more
	l.marks = diagnosis.MarksOf(l.spans)
}

// frames says which frames there are, and which is on the screen.
func (l *timeline) frames(from, n, at int) { l.from, l.n, l.at = from, max(n-from, 0), at }

// surveyed is how many of the frames the survey has seen.
func (l *timeline) surveyed() int { return max(l.first+len(l.moments)-l.from, 0) }

// columnOf is the column of a frame, frameOf the first frame of a column: each
// column has a frame, and each frame a column.
func (l *timeline) columnOf(frame int) int {
	i := max(frame-l.from, 0)
	c := i * l.w / max(l.n, 1)
	if l.w > l.n {
		c = (i*l.w + l.n - 1) / max(l.n, 1)
	}
	return max(min(c, l.w-1), 0)
}

func (l *timeline) frameOf(column int) int {
	c := max(min(column, l.w-1), 0)
	i := c * l.n / max(l.w, 1)
	if l.w <= l.n {
		i = (c*l.n + l.w - 1) / max(l.w, 1)
	}
	return l.from + max(min(i, l.n-1), 0)
}

// arrange works out the columns for a width.
func (l *timeline) arrange(w int) {
	l.w = max(w, 0)
	l.columns = slices.Grow(l.columns[:0], l.w)[:l.w]
	clear(l.columns)
	if l.n == 0 || l.w == 0 {
		return
	}
	for i := range l.moments {
		frame := l.first + i
		if frame < l.from || frame >= l.from+l.n {
			continue
		}
		l.put(l.columnOf(frame), &l.moments[i])
	}
	l.spread()
	for i := range l.marks {
		m := &l.marks[i]
		if m.Frame < l.from {
			continue
		}
		c := &l.columns[l.columnOf(m.Frame)]
		if c.mark == nil || weight(m) > weight(c.mark) {
			c.mark = m
		}
	}
}

func (l *timeline) put(column int, m *diagnosis.Moment) {
	c := &l.columns[column]
	if m.Known {
		c.known, c.pressure = true, max(c.pressure, m.Pressure)
	}
	c.worst = max(c.worst, m.Worst)
}

// spread lets a frame take the columns up to the next one's, where there are
// fewer frames than columns.
func (l *timeline) spread() {
	if l.w <= l.n {
		return
	}
	for i := range l.n {
		from, to := l.columnOf(l.from+i), l.w
		if i+1 < l.n {
			to = l.columnOf(l.from + i + 1)
		}
		for c := from + 1; c < to; c++ {
			l.columns[c] = l.columns[from]
		}
	}
}

// weight ranks marks that share a column: what begins or worsens before what
// ends, the worst first.
func weight(m *diagnosis.Mark) int {
	n := int(m.Severity)
	if m.Turn != diagnosis.TurnEnds {
		n += 10
	}
	return n
}

// markAt is the mark that matters most at a frame, nil where there is none.
func (l *timeline) markAt(frame int) (best *diagnosis.Mark) {
	for i := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].Frame >= frame }); i < len(l.marks) && l.marks[i].Frame == frame; i++ {
		if m := &l.marks[i]; best == nil || weight(m) > weight(best) {
			best = m
		}
	}
	return best
}

// nextMark is the frame of the first mark after a frame, or with by −1 of the
// last one before it; ok is false where there is none.
func (l *timeline) nextMark(frame, by int) (at int, ok bool) {
	if by > 0 {
		i := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].Frame > frame })
		if i == len(l.marks) {
			return 0, false
		}
		return l.marks[i].Frame, l.marks[i].Frame < l.from+l.n
	}
	i := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].Frame >= frame })
	if i == 0 || l.marks[i-1].Frame < l.from {
		return 0, false
	}
	return l.marks[i-1].Frame, true
}

// markWords says what begins or ends.
func (l *timeline) markWords(m *diagnosis.Mark) string {
	id := string(l.spans[m.Span].ID)
	switch m.Turn {
	case diagnosis.TurnEnds:
		return id + " ends"
	case diagnosis.TurnWorsens:
		return id + " becomes " + m.Severity.String()
	}
	return id + " begins"
}

// clockWords is a stretch of time as a player shows it: 1:23, or 1:02:03.
func clockWords(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	if s >= 3600 {
		return commas(int(s/3600)) + ":" + two(s/60%60) + ":" + two(s%60)
	}
	return commas(int(s/60)) + ":" + two(s%60)
}

func two(n int64) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }
