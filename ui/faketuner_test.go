package ui

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// fakeTuner changes the sysctls of a play.
type fakeTuner struct {
	p        *play
	notRoot  bool
	inside   bool // another namespace: nothing is persisted
	fail     string
	undo     sysctl.UndoPlan
	lines    []sysctl.UndoItem
	planErr  error
	panics   bool
	hold     chan struct{} // Apply waits for it, or for the end of its context
	began    chan struct{}
	now      func() time.Time
	mu       sync.Mutex
	busy     bool
	calls    []string
	reserved source.PortSet
	more     source.PortSet // of services that are down
}

// enter holds that the methods are called one at a time.
func (f *fakeTuner) enter(call string) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy {
		panic("two calls at once")
	}
	f.busy = true
	f.calls = append(f.calls, call)
	return func() { f.mu.Lock(); f.busy = false; f.mu.Unlock() }
}

// wrote are the calls that change something.
func (f *fakeTuner) wrote() (out []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c != "Plan" && c != "PlanUndo" && c != "PlanPersist" {
			out = append(out, c)
		}
	}
	return out
}

func (f *fakeTuner) Plan(_ context.Context, r *diagnosis.Report, reserve source.PortSet) (sysctl.Plan, error) {
	defer f.enter("Plan")()
	f.reserved = reserve
	facts := sysctl.FactsOf(r.Snapshot, r.Needs())
	reserve.Union(&f.more)
	facts.Root, facts.Reserve, facts.Inside = !f.notRoot, reserve, f.inside
	if f.p != nil {
		facts.Values = maps.Clone(f.p.sysctl)
		facts.Values[sysctl.MaxOrphans] = "131072" // the host's first namespace
	}
	return sysctl.NewPlan(facts), f.planErr
}

func (f *fakeTuner) Apply(ctx context.Context, p sysctl.Plan) (sysctl.Result, error) {
	defer f.enter("Apply")()
	if f.hold != nil {
		close(f.began)
		select {
		case <-ctx.Done():
			return sysctl.Result{}, fmt.Errorf("%w; nothing had been changed", ctx.Err())
		case <-f.hold:
		}
	}
	if f.panics {
		panic("index out of range")
	}
	var r sysctl.Result
	for _, i := range p.Chosen() {
		d := sysctl.Done{Key: i.Key.Name, From: i.Now, To: i.Want, Outcome: sysctl.OutcomeSet}
		if f.fail == i.Key.Name {
			d.Outcome, d.Note = sysctl.OutcomeFailed, "permission denied"
			r.Done = append(r.Done, d)
			for _, x := range slices.Backward(f.undo.Items) {
				r.Done = append(r.Done, sysctl.Done{Key: x.Key, From: x.Now, To: x.To, Outcome: sysctl.OutcomePutBack})
				f.set(x.Key, x.To)
			}
			f.undo = sysctl.UndoPlan{}
			return r, fmt.Errorf("%s: permission denied; put back: %s", i.Key.Name, sysctl.TWReuse)
		}
		f.set(i.Key.Name, i.Want)
		r.Done = append(r.Done, d)
		f.undo.Items = slices.Insert(f.undo.Items, 0, sysctl.UndoItem{Key: i.Key.Name, Now: i.Want, To: i.Now})
	}
	f.undo.ID, f.undo.At, f.undo.Who = "1", f.now(), sysctl.Who{User: "root", Sudo: "alice"}
	return r, nil
}

func (f *fakeTuner) set(key, v string) {
	f.p.sysctl = maps.Clone(f.p.sysctl)
	f.p.sysctl[key] = v
	if key == sysctl.TWReuse {
		f.p.lanes[0].reuse = v == "1"
	}
	if key == sysctl.LocalPortRange {
		_, _ = fmt.Sscan(v, &f.p.rng.Low, &f.p.rng.High)
	}
}

func (f *fakeTuner) PlanUndo(context.Context) (sysctl.UndoPlan, error) {
	defer f.enter("PlanUndo")()
	u := f.undo
	u.Lines = f.lines
	if u.Empty() {
		return u, sysctl.ErrNothingToUndo
	}
	return u, nil
}

func (f *fakeTuner) Undo(_ context.Context, u sysctl.UndoPlan) (sysctl.Result, error) {
	defer f.enter("Undo")()
	var r sysctl.Result
	for _, i := range u.Items {
		d := sysctl.Done{Key: i.Key, From: i.Now, To: i.To, Outcome: sysctl.OutcomePutBack}
		if i.Refused != "" {
			d.Outcome, d.Note = sysctl.OutcomeTaken, i.Refused
		} else {
			f.set(i.Key, i.To)
		}
		r.Done = append(r.Done, d)
	}
	for _, i := range u.Lines {
		r.Done = append(r.Done, sysctl.Done{Key: i.Key, From: i.Now, File: true, Outcome: sysctl.OutcomePutBack})
	}
	f.undo, f.lines = sysctl.UndoPlan{}, nil
	return r, nil
}

func (f *fakeTuner) PlanPersist(context.Context) (l sysctl.PersistPlan, err error) {
	defer f.enter("PlanPersist")()
	if l.ID = f.undo.ID; l.ID == "" {
		return l, sysctl.ErrNothingToPersist
	}
	for _, i := range slices.Backward(f.undo.Items) {
		line := sysctl.Line{Key: i.Key, Value: i.Now}
		if slices.ContainsFunc(f.lines, func(o sysctl.UndoItem) bool { return o.Key == i.Key }) {
			line.Had = i.Now
		}
		l.Lines = append(l.Lines, line)
	}
	return l, nil
}

func (f *fakeTuner) Persist(_ context.Context, p sysctl.Plan, l sysctl.PersistPlan) (sysctl.Result, error) {
	defer f.enter("Persist")()
	if p.PersistRefused != "" {
		return sysctl.Result{}, errors.New("nothing was persisted: " + p.PersistRefused)
	}
	var r sysctl.Result
	for _, i := range l.Lines {
		r.Done = append(r.Done, sysctl.Done{Key: i.Key, To: i.Value, File: true, Outcome: sysctl.OutcomeSet})
		f.lines = append(f.lines, sysctl.UndoItem{Key: i.Key, Now: i.Value})
	}
	return r, nil
}

// tuned is a driver of a scenario whose sysctls can be changed.
type tuned struct {
	*driver
	tuner *fakeTuner
	clock time.Time
}

func driveTuned(t *testing.T, name string, w, h int, change func(*Options, *fakeTuner)) *tuned {
	t.Helper()
	p := scenario(name)
	o := testOptions(p)
	x := &tuned{tuner: &fakeTuner{p: p}, clock: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}
	o.Tuner = x.tuner
	o.Now = func() time.Time { return x.clock }
	x.tuner.now = o.Now
	if change != nil {
		change(&o, x.tuner)
	}
	x.driver = newDriver(t, o, w, h)
	x.next()
	return x
}

// slowly presses keys a second apart from each other.
func (x *tuned) slowly(keys ...string) {
	for _, k := range keys {
		x.clock = x.clock.Add(time.Second)
		x.press(k)
	}
}

// frames lets some pass.
func (x *tuned) frames(n int) {
	for range n {
		x.clock = x.clock.Add(time.Second)
		x.next()
	}
}

func (x *tuned) wantWrote(want ...string) {
	x.t.Helper()
	if got := x.tuner.wrote(); !slices.Equal(got, want) {
		x.t.Errorf("called %q, want %q", got, want)
	}
}
