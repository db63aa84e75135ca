package diagnosis

import (
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// effectWorld is a simulated host whose reports an Effect takes.
type effectWorld struct {
	t *testing.T
	k *simKernel
	s *series
	e Effect
	// kept connections are open beside those of the simulation, and used.
	kept, idle int
	taken      time.Time
}

func newEffectWorld(t *testing.T, size int) *effectWorld {
	return &effectWorld{t: t, k: newSimKernel(size, 5), s: newSeries(), taken: time.Date(2026, 11, 21, 1, 7, 0, 0, time.UTC)}
}

// run lets seconds pass, with so many connections opened in each.
func (w *effectWorld) run(seconds int, rate float64) {
	for range seconds {
		if rate > 0 {
			w.k.run(w.k.now+1000, steady(rate), lifetime(5))
		} else {
			w.k.step(w.k.now + 1000)
		}
		w.taken = w.taken.Add(time.Second)
		x := w.k.world()
		for i := range w.kept {
			x.live(lo, w.k.low+2*i, backend, true)
			d := &x.entries[len(x.entries)-1].Detail
			d.Inode, d.LastDataSent, d.LastDataRecv = uint32(100+i), uint32(90+w.idle), uint32(80+w.idle)
		}
		snap := w.s.snapshot(x)
		snap.Taken = w.taken
		w.e.See(w.s.assessor.Assess(snap))
	}
}

func (w *effectWorld) exhaust(rate float64) {
	for n := 0; w.k.refused < 0; n++ {
		if n == 120 {
			w.t.Fatal("the ports do not run out")
		}
		w.run(1, rate)
	}
	w.run(3, rate)
}

func (w *effectWorld) course() Course {
	w.t.Helper()
	all := w.e.Courses()
	if len(all) != 1 {
		w.t.Fatalf("courses %+v", all)
	}
	return all[0]
}

func (w *effectWorld) want(ports, opens string) {
	w.t.Helper()
	c := w.course()
	if !strings.Contains(c.Ports, ports) || !strings.Contains(c.Opens, opens) || ports == "" && c.Ports != "" || opens == "" && c.Opens != "" {
		w.t.Errorf("ports %q opens %q, want %q and %q", c.Ports, c.Opens, ports, opens)
	}
}

// Nothing is told before a change; then the ports, and after ten seconds that
// the program goes on as before.
func TestEffectOfReuse(t *testing.T) {
	t.Parallel()
	w := newEffectWorld(t, 2000)
	w.run(5, 20)
	if len(w.e.Courses()) > 0 {
		t.Errorf("courses of a calm host: %+v", w.e.Courses())
	}
	w.exhaust(100)
	if len(w.e.Courses()) > 0 {
		t.Errorf("courses before a change: %+v", w.e.Courses())
	}
	if _, ok := w.e.Since(); ok {
		t.Error("a change that nobody made")
	}
	w.e.Change()
	w.run(1, 0)
	if c := w.course(); c.Subject != lo+" → "+backend || !c.Failing || !strings.HasSuffix(c.Ports, ", still failing") {
		t.Errorf("%+v", c)
	}
	w.k.reuse = true
	w.run(3, 100)
	if ago, ok := w.e.Since(); !ok || ago != 4*time.Second {
		t.Errorf("the change was %v ago", ago)
	}
	w.want("reusable 0 → ", "")
	w.run(20, 100)
	w.want("failing stopped", "opens/s 99 → 99: still one new port per request")
	w.e.Undo()
	if all := w.e.Courses(); len(all) != 1 || all[0].Ports != "" || all[0].Failing {
		if len(all) > 0 {
			t.Errorf("after the undo: %+v", all)
		}
	}
}

// Keep-alive in the program shows without any change of sysctls.
func TestEffectOfKeepalive(t *testing.T) {
	t.Parallel()
	w := newEffectWorld(t, 2000)
	w.exhaust(100)
	w.kept = 8
	w.run(90, 0.5)
	c := w.course()
	t.Logf("%+v", c)
	if !c.Cured || !strings.HasPrefix(c.Opens, "opens/s 99 → ") || !strings.Contains(c.Opens, " since 01:") || !strings.HasSuffix(c.Opens, ": keep-alive is at work") || c.Ports != "" {
		t.Errorf("%+v", c)
	}
	// A pool that nobody uses any more is no cure.
	w.idle = 60_000
	w.run(5, 0.5)
	if c := w.course(); c.Cured || strings.Contains(c.Opens, "keep-alive") {
		t.Errorf("an idle pool: %+v", c)
	}
	w.idle = 0
	w.exhaustAgain()
}

// exhaustAgain: once many are opened again nothing is told.
func (w *effectWorld) exhaustAgain() {
	w.t.Helper()
	w.run(15, 60)
	for _, c := range w.e.Courses() {
		if c.Cured {
			w.t.Errorf("cured, with as many as before: %+v", c)
		}
	}
}

// Where the clients just went away, no pool is at work.
func TestEffectOfNobody(t *testing.T) {
	t.Parallel()
	w := newEffectWorld(t, 2000)
	w.exhaust(100)
	w.run(75, 0)
	for _, c := range w.e.Courses() {
		t.Logf("%+v", c)
		if c.Cured || !strings.HasPrefix(c.Opens, "opens/s 99 → 0 since ") {
			t.Errorf("%+v", c)
		}
	}
	w.e.Change()
	w.run(2, 0)
	w.want("free 2,000 → 2,000", "opens/s 99 → 0")
}

// Ports that connections in other states hold are no matter of keep-alive.
func TestOpensAreOfTimeWaitOnly(t *testing.T) {
	o := opensRate{known: true, wanted: 100, few: true, inUse: true, pool: pool{n: 3}}
	if text, _ := o.words(20_000, 0); text != "" {
		t.Errorf("%q", text)
	}
	o.closed = true
	if text, cured := o.words(20_000, 0); !cured || !strings.HasPrefix(text, "opens/s 100 → 0 since ") {
		t.Errorf("%q %v", text, cured)
	}
	o.since = 19_000
	if text, _ := o.words(20_000, 0); text != "" {
		t.Errorf("told after a second: %q", text)
	}
}

// Now and then a port comes back while connect() fails all the same.
func TestFailingIsOfTheLastSeconds(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]string{5: ", failing stopped", 70: ""} {
		w := newEffectWorld(t, 2000)
		w.exhaust(100)
		f := w.e.followed[0]
		f.now.failing = false
		w.e.clock += uint32(1000 * seconds)
		w.e.Change()
		w.e.clock++
		f.now.free = 7
		if c := w.course(); c.Ports != "free 0 → 7"+want {
			t.Errorf("after %d s: %q", seconds, c.Ports)
		}
	}
}

func TestAtHand(t *testing.T) {
	for _, c := range []struct {
		before, now atHand
		want        string
	}{
		{atHand{failing: true}, atHand{free: 26310}, "free 0 → 26,310, failing stopped"},
		{atHand{failing: true}, atHand{reusable: 28104}, "reusable 0 → 28,104, failing stopped"},
		{atHand{failing: true}, atHand{free: 27064, reusable: 26624}, "free 0 → 27,064, failing stopped"},
		{atHand{failing: true}, atHand{failing: true}, "free 0 → 0, still failing"},
		{atHand{free: 2100}, atHand{free: 29000}, "free 2,100 → 29,000"},
		{atHand{free: 12}, atHand{failing: true}, "free 12 → 0, failing now"},
	} {
		if got := c.before.become(&c.now); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// An older report begins anew, as when a recording is wound back.
func TestEffectBeginsAnew(t *testing.T) {
	var e Effect
	see := func(clock uint32) {
		e.See(&Report{Snapshot: &source.Snapshot{Clock: clock}})
	}
	see(5000)
	e.Change()
	see(6000)
	if ago, ok := e.Since(); !ok || ago != time.Second {
		t.Errorf("%v %v", ago, ok)
	}
	see(4000)
	if _, ok := e.Since(); ok {
		t.Error("the change is still told")
	}
}
