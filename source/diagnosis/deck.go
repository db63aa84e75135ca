package diagnosis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Frames is a recording: snapshots by number, to be had in any order.
type Frames interface {
	// First is the first frame that is kept, Len the number of frames, those
	// that are not kept any more among them.
	First() int
	Len() int
	// Taken is when frame i was taken, At the last frame no later than t.
	Taken(i int) time.Time
	At(t time.Time) int
	Frame(i int) (*source.Snapshot, error)
}

// LeadIn is how much of what was before a frame is assessed with it: what was
// wanted, a minute of TIME_WAITs ago, and what has held for some seconds.
const LeadIn = 90 * time.Second

// Of the lead-in the last seconds are assessed frame by frame; of what is before
// them, where there are many sockets, frames that are so far apart. Each dump
// holds the closes of the minute before it: what is missed is who was seen, and
// a few seconds of when something began.
const (
	denseLeadIn  = 15 * time.Second
	sparseLeadIn = 3 * time.Second
	manySockets  = 10_000
	// maxLeadIn bounds the lead-in in frames.
	maxLeadIn = 1000
)

// Deck assesses the frames of a recording in any order. Going on from one to
// the next costs that one; any other costs its lead-in. It is not safe for
// concurrent use.
type Deck struct {
	frames   Frames
	many     int // sockets
	assessor Assessor
	effect   Effect
	started  bool
	last     int    // the frame that was assessed last
	damaged  []int  // frames of the lead-in that could not be read
	kept     []card // by frame: to go one back must not mean a lead-in
}

// card is what was said of a frame.
type card struct {
	frame   int
	report  *Report
	courses []Course
}

// So many reports are kept, as long as there are no more than keptSockets
// sockets among them, of about 50 bytes each.
const (
	keptReports = 40
	keptSockets = 1 << 19
)

// NewDeck returns a Deck of a recording.
func NewDeck(f Frames) *Deck { return &Deck{frames: f, many: manySockets} }

// Report assesses frame i, and what was before it as far as it counts. courses
// are what has become of the destinations that were short of ports.
func (d *Deck) Report(ctx context.Context, i int) (r *Report, courses []Course, err error) {
	if c := d.find(i); c != nil {
		return c.report, c.courses, nil
	}
	from := d.leadIn(i)
	if goesOn := d.started && i > d.last && d.last >= from; goesOn {
		from = d.last + 1
	} else {
		d.assessor, d.effect, d.damaged, d.kept = Assessor{}, Effect{}, nil, nil
	}
	d.started = false // what is interrupted leaves nothing to go on from
	many := false
	for n := from; n < i; n = d.step(n, i, many) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		c, err := d.assess(n)
		if err != nil {
			d.damaged = append(d.damaged, n)
			continue
		}
		many = len(c.report.Snapshot.Sockets) > d.many
	}
	c, err := d.assess(i)
	d.started, d.last = true, i
	if err != nil {
		d.damaged = append(d.damaged, i)
		return nil, nil, err
	}
	return c.report, c.courses, nil
}

// assess assesses frame n after those before, and keeps what is said of it.
func (d *Deck) assess(n int) (card, error) {
	s, err := d.frames.Frame(n)
	if err != nil {
		return card{}, err
	}
	r := d.assessor.Assess(s)
	d.effect.See(r)
	d.annotate(r, n)
	c := card{n, r, d.effect.Courses()}
	d.keep(c)
	return c, nil
}

func (d *Deck) keep(c card) {
	d.kept = append(d.kept, c)
	sockets := 0
	for i := len(d.kept) - 1; i >= 0; i-- {
		sockets += len(d.kept[i].report.Snapshot.Sockets)
		if i < len(d.kept)-1 && (sockets > keptSockets || len(d.kept)-i > keptReports) {
			d.kept = slices.Delete(d.kept, 0, i+1)
			return
		}
	}
}

func (d *Deck) find(i int) *card {
	for k := range d.kept {
		if d.kept[k].frame == i {
			return &d.kept[k]
		}
	}
	return nil
}

// leadIn is the first frame that counts for frame i.
func (d *Deck) leadIn(i int) int {
	from := d.frames.At(d.frames.Taken(i).Add(-LeadIn))
	return max(min(from, i), i-maxLeadIn, d.frames.First())
}

// step is the frame to assess after frame n on the way to frame i.
func (d *Deck) step(n, i int, many bool) int {
	if !many {
		return n + 1
	}
	dense := d.frames.Taken(i).Add(-denseLeadIn)
	next := d.frames.Taken(n).Add(sparseLeadIn)
	if next.After(dense) {
		next = dense
	}
	return min(max(d.frames.At(next), n+1), i)
}

// annotate says what of the lead-in could not be read.
func (d *Deck) annotate(r *Report, frame int) {
	if len(d.damaged) == 0 {
		return
	}
	from := d.leadIn(frame)
	d.damaged = slices.DeleteFunc(d.damaged, func(n int) bool { return n < from })
	if n := len(d.damaged); n > 0 {
		r.Gaps = append(slices.Clone(r.Gaps), fmt.Sprintf("of the minute before, %s of the capture could not be read", Plural(n, "frame")))
	}
}
