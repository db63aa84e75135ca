package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Effect follows the destinations that were short of ports, from report to
// report: what becomes of their ports once sysctls were changed, and whether
// their programs come to open fewer connections. The zero Effect follows
// nothing; it is not safe for concurrent use.
type Effect struct {
	followed []*followed // maxSubjects at the most
	clock    uint32      // Snapshot.Clock of the last report
	changed  *uint32     // that of the report before the change
}

// Course is what has become of one destination, in words.
type Course struct {
	Subject string // the destination
	// Ports is what became of its ports since the change, "" without one:
	// "free 0 → 26,310, failing stopped". Failing: connect() fails now.
	Ports   string
	Failing bool
	// Opens is what became of the connections opened per second, "" where
	// nothing is to be said: "opens/s 1,480 → 3 since 01:07:12: keep-alive is
	// at work". Cured says whether that is so.
	Opens string
	Cured bool
}

// See takes the next report. One that is older than the one before begins anew.
func (e *Effect) See(r *Report) {
	if int32(r.Snapshot.Clock-e.clock) < 0 {
		*e = Effect{}
	}
	e.clock = r.Snapshot.Clock
	for i := range r.Findings {
		if f := &r.Findings[i]; f.portsShort() && f.Destination >= 0 {
			e.follow(r, &r.Destinations[f.Destination])
		}
	}
	for _, f := range e.followed {
		d := f.in(r)
		if f.now = atHandIn(r, d); f.now.failing {
			f.failed, f.failedAt = true, e.clock
		}
		f.opening.see(r.Snapshot, d)
	}
}

// failingUntil is for how long, in ms, connect() is said to fail after the last
// report in which it did: now and then a port comes back.
const failingUntil = 10_000

// Change says that sysctls have been changed after the last report.
func (e *Effect) Change() {
	at := e.clock
	e.changed = &at
	for _, f := range e.followed {
		before := f.now
		before.failing = f.failed && elapsed(e.clock, f.failedAt) < failingUntil
		f.before = &before
	}
}

// Undo says that they are as before the change.
func (e *Effect) Undo() {
	e.changed = nil
	for _, f := range e.followed {
		f.before = nil
	}
}

// Since is how long ago the change was; ok is false without one.
func (e *Effect) Since() (ago time.Duration, ok bool) {
	if e.changed == nil {
		return 0, false
	}
	return time.Duration(elapsed(e.clock, *e.changed)) * time.Millisecond, true
}

// Courses are those of the destinations of which there is something to say,
// the ones that fail first.
func (e *Effect) Courses() []Course {
	ago, _ := e.Since()
	var out []Course
	for _, f := range e.followed {
		c := Course{Subject: f.name}
		if f.before != nil && ago > 0 {
			c.Ports, c.Failing = f.before.become(&f.now), f.now.failing
		}
		c.Opens, c.Cured = f.opening.words(e.clock, ago)
		if c.Ports+c.Opens != "" {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Course) int { return cmp.Compare(rankOf(&a), rankOf(&b)) })
	return out
}

func rankOf(c *Course) int {
	if c.Failing {
		return 0
	}
	return 1
}

// followed is a destination that was short of ports.
type followed struct {
	at      place
	name    string
	index   int     // in the last report's destinations
	before  *atHand // at the change; nil without one
	now     atHand
	opening opensRate // what is opened to it

	failed   bool // once, and last at failedAt
	failedAt uint32
}

// follow begins to follow a destination, or takes how much is wanted of it.
func (e *Effect) follow(r *Report, d *Destination) {
	at := placeOf(&r.Snapshot.Flows[d.Flow])
	i := slices.IndexFunc(e.followed, func(f *followed) bool { return f.at == at })
	if i < 0 {
		if len(e.followed) == maxSubjects {
			return
		}
		i = len(e.followed)
		e.followed = append(e.followed, &followed{at: at, name: d.String()})
	}
	e.followed[i].opening.want(d)
}

// in looks the destination up, where it was in the report before first; nil for
// one that holds next to no port or none.
func (f *followed) in(r *Report) *Destination {
	all := r.Destinations[:min(len(r.Destinations), MaxSeries)]
	is := func(i int) bool { return placeOf(&r.Snapshot.Flows[all[i].Flow]) == f.at }
	if f.index < len(all) && is(f.index) {
		return &all[f.index]
	}
	for i := range all {
		if is(i) {
			f.index = i
			return &all[i]
		}
	}
	return nil
}

// atHand is how a destination's ports stand in one report.
type atHand struct {
	free, reusable int
	failing        bool // nothing is to be had
}

func atHandIn(r *Report, d *Destination) atHand {
	if d == nil {
		return atHand{free: r.Ports.Capacity, failing: r.Ports.Capacity == 0}
	}
	return atHand{d.Ports.Free, zeroIfNil(d.Ports.Reusable), d.exhausted()}
}

// become says what has become of it.
func (s *atHand) become(now *atHand) string {
	text := fmt.Sprintf("free %s → %s", Grouped(s.free), Grouped(now.free))
	if now.free <= s.free && now.reusable > s.reusable {
		text = fmt.Sprintf("reusable %s → %s", Grouped(s.reusable), Grouped(now.reusable))
	}
	switch {
	case s.failing && now.failing:
		text += ", still failing"
	case s.failing:
		text += ", failing stopped"
	case now.failing:
		text += ", failing now"
	}
	return text
}
