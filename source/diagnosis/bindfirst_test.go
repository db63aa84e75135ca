package diagnosis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

const (
	toBackend = "127.0.0.1 → 127.0.0.1:4001"
	toOther   = "127.0.0.1 → 127.0.0.1:4002"
)

// TestBindFirst has ports in the other half, 20001, 20003…, and asks whether
// somebody must have bound them.
func TestBindFirst(t *testing.T) {
	evens := func(w *world, n, age int) {
		for i := range n {
			w.waiting(lo, 20000+2*i, backend, age)
		}
	}
	odds := func(w *world, n, age int) {
		for i := range n {
			w.waiting(lo, 20001+2*i, backend, age)
		}
	}
	for _, tc := range []struct {
		name string
		make func(w *world)
		want int
	}{
		{"nothing in the other half", func(w *world) { evens(w, 30, 100) }, 0},
		{"one explicit bind", func(w *world) { evens(w, 20, 100); w.live(lo, 20051, backend, true) }, 1},
		{"one of many that are open, which may be left of an exhaustion", func(w *world) { evens(w, 30, 100); w.live(lo, 20051, backend, true) }, 0},
		{"twelve, all of them closed long ago", func(w *world) { odds(w, 12, 8_000) }, 0},
		{"twelve, closed a moment ago", func(w *world) { odds(w, 12, 3_000) }, 12},
		{"thirty, most of them closed long ago", func(w *world) {
			for i := range 30 {
				w.waiting(lo, 20001+2*i, backend, min(2_000*(1+i), 50_000))
			}
		}, 30},
		{"thirty, nearly all of them closed long ago", func(w *world) {
			odds(w, 30, 40_000)
			w.waiting(lo, 20091, backend, 100)
		}, 0},
		{"thirty bind(0), nothing else", func(w *world) { odds(w, 30, 100) }, 30},
		{"fifty bind(0), all the other half", func(w *world) { odds(w, 50, 100) }, 50},
		{"the preferred half all but one, at first sight", func(w *world) { evens(w, 49, 100); odds(w, 1, 100) }, 0},
		{"the preferred half full", func(w *world) { evens(w, 50, 100); odds(w, 20, 100) }, 0},
		{"full, but all reusable", func(w *world) { w.sysctls = set("tcp_tw_reuse", "1"); evens(w, 50, 20_000); odds(w, 3, 100) }, 0}, // reuse may be on since a moment ago
		{"the rest of the preferred half reserved", func(w *world) {
			for p := uint16(20060); p < 20100; p += 2 {
				w.frame.Reserved.Add(p)
			}
			evens(w, 30, 100)
			odds(w, 5, 100)
		}, 0},
		{"the rest of the preferred half bound", func(w *world) {
			for i := range 20 {
				w.listen(fmt.Sprintf("10.0.0.1:%d", 20060+2*i))
			}
			evens(w, 30, 100)
			odds(w, 5, 100)
		}, 0},
		{"odd size: one scan leaves one out", func(w *world) {
			w.frame.Range.High = 20100
			evens(w, 50, 100)
			odds(w, 5, 100)
		}, 0},
		{"low is odd: the halves change places", func(w *world) {
			w.frame.Range = source.PortRange{Low: 20001, High: 20100}
			odds(w, 30, 100)
		}, 0},
		{"a steady load that hovers at half", func(w *world) {
			w.frame.Range.High = 20999
			for i := range 490 {
				w.waiting(lo, 20000+2*i, backend, 60_000*i/500)
			}
			odds(w, 3, 5_000)
		}, 0},
		{"a load that was too high and ended 20 s ago", func(w *world) {
			w.frame.Range.High = 20999
			for i := range 333 {
				w.waiting(lo, 20000+2*i, backend, 20_000+120*i)
				w.waiting(lo, 20001+2*i, backend, 20_000+120*i)
			}
		}, 0},
		{"the same load, and a bind(0) just now, at first sight", func(w *world) {
			w.frame.Range.High = 20999
			for i := range 333 {
				w.waiting(lo, 20000+2*i, backend, 20_000+120*i)
			}
			odds(w, 1, 100)
		}, 0},
		{"the kernel knows no halves", func(w *world) { w.kernel = "3.10.0-1160.el7.x86_64"; odds(w, 30, 100) }, 0},
		{"the range is only assumed", func(w *world) { w.frame.RangeKnown = false; odds(w, 30, 100) }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld()
			tc.make(w)
			w.live(lo, int(w.frame.Range.Low)+98, "127.0.0.1:4002", true)
			r := assess(w)
			d, elsewhere := find(t, r, toBackend), find(t, r, toOther)
			if d.Ports.BindFirst != tc.want {
				t.Errorf("%d ports bound first, want %d", d.Ports.BindFirst, tc.want)
			}
			if exact := w.frame.RangeKnown; d.Ports.FreeExact != exact {
				t.Errorf("free exact %v at the destination that has these ports", d.Ports.FreeExact)
			}
			if exact := w.frame.RangeKnown && tc.want == 0; elsewhere.Ports.FreeExact != exact {
				t.Errorf("free exact %v elsewhere, want %v", elsewhere.Ports.FreeExact, exact)
			}
		})
	}
}

// TestBindFirstTwice: with two such destinations neither is exact.
func TestBindFirstTwice(t *testing.T) {
	w := newWorld()
	w.live(lo, 20001, backend, true)
	w.live(lo, 20003, "127.0.0.1:4002", true)
	for _, d := range assess(w).Destinations {
		if d.Ports.FreeExact || d.Ports.BindFirst != 1 {
			t.Errorf("%v: %+v", &d, d.Ports)
		}
	}
}

// TestBindFirstIsNotReusable: nobody else is given such a port (seen on 6.18:
// 30 of them in TIME_WAIT leave 70 of 100).
func TestBindFirstIsNotReusable(t *testing.T) {
	w := newWorld()
	w.sysctls = set("tcp_tw_reuse", "1")
	for i := range 30 {
		w.waiting(lo, 20001+2*i, backend, 5000)
	}
	for i := range 10 {
		w.waiting(lo, 20000+2*i, backend, 5000)
	}
	u := assess(w).Destinations[0].Ports
	if show(u.Reusable) != "10" || u.Pressure != 30 {
		t.Errorf("reusable %s, pressure %g; want 10 and 30", show(u.Reusable), u.Pressure)
	}
}

// TestBindFirstSpills: where all ports of the other half are bound, its clients
// have some of the preferred half too, and nobody knows which.
func TestBindFirstSpills(t *testing.T) {
	s := newSeries()
	for _, c := range []struct {
		odds, second int
		reusable     string
		pressure     float64
	}{
		{40, 0, "20", 40}, {50, 1, "unknown", 70}, {20, 31, "unknown", 40}, {20, 62, "20", 20}, {48, 63, "unknown", 68},
	} {
		w := newWorld()
		w.frame.Clock += uint32(1000 * c.second)
		w.sysctls = set("tcp_tw_reuse", "1")
		for i := range c.odds {
			w.waiting(lo, 20001+2*i, backend, 3000)
		}
		for i := range 20 {
			w.waiting(lo, 20000+2*i, backend, 5000)
		}
		if c.second > 0 { // of a client that binds nothing, and gets what is left
			w.waiting(lo, 20099, "127.0.0.1:4002", 100)
		}
		r := s.assess(w)
		if c.second > 0 && r.Destinations[1].Ports.BindFirst > 0 {
			t.Errorf("%d bound at %d s: that of another destination too", c.odds, c.second)
		}
		if u := r.Destinations[0].Ports; show(u.Reusable) != c.reusable || u.Pressure != c.pressure || u.BindFirst != c.odds {
			t.Errorf("%d bound at %d s: reusable %s, pressure %g, %d bound first; want %s and %g",
				c.odds, c.second, show(u.Reusable), u.Pressure, u.BindFirst, c.reusable, c.pressure)
		}
		said := slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.ID == BindBeforeConnect && strings.HasPrefix(f.Evidence[len(f.Evidence)-1], "Those are all odd ports")
		})
		if all := c.odds >= 48; said != all {
			t.Errorf("%d bound: said that those are all: %v", c.odds, said)
		}
	}
}

// TestExhaustionIsRemembered: what plain connect() took of the other half while
// the preferred one was full is no sign of anything later, unless it grows.
func TestExhaustionIsRemembered(t *testing.T) {
	w, s := newWorld(), newSeries()
	for i := range 50 {
		w.live(lo, 20000+2*i, backend, true)
	}
	for i := range 5 {
		w.live(lo, 20001+2*i, backend, true)
	}
	full := w.entries
	if r := frames(s, w, 2, nil); r.Destinations[0].Ports.BindFirst != 0 || !r.Destinations[0].Ports.SlowConnect {
		t.Fatalf("%+v", r.Destinations[0].Ports)
	}
	w.entries = append([]source.Entry(nil), full[45:]...) // 5 of each half stay, for hours
	if r := frames(s, w, 200, nil); r.Destinations[0].Ports.BindFirst != 0 {
		t.Fatalf("later: %+v", r.Destinations[0].Ports)
	}
	w.live(lo, 20099, backend, true)
	if r := frames(s, w, 1, nil); r.Destinations[0].Ports.BindFirst != 6 {
		t.Errorf("one more in the other half, with 45 of the preferred half free: %+v", r.Destinations[0].Ports)
	}
}

// TestExhaustionUnseen: within a minute of an exhaustion there may have been
// another between two frames.
func TestExhaustionUnseen(t *testing.T) {
	w, s := newWorld(), newSeries()
	for i := range 50 {
		w.live(lo, 20000+2*i, backend, true)
	}
	frames(s, w, 1, nil)
	w.entries = w.entries[:10]
	frames(s, w, 40, nil)
	w.live(lo, 20099, backend, true)
	if r := frames(s, w, 100, nil); r.Destinations[0].Ports.BindFirst != 0 {
		t.Fatalf("40 s after it: %+v", r.Destinations[0].Ports)
	}
	w.live(lo, 20097, backend, true)
	if r := frames(s, w, 1, nil); r.Destinations[0].Ports.BindFirst != 2 {
		t.Errorf("140 s after it: %+v", r.Destinations[0].Ports)
	}
}

// TestRangeChange: ports that were taken under another range are no sign.
func TestRangeChange(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.frame.Range = source.PortRange{Low: 20001, High: 20100}
	for i := range 10 {
		w.live(lo, 20001+2*i, backend, true)
	}
	frames(s, w, 2, nil)
	w.frame.Range = source.PortRange{Low: 20000, High: 20099}
	if r := frames(s, w, 100, nil); r.Destinations[0].Ports.BindFirst != 0 {
		t.Errorf("%+v", r.Destinations[0].Ports)
	}
}

// host is a kernel in miniature: it hands out ports as __inet_hash_connect
// does, for one destination, at a rate that changes.
type host struct {
	w       *world
	r       *rand.Rand
	clock   int
	held    map[int]int // port → ms when it was closed, -1 while it is open
	refused int
}

func (h *host) connect() {
	low, size := int(h.w.frame.Range.Low), h.w.frame.Range.Size()&^1
	start := h.r.IntN(size) &^ 1
	for half := range 2 {
		for i := 0; i < size; i += 2 {
			p := low + (start+half+i)%size
			if _, taken := h.held[p]; !taken {
				h.held[p] = h.clock + h.r.IntN(300) // open for a moment
				return
			}
		}
	}
	h.refused++
}

// second passes, with n connections that are closed by this side.
func (h *host) second(n int) {
	for i := range n {
		now := h.clock + 1000*i/n
		for p, closed := range h.held {
			if now-closed >= 60_000 {
				delete(h.held, p)
			}
		}
		was := h.clock
		h.clock = now
		h.connect()
		h.clock = was
	}
	h.clock += 1000
	h.w.frame.Clock = uint32(h.clock)
	h.w.entries = h.w.entries[:0]
	for p, closed := range h.held {
		if age := h.clock - closed; age < 0 {
			h.w.live(lo, p, backend, true)
		} else if age < 60_000 {
			h.w.waiting(lo, p, backend, age)
		} else {
			delete(h.held, p)
		}
	}
}

// TestPlainClientsAreNotSuspected lets plain clients run through calm,
// exhaustion and recovery, watched by somebody who was there all the time and
// by somebody who comes new every second.
func TestPlainClientsAreNotSuspected(t *testing.T) {
	skipShort(t)
	for seed := range uint64(3) {
		h := &host{w: newWorld(), r: rand.New(rand.NewPCG(seed, 7)), held: map[int]int{}, clock: 1 << 20}
		h.w.frame.Range = source.PortRange{Low: 20000, High: 20999}
		watcher := newSeries()
		newcomers := 0
		rates := []int{5, 8, 9, 20, 30, 12, 8, 3, 0, 17, 8}
		for second := range 60 * len(rates) {
			h.second(rates[second/60])
			if r := watcher.assess(h.w); len(r.Destinations) > 0 && r.Destinations[0].Ports.BindFirst > 0 {
				t.Fatalf("seed %d, second %d: the watcher suspects %+v", seed, second, r.Destinations[0].Ports)
			}
			if r := assess(h.w); len(r.Destinations) > 0 && r.Destinations[0].Ports.BindFirst > 0 {
				newcomers++
			}
		}
		if h.refused == 0 {
			t.Fatal("there was no exhaustion to go through")
		}
		if newcomers > 0 {
			t.Errorf("seed %d: newcomers were wrong in %d of %d seconds", seed, newcomers, 60*len(rates))
		}
	}
}

// TestBindFirstGrows: what may be left of something at first sight is a sign
// once it becomes more, however many ports are held.
func TestBindFirstGrows(t *testing.T) {
	for name, c := range map[string]struct {
		reuse          string
		evens, age     int
		more, moreAges int
		want           int
	}{
		"the preferred half all but one":          {"0", 49, 20_000, 1, 100, 2},
		"reuse at work":                           {"1", 50, 20_000, 1, 100, 2},
		"as many as before":                       {"0", 49, 20_000, 0, 0, 0},
		"the preferred half came back in between": {"0", 49, 59_000, 1, 100, 0},
	} {
		w, s := newWorld(), newSeries()
		w.sysctls = set("tcp_tw_reuse", c.reuse)
		for i := range c.evens {
			w.waiting(lo, 20000+2*i, backend, c.age)
		}
		w.waiting(lo, 20001, backend, 100)
		if n := s.assess(w).Destinations[0].Ports.BindFirst; n != 0 {
			t.Errorf("%s: %d at first sight", name, n)
		}
		w.frame.Clock += 1000
		for i := range c.more {
			w.waiting(lo, 20003+2*i, backend, c.moreAges)
		}
		if n := s.assess(w).Destinations[0].Ports.BindFirst; n != c.want {
			t.Errorf("%s: %d then, want %d", name, n, c.want)
		}
	}
}

// TestStormBeforeTheFirstFrame: plain clients ran out of the default range; it
// was widened, and reuse turned on, before anybody looked. Whoever looks then, or
// from then on, suspects nobody.
func TestStormBeforeTheFirstFrame(t *testing.T) {
	skipShort(t)
	t.Parallel()
	const size = 4000
	l, life := steady(size/60.0*6), lifetime(5)
	k := newSimKernel(size, 61)
	k.run(30_000, l, life)
	k.widen(k.low-4000, k.low+size-1)
	k.reuse = true
	s := newSeries()
	for sec := 31; sec <= 150; sec++ {
		k.run(1000*sec, l, life)
		for who, r := range map[string]*Report{"the newcomer": assess(k.world()), "the watcher": s.assess(k.world())} {
			if n := r.Destinations[0].Ports.BindFirst; n > 0 {
				t.Fatalf("at %d s %s suspects %d of %d ports", sec, who, n, r.Destinations[0].Ports.Used)
			}
		}
	}
}

// TestReuseDelayIsInTheWay: with a longer delay a TIME_WAIT is in the way of
// connect() for longer, and the preferred half was full when the other was used.
func TestReuseDelayIsInTheWay(t *testing.T) {
	for delay, want := range map[string]int{"1000": 15, "20000": 0} {
		w := newWorld()
		w.sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": "1", "net.ipv4.tcp_timestamps": "1", "net.ipv4.tcp_tw_reuse_delay": delay}
		for i := range 50 { // 17 s of them
			w.waiting(lo, 20000+2*i, backend, 4000+350*i)
		}
		for i := range 15 {
			w.waiting(lo, 20001+2*i, backend, 3000)
		}
		s := newSeries()
		m := &memory{looked: true}
		snap := s.snapshot(w)
		space := newPortSpace(snap, &source.PortSet{})
		var c tally
		c.count(&counting{space: space, snap: snap, delay: reuseRuleOf(snap).delay}, snap.SocketsOf(0))
		if n := m.bindFirst(&c, space, snap.Clock, false, true, false); n != want {
			t.Errorf("delay %s ms: %d, want %d", delay, n, want)
		}
	}
}
