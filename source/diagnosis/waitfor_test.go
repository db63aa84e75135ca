package diagnosis

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

func TestWanted(t *testing.T) {
	r := assess(pressedWorld()) // 40 of 100 are free towards the backend, 70 towards the other
	for _, c := range []struct {
		name    string
		wanted  Wanted
		free, n int
		met     bool
	}{
		{"half of all, of every destination", Wanted{}, 40, 50, false},
		{"just as many as there are", Wanted{Free: 40}, 40, 40, true},
		{"one more", Wanted{Free: 41}, 40, 41, false},
		{"of the one that is named", Wanted{To: netip.MustParseAddrPort("127.0.0.2:5432")}, 70, 50, true},
		{"of the one that is named, more", Wanted{To: netip.MustParseAddrPort("127.0.0.2:5432"), Free: 71}, 70, 71, false},
		{"of one that holds none", Wanted{To: netip.MustParseAddrPort("127.0.0.1:4002"), Free: 100}, 100, 100, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.wanted.Check(r)
			if err != nil || s.Free != c.free || s.Wanted != c.n || s.Met() != c.met {
				t.Errorf("%+v, met %v, %v", s, s.Met(), err)
			}
		})
	}
}

func TestWantedTooMuch(t *testing.T) {
	w := newWorld()
	w.frame.Reserved.AddRange(source.PortRange{Low: 20000, High: 20009})
	w.bound("127.0.0.9:20050")
	r := assess(w)
	if _, err := (Wanted{Free: 91}).Check(r); err == nil || !strings.Contains(err.Error(), "91 ports can never be free") {
		t.Errorf("91 of 90: %v", err)
	}
	// The bound socket may go.
	if s, err := (Wanted{Free: 90}).Check(r); err != nil || s.Met() || s.Free != 89 {
		t.Errorf("90 of 90, one of them bound: %+v, %v", s, err)
	}
	w.frame.Reserved.AddRange(w.frame.Range)
	if s, err := (Wanted{}).Check(assess(w)); err != nil || s.Met() {
		t.Errorf("where no port can be given out: %+v, %v", s, err)
	}
}

// TestWantedIn: the timers say when enough have come back, and nothing where
// live connections hold what is missing, or the source tells no timers.
func TestWantedIn(t *testing.T) {
	in := func(w *world, free int) *time.Duration {
		s, err := Wanted{Free: free}.Check(assess(w))
		if err != nil {
			t.Fatal(err)
		}
		return s.In
	}
	w := newWorld()
	for i := range 60 {
		w.waiting(lo, 20000+i, backend, 60_000-1000*(i/10)-500) // ten end within each of the next 6 s
	}
	for free, want := range map[int]time.Duration{45: 2 * time.Second, 70: 4 * time.Second, 100: 7 * time.Second} {
		if got := in(w, free); got == nil || *got < want-time.Second || *got > want+time.Second {
			t.Errorf("%d free in %v, want about %v", free, got, want)
		}
	}
	w.live(lo, 20099, backend, true)
	if got := in(w, 100); got != nil {
		t.Errorf("a live connection comes back in %v", *got)
	}
	if got := in(w, 30); got != nil {
		t.Errorf("what is there comes back in %v", *got)
	}
	for i := range w.entries {
		w.entries[i].Timer = source.TimerUnknown
	}
	if got := in(w, 70); got != nil {
		t.Errorf("%v without timers", *got)
	}
}
