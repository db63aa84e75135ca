package diagnosis

import (
	"cmp"
	"slices"
	"time"
)

// Timeline is a recording at a glance: the pressure of the worst destination in
// each frame, and from when to when each finding held. The zero Timeline is
// empty; it is not safe for concurrent use.
type Timeline struct {
	first   int
	moments []Moment
	spans   []Span
	open    map[spanKey]*openSpan
	leftOut int // the first frame after the last one with a finding that is in no span
}

// Moment is what a Timeline keeps of a frame, in 8 bytes.
type Moment struct {
	Pressure float32 // of the worst destination, in percent
	Worst    Severity
	Known    bool // the frame could be read, and there is a destination
}

// Span is the time in which something was found.
type Span struct {
	ID       ID
	Subject  string
	From, To int      // frames; To is the first one after it
	Open     bool     // it has not ended, as far as is known
	Begun    Severity // as it began
	Worst    Severity
	WorstAt  int // the frame in which it first was as bad as that
}

type spanKey struct {
	id      ID
	subject string
}

type openSpan struct {
	index int // in spans
	frame int // the last one that has it
	taken time.Time
}

// What is not found for a shorter time has not ended.
const spanBridge = 5 * time.Second

// maxSpans bounds what a hostile recording makes a Timeline keep.
const maxSpans = 4096

// Add takes the report of the next frame. A frame after a gap in the numbers is
// preceded by frames that are not known.
func (t *Timeline) Add(frame int, taken time.Time, r *Report) {
	t.fill(frame)
	m := Moment{}
	for i := range r.Findings {
		m.Worst = max(m.Worst, r.Findings[i].Severity)
	}
	if len(r.Destinations) > 0 {
		m.Known = true
		for i := range r.Destinations {
			m.Pressure = max(m.Pressure, float32(r.Destinations[i].Ports.Pressure))
		}
	}
	t.moments = append(t.moments, m)
	t.see(frame, taken, r.Findings)
}

// Miss takes a frame that could not be read.
func (t *Timeline) Miss(frame int) {
	t.fill(frame)
	t.moments = append(t.moments, Moment{})
}

func (t *Timeline) fill(frame int) {
	if len(t.moments) == 0 {
		t.first = frame
	}
	for t.first+len(t.moments) < frame {
		t.moments = append(t.moments, Moment{})
	}
}

func (t *Timeline) see(frame int, taken time.Time, found []Finding) {
	if t.open == nil {
		t.open = make(map[spanKey]*openSpan)
	}
	for i := range found {
		f := &found[i]
		key := spanKey{f.ID, f.Subject}
		o := t.open[key]
		if o == nil {
			if len(t.spans) >= maxSpans {
				t.leftOut = frame + 1
				continue
			}
			o = &openSpan{index: len(t.spans)}
			t.open[key] = o
			t.spans = append(t.spans, Span{ID: f.ID, Subject: f.Subject, From: frame, Open: true, Begun: f.Severity})
		}
		o.frame, o.taken = frame, taken
		s := &t.spans[o.index]
		s.To = frame + 1
		if f.Severity > s.Worst {
			s.Worst, s.WorstAt = f.Severity, frame
		}
	}
	for key, o := range t.open {
		if o.frame != frame && (taken.Sub(o.taken) >= spanBridge || taken.Before(o.taken)) {
			t.spans[o.index].Open = false
			delete(t.open, key)
		}
	}
}

// Forget drops what is of the frames before first only. Moments that were
// given stay good.
func (t *Timeline) Forget(first int) {
	if first <= t.first {
		return
	}
	t.moments = t.moments[min(first-t.first, len(t.moments)):]
	t.first = first
	moved := make(map[int]int, len(t.open))
	kept := t.spans[:0]
	for i := range t.spans {
		if s := &t.spans[i]; s.Open || s.To >= first {
			moved[i] = len(kept)
			kept = append(kept, *s)
		}
	}
	clear(t.spans[len(kept):])
	t.spans = kept
	for _, o := range t.open {
		o.index = moved[o.index]
	}
}

// First is the number of the first frame, Moments all of them from there on.
func (t *Timeline) First() int        { return t.first }
func (t *Timeline) Moments() []Moment { return t.moments }

// Spans are in the order in which they began; a copy.
func (t *Timeline) Spans() []Span { return slices.Clone(t.spans) }

// Unmarked reports whether findings of the frames from First on are in no span.
func (t *Timeline) Unmarked() bool { return t.leftOut > t.first }

// Turn is what happens to a finding at a Mark.
type Turn uint8

// The turns, in the order in which they are told of one frame.
const (
	TurnEnds Turn = iota
	TurnWorsens
	TurnBegins
)

// Mark is where a finding begins, has become worst, or ends.
type Mark struct {
	Frame    int
	Turn     Turn
	Severity Severity // from there on; where it ends, the worst there was
	Span     int      // index
}

// MarksOf are the marks of spans, by frame.
func MarksOf(spans []Span) []Mark {
	var out []Mark
	for i := range spans {
		s := &spans[i]
		out = append(out, Mark{s.From, TurnBegins, s.Begun, i})
		if s.Worst > s.Begun {
			out = append(out, Mark{s.WorstAt, TurnWorsens, s.Worst, i})
		}
		if !s.Open {
			out = append(out, Mark{s.To, TurnEnds, s.Worst, i})
		}
	}
	slices.SortStableFunc(out, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.Frame, b.Frame), cmp.Compare(a.Turn, b.Turn), cmp.Compare(b.Severity, a.Severity))
	})
	return out
}
