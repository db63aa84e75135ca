package diagnosis

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLeftIsOneThing: whatever is known of reuse, connect() fails now by the
// forecast where nothing is left by the account, and there only; and the
// headline promises nobody 0 s.
func TestLeftIsOneThing(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	none := 0
	for n := range 600 {
		s := newSeries()
		w := newWorld()
		local, remote := lo, backend
		if rng.IntN(2) == 0 {
			local, remote = "10.0.0.1", away
		}
		w.sysctls = set("tcp_tw_reuse", pick(rng, "0", "1", "2", ""), "tcp_timestamps", pick(rng, "0", "1", ""))
		all := rng.IntN(3) > 0
		for port := 20000; port < 20100; port++ {
			switch half := port & 1; {
			case half == 1 && !all && rng.IntN(8) > 0:
			case rng.IntN(3) == 0:
				w.live(local, port, remote, rng.IntN(9) > 0 || n%2 == 0)
			default:
				w.waiting(local, port, remote, rng.IntN(20_000))
			}
		}
		for range 3 {
			if rng.IntN(3) == 0 {
				w.sysctls = set("tcp_tw_reuse", pick(rng, "0", "1", ""), "tcp_timestamps", pick(rng, "0", "1"))
			}
			w.frame.Clock += 1000
			r := s.assess(w)
			d := only(r)
			f := d.Forecast
			if now := f.Exhausted != nil && *f.Exhausted <= 0; now != (d.Ports.left() <= 0) {
				t.Errorf("%d: left %d (free %d, reusable %s), but exhausted %v", n, d.Ports.left(), d.Ports.Free, show(d.Ports.Reusable), f.Exhausted)
			}
			if strings.Contains(r.Headline.Text, "about 0 s") {
				t.Errorf("%d: %s", n, r.Headline.Text)
			}
			if d.Ports.left() <= 0 {
				none++
			}
		}
	}
	if none < 100 {
		t.Errorf("nothing left in %d of 1800 frames: too few to tell", none)
	}
}

// TestReuseBesideBindFirst: no port is free, and those of the preferred half
// may be reused by who does not bind.
func TestReuseBesideBindFirst(t *testing.T) {
	s := newSeries()
	w := newWorld()
	w.sysctls = set("tcp_tw_reuse", "1")
	for port := 20001; port < 20100; port += 2 {
		w.live(lo, port, backend, true)
	}
	s.assess(w)
	w.frame.Clock += 1000
	for port := 20000; port < 20100; port += 2 {
		w.waiting(lo, port, backend, 2000)
	}
	d := only(s.assess(w))
	if d.Ports.Free != 0 || show(d.Ports.Reusable) != "50" || d.Ports.BindFirst != 50 {
		t.Fatalf("%+v", d.Ports)
	}
	if e := d.Forecast.Exhausted; e != nil && *e == 0 {
		t.Error("connect() fails now, by the forecast; 50 ports are reusable")
	}
}
