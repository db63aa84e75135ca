package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestReusable has ten TIME_WAITs of 0.5 s and twenty of 5 s towards one
// destination, and asks how many of these connect() may have again.
func TestReusable(t *testing.T) {
	const own = "10.0.0.1:4001"
	for _, tc := range []struct {
		name          string
		local, remote string
		sysctls       map[string]string
		live          []bool // live connections, with timestamps or without
		want          string
	}{
		{"off", lo, backend, set("tcp_tw_reuse", "0"), nil, "0"},
		{"on, loopback", lo, backend, set("tcp_tw_reuse", "1"), nil, "20"},
		{"loopback only, loopback", lo, backend, set("tcp_tw_reuse", "2"), nil, "20"},
		{"loopback only, ::1", "::1", "[::1]:4001", set("tcp_tw_reuse", "2"), nil, "20"},
		{"loopback only, 127.0.0.2", "127.0.0.2", "127.1.2.3:4001", set("tcp_tw_reuse", "2"), nil, "20"},
		{"loopback only, IPv4-mapped", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]:4001", set("tcp_tw_reuse", "2"), nil, "20"},
		{"loopback only, loopback source", lo, own, set("tcp_tw_reuse", "2"), nil, "20"},
		{"loopback only, own address", "10.0.0.1", own, set("tcp_tw_reuse", "2"), nil, "0"},
		{"on, own address", "10.0.0.1", own, set("tcp_tw_reuse", "1"), nil, "20"},
		{"on, own address, no timestamps", "10.0.0.1", own, set("tcp_tw_reuse", "1", "tcp_timestamps", "0"), nil, "0"},
		{"loopback only, elsewhere", "10.0.0.1", away, set("tcp_tw_reuse", "2"), []bool{true}, "0"},
		{"off, elsewhere", "10.0.0.1", away, set("tcp_tw_reuse", "0"), nil, "0"},
		{"on, elsewhere, nothing known", "10.0.0.1", away, set("tcp_tw_reuse", "1"), nil, "unknown"},
		{"on, elsewhere, with", "10.0.0.1", away, set("tcp_tw_reuse", "1"), []bool{true, true}, "20"},
		{"on, elsewhere, without", "10.0.0.1", away, set("tcp_tw_reuse", "1"), []bool{false}, "0"},
		{"on, elsewhere, both", "10.0.0.1", away, set("tcp_tw_reuse", "1"), []bool{true, false}, "unknown"},
		{"on, elsewhere, timestamps off here", "10.0.0.1", away, set("tcp_tw_reuse", "1", "tcp_timestamps", "0"), nil, "0"},
		{"on, elsewhere, timestamps off here, live ones without", "10.0.0.1", away, set("tcp_tw_reuse", "1", "tcp_timestamps", "0"), []bool{false}, "0"},
		{"on, elsewhere, timestamps off here, an old live one with", "10.0.0.1", away, set("tcp_tw_reuse", "1", "tcp_timestamps", "0"), []bool{true}, "unknown"},
		{"on, elsewhere, timestamps not known here", "10.0.0.1", away, set("tcp_tw_reuse", "1", "tcp_timestamps", ""), []bool{true}, "20"},
		{"on, loopback, timestamps off", lo, backend, set("tcp_tw_reuse", "1", "tcp_timestamps", "0"), nil, "0"},
		{"on, loopback, timestamps 2", lo, backend, set("tcp_tw_reuse", "1", "tcp_timestamps", "2"), nil, "20"},
		{"on, loopback, live ones say otherwise", lo, backend, set("tcp_tw_reuse", "1"), []bool{false}, "unknown"},
		{"on, loopback, timestamps not known", lo, backend, set("tcp_tw_reuse", "1", "tcp_timestamps", ""), nil, "unknown"},
		{"on, loopback, learned", lo, backend, set("tcp_tw_reuse", "1", "tcp_timestamps", ""), []bool{true}, "20"},
		{"mode not known", lo, backend, set("tcp_tw_reuse", ""), nil, "unknown"},
		{"mode not known, no timestamps", lo, backend, set("tcp_tw_reuse", "", "tcp_timestamps", "0"), nil, "0"},
		{"mode of the future", lo, backend, set("tcp_tw_reuse", "3"), nil, "unknown"},
		{"short delay", lo, backend, set("tcp_tw_reuse", "1", "tcp_tw_reuse_delay", "400"), nil, "30"},
		{"exact delay", lo, backend, set("tcp_tw_reuse", "1", "tcp_tw_reuse_delay", "5000"), nil, "20"},
		{"long delay", lo, backend, set("tcp_tw_reuse", "1", "tcp_tw_reuse_delay", "5001"), nil, "0"},
		{"nothing old enough is 0, whatever is not known", "10.0.0.1", away, set("tcp_tw_reuse", "1", "tcp_tw_reuse_delay", "60000"), nil, "0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld()
			w.sysctls = tc.sysctls
			for i := range 30 {
				age := 5000
				if i < 10 {
					age = 500
				}
				w.waiting(tc.local, 20000+2*i, tc.remote, age)
			}
			for i, timestamps := range tc.live {
				w.live(tc.local, 20080+2*i, tc.remote, timestamps)
			}
			d := &assess(w).Destinations[0]
			if got := show(d.Ports.Reusable); got != tc.want {
				t.Fatalf("reusable %s, want %s", got, tc.want)
			}
			used := 30 + len(tc.live)
			if d.Ports.Free != 100-used || d.Ports.Pressure != float64(used-zeroIfNil(d.Ports.Reusable)) {
				t.Errorf("%+v: free must leave reuse out, pressure take it in", d.Ports)
			}
		})
	}
}

// set is the sysctls of newWorld with some changed; "" takes one away.
func set(pairs ...string) map[string]string {
	m := newWorld().sysctls
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			delete(m, "net.ipv4."+pairs[i])
			continue
		}
		m["net.ipv4."+pairs[i]] = pairs[i+1]
	}
	return m
}

// TestNeverReused: only real TIME_WAITs are ever handed out again.
func TestNeverReused(t *testing.T) {
	w := newWorld()
	w.sysctls = set("tcp_tw_reuse", "1")
	for i, state := range []source.State{source.StateEstablished, source.StateSynSent, source.StateFinWait1, source.StateFinWait2,
		source.StateCloseWait, source.StateLastAck, source.StateClosing} {
		w.conn(lo, 20000+2*i, backend, state)
	}
	mini := w.conn(lo, 20050, backend, source.StateFinWait2)
	mini.Timer, mini.Expires = source.TimerTimeWait, 10_000
	u := assess(w).Destinations[0].Ports
	if show(u.Reusable) != "0" || u.Used != 8 || u.UsedTimeWait != 0 {
		t.Errorf("%+v, reusable %s; want 8 used and none reusable", u, show(u.Reusable))
	}
}

// TestTimeWaitOfUnknownAge is what a pasted table without timers gives.
func TestTimeWaitOfUnknownAge(t *testing.T) {
	for mode, want := range map[string]string{"1": "unknown", "0": "0"} {
		w := newWorld()
		w.sysctls = set("tcp_tw_reuse", mode)
		for i := range 3 {
			w.conn(lo, 20000+2*i, backend, source.StateTimeWait).Timer = source.TimerUnknown
		}
		d := assess(w).Destinations[0]
		if got := show(d.Ports.Reusable); got != want || d.Ports.UsedTimeWait != 3 {
			t.Errorf("mode %s: reusable %s of %d, want %s of 3", mode, got, d.Ports.UsedTimeWait, want)
		}
		if d.NextRelease != nil || d.Closes != nil || d.Releases != nil || d.ClosesPeak != nil || d.ClosesLast != nil {
			t.Errorf("a history out of nothing: %+v", d)
		}
	}
}

// frames runs the clock: at each second it calls change, ages what waits, and assesses.
func frames(s *series, w *world, seconds int, each func(second int)) (r *Report) {
	for i := range seconds {
		if each != nil {
			each(i)
		}
		r = s.assess(w)
		w.frame.Clock += 1000
		for j := range w.entries {
			e := &w.entries[j]
			if e.Timer == source.TimerTimeWait {
				e.Expires -= min(e.Expires, 1000)
			}
		}
	}
	return r
}

func reusableNow(r *Report) string { return show(r.Destinations[0].Ports.Reusable) }

// TestTimestampsTurnedOn: it does not help the TIME_WAITs made without them.
func TestTimestampsTurnedOn(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1", "tcp_timestamps", "0")
	for i := range 10 {
		w.waiting(lo, 20000+2*i, backend, 2000)
	}
	if got := reusableNow(frames(s, w, 3, nil)); got != "0" {
		t.Fatalf("without timestamps: reusable %s", got)
	}
	w.sysctls = set("tcp_tw_reuse", "1", "tcp_timestamps", "1")
	if got := reusableNow(frames(s, w, 5, nil)); got != "0" {
		t.Fatalf("5 s after they were turned on: reusable %s, want 0: all were closed before", got)
	}
	for i := range 4 {
		w.waiting(lo, 20050+2*i, backend, 0)
	}
	if got := reusableNow(frames(s, w, 3, nil)); got != "4" {
		t.Errorf("reusable %s, want the 4 that were closed since", got)
	}
}

// TestTimestampsTurnedOff: TIME_WAITs made with them stay reusable.
func TestTimestampsTurnedOff(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1")
	for i := range 10 {
		w.waiting(lo, 20000+2*i, backend, 2000)
	}
	frames(s, w, 3, nil)
	w.sysctls = set("tcp_tw_reuse", "1", "tcp_timestamps", "0")
	for i := range 4 {
		w.waiting(lo, 20050+2*i, backend, 0) // between the frames: when exactly is not known
	}
	if got := reusableNow(frames(s, w, 4, nil)); got != "10" {
		t.Errorf("reusable %s, want the 10 from before", got)
	}
}

// TestTimestampsLearned: what live connections once showed is remembered.
func TestTimestampsLearned(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1")
	w.live("10.0.0.1", 20090, away, true)
	frames(s, w, 1, nil)
	w.entries = nil
	for i := range 10 {
		w.waiting("10.0.0.1", 20000+2*i, away, 0)
	}
	if got := reusableNow(frames(s, w, 3, nil)); got != "10" {
		t.Errorf("reusable %s, want 10 by what a live connection showed before", got)
	}
	w.entries = append(w.entries, source.Entry{})
	w.entries = w.entries[:10]
	w.live("10.0.0.1", 20090, away, false)
	for i := range 3 {
		w.waiting("10.0.0.1", 20050+2*i, away, 0)
	}
	if got := reusableNow(frames(s, w, 3, nil)); got != "10" {
		t.Errorf("reusable %s, want 10: the 3 that were closed since had none", got)
	}
}

// TestTimestampsForgotten: a destination that was away for more than a minute
// may be another machine, or set up anew.
func TestTimestampsForgotten(t *testing.T) {
	for away, want := range map[int]string{59: "10", 61: "unknown"} {
		w, s := newWorld(), newSeries()
		w.sysctls = set("tcp_tw_reuse", "1")
		w.live("10.0.0.1", 20090, "10.0.0.9:5432", true)
		frames(s, w, 1, nil)
		w.entries = nil
		frames(s, w, away-1, nil)
		for i := range 10 {
			w.waiting("10.0.0.1", 20000+2*i, "10.0.0.9:5432", 2000)
		}
		if got := reusableNow(frames(s, w, 1, nil)); got != want {
			t.Errorf("after %d s without it: reusable %s, want %s", away, got, want)
		}
	}
}

// TestMemoryIsSwept: destinations that went are forgotten after a minute or
// two, however few they are.
func TestMemoryIsSwept(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.live("10.0.0.1", 20090, away, true)
	frames(s, w, 1, nil)
	w.entries = nil
	if frames(s, w, 50, nil); len(s.assessor.places.of) != 1 {
		t.Error("forgotten within a minute")
	}
	if frames(s, w, 100, nil); len(s.assessor.places.of) != 0 {
		t.Error("remembered for ever")
	}
}

// TestTimestampsLearnedAnew: in the frame in which live connections first show
// timestamps, the TIME_WAITs that are there already had none.
func TestTimestampsLearnedAnew(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1")
	w.live("10.0.0.1", 20090, away, false)
	for i := range 10 {
		w.waiting("10.0.0.1", 20000+2*i, away, 5000)
	}
	frames(s, w, 1, nil)
	w.entries[0].Detail.Options = source.OptTimestamps
	for range 3 {
		if got := reusableNow(frames(s, w, 1, nil)); got != "0" {
			t.Fatalf("reusable %s, want 0", got)
		}
	}
}

// TestTimestampsOffHere: off for a minute, so that none of the TIME_WAITs had
// any, although a connection from before is still there and shows them.
func TestTimestampsOffHere(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1", "tcp_timestamps", "0")
	w.live("10.0.0.1", 20090, away, true)
	frames(s, w, 62, nil)
	for i := range 10 {
		w.waiting("10.0.0.1", 20000+2*i, away, 0)
	}
	if got := reusableNow(frames(s, w, 3, nil)); got != "0" {
		t.Errorf("reusable %s, want 0", got)
	}
}

// TestTimestampsTurnedOffHere: towards elsewhere, too, those made with
// timestamps stay reusable, and those made since are not. When the live
// connections follow, nothing changes.
func TestTimestampsTurnedOffHere(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1")
	w.live("10.0.0.1", 20090, away, true)
	for i := range 10 {
		w.waiting("10.0.0.1", 20000+2*i, away, 2000)
	}
	frames(s, w, 3, nil)
	w.sysctls = set("tcp_tw_reuse", "1", "tcp_timestamps", "0")
	for i := range 4 {
		w.waiting("10.0.0.1", 20050+2*i, away, 0)
	}
	if got := reusableNow(frames(s, w, 4, nil)); got != "10" {
		t.Errorf("reusable %s, want the 10 from before", got)
	}
	w.entries[0].Detail.Options = 0
	for i := range 3 {
		w.waiting("10.0.0.1", 20060+2*i, away, 0)
	}
	if got := reusableNow(frames(s, w, 1, nil)); got != "0" {
		t.Errorf("in the frame in which live ones lost them: reusable %s, want 0, to be safe", got)
	}
	if got := reusableNow(frames(s, w, 3, nil)); got != "unknown" && got != "10" {
		t.Errorf("reusable %s, want the 10 from before, or nothing known of those between", got)
	}
}

func TestEpoch(t *testing.T) {
	var e epoch
	e.observe(yes, 1000, 1000)
	if e.age(2000) != forEver || e.verdict != [eras]verdict{yes, yes} {
		t.Fatalf("%+v: the first verdict holds for all", e)
	}
	e.observe(no, 5000, 4000)
	if e.age(6000) != 2000 || e.verdict != [eras]verdict{no, yes} {
		t.Errorf("%+v: doubtful TIME_WAITs go with no", e)
	}
	e.observe(yes, 9000, 8000)
	if e.age(10_000) != 1000 || e.verdict != [eras]verdict{yes, unknown} {
		t.Errorf("%+v: before two changes in a minute nothing is known", e)
	}
	e.observe(yes, 70_000, 69_000)
	if e.age(70_000) != forEver || !e.settled(70_000) {
		t.Errorf("%+v: after a minute only one verdict is left", e)
	}
	e = epoch{}
	e.observe(no, 1<<32-500, 1<<32-500)
	e.observe(yes, 500, 1<<32-500)
	if e.age(700) != 200 {
		t.Errorf("age %d over the wrap of the clock, want 200", e.age(700))
	}
}
