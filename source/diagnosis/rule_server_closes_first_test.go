package diagnosis

import (
	"fmt"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// served adds n connections of 10.0.0.1:80 that the server closed, the last
// newest ms ago and each apart ms before the next.
func (w *world) served(n int, peer func(int) string, newest, apart int) {
	for i := range n {
		w.waiting("10.0.0.1", 80, fmt.Sprintf("%s:%d", peer(i), 1024+i), newest+i*apart)
	}
}

// restarted adds the closes of some restarts, each with n connections and apart
// ms before the next.
func (w *world) restarted(times, n, apart int) {
	for i := range times {
		w.served(n, from(fmt.Sprintf("192.0.2.%d", i)), 900+i*apart, 1)
	}
}

func from(addrs ...string) func(int) string {
	return func(i int) string { return addrs[i%len(addrs)] }
}

// networks are n networks with an address each.
func networks(n int) func(int) string {
	return func(i int) string { return fmt.Sprintf("198.51.%d.7", i%n) }
}

func newServer() *world {
	w := newWorld()
	w.listen("10.0.0.1:80")
	return w
}

func TestServerClosesFirst(t *testing.T) {
	everywhere := networks(200)
	for name, c := range map[string]struct {
		make func(*world)
		says string // "" for nothing
	}{
		"30 in a minute": {func(w *world) { w.served(30, from("192.0.2.7"), 500, 1900) }, "30 connections closed by the server in the last minute (0.5/s in its last 10 s), all with 192.0.2.7."},
		"29 in a minute": {func(w *world) { w.served(29, from("192.0.2.7"), 500, 1900) }, ""},
		"a restart":      {func(w *world) { w.served(500, from("192.0.2.7"), 20_000, 1) }, ""},
		"a restart, lately": {func(w *world) {
			w.served(40, from("192.0.2.7"), 500, 1000)
			w.served(500, from("192.0.2.9"), 20_000, 1)
		}, ""},
		"four restarts": {func(w *world) { w.restarted(4, 300, 15_800) }, ""},
		"eight workers that are restarted one after another": {func(w *world) { w.restarted(8, 40, 5800) }, ""},
		"a restart, and 40 that were kept for too long": {func(w *world) {
			w.served(40, from("192.0.2.7"), 500, 1400)
			w.served(20, from("192.0.2.9"), 20_000, 1)
		}, "60 connections closed by the server"},
		"a few at once, again and again": {func(w *world) {
			for i := range 12 {
				w.served(3, from(fmt.Sprintf("192.0.2.%d", i)), 500+4900*i, 1)
			}
		}, "36 connections closed by the server"},
		"three peers": {func(w *world) { w.served(90, from("192.0.2.7", "192.0.2.8", "10.1.2.3"), 0, 600) }, "all with 10.1.2.3, 192.0.2.7 and 192.0.2.8."},
		"four peers":  {func(w *world) { w.served(90, from("192.0.2.7", "192.0.2.8", "10.1.2.3", "10.1.3.3"), 0, 600) }, "all with 192.0.2.0/24, 10.1.2.0/24 and 10.1.3.0/24."},
		"five networks": {func(w *world) {
			w.served(100, from("192.0.2.7", "192.0.3.8", "10.1.2.3", "10.1.3.3", "10.1.4.4"), 0, 590)
		}, "and 2 more networks."},
		"eight networks":     {func(w *world) { w.served(96, networks(8), 0, 590) }, "and 5 more networks."},
		"nine networks":      {func(w *world) { w.served(96, networks(9), 0, 590) }, ""},
		"few, and one more":  {func(w *world) { w.served(98, networks(8), 0, 590); w.served(1, from("203.0.113.9"), 0, 1) }, ""},
		"from everywhere":    {func(w *world) { w.served(800, everywhere, 0, 70) }, ""},
		"a proxy here":       {func(w *world) { w.served(100, from("10.0.0.1"), 0, 500) }, "upstream prematurely closed"},
		"timers not told":    {timersNotTold, "30 connections in TIME-WAIT"},
		"nobody listens":     {func(w *world) { w.served(100, from("192.0.2.7"), 0, 500); w.frame.Listeners = nil }, ""},
		"clients that close": {func(w *world) { w.many(90, "192.0.2.7:80", source.StateTimeWait, source.Detail{}) }, ""},
	} {
		w := newServer()
		c.make(w)
		w.serve(5, "192.0.2.7", source.StateEstablished, quiet(700))
		found := of(assess(w), ServerClosesFirst)
		if c.says == "" {
			none(t, found, name)
			continue
		}
		f := hint(t, found, c.says, "10.0.0.1:80 closes connections before its clients do", "set the server's keep-alive time-out above the balancer's", "page "+PageLoadBalancer, "No open connection of 5")
		if f.Confidence != Possible || f.Service != 0 || f.Destination != -1 || len(f.Remedies) != 2 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func timersNotTold(w *world) {
	w.served(30, from("192.0.2.7"), 0, 10)
	for i := range w.entries {
		w.entries[i].Timer = source.TimerUnknown
	}
}

// TestServerClosesFirstIPv6: told of by /64.
func TestServerClosesFirstIPv6(t *testing.T) {
	w := newWorld()
	w.listen("[::]:80")
	for i := range 5 {
		w.conn("2001:db8::1", 80, fmt.Sprintf("[2001:db8:1::%x]:50000", i+1), source.StateEstablished).Detail = quiet(700)
	}
	for i := range 60 {
		w.waiting("2001:db8::1", 80, fmt.Sprintf("[2001:db8:1::%x]:40000", i+1), i*900)
	}
	hint(t, of(assess(w), ServerClosesFirst), "[::]:80 closes", "with 2001:db8:1::/64.")
}

// TestServerKeepsNothing: without kept connections there is no race, and some
// protocols end so.
func TestServerKeepsNothing(t *testing.T) {
	waits, pending, untold := quiet(3000), quiet(3000), quiet(700)
	waits.LastDataRecv = 499
	pending.LastDataSent = 4000 // it was asked since it sent last
	untold.Has &^= source.HasInfo
	for name, c := range map[string]struct {
		port, kept int
		d          source.Detail
		want       bool
	}{
		"five kept":             {80, 5, quiet(500), true},
		"four kept":             {80, 4, quiet(500), false},
		"none kept":             {80, 0, quiet(500), false},
		"not for long":          {80, 50, quiet(499), false},
		"data came just now":    {80, 50, waits, false},
		"requests are served":   {80, 50, pending, false},
		"ages not told":         {80, 5, untold, true},
		"ages not told, of few": {80, 4, untold, false},
		"FTP":                   {21, 5, quiet(500), false},
		"SMTP":                  {25, 5, quiet(500), false},
		"SMTP over TLS":         {465, 5, quiet(500), false},
		"submission":            {587, 5, quiet(500), false},
	} {
		w := newWorld()
		w.listen(fmt.Sprintf("10.0.0.1:%d", c.port))
		for i := range 60 {
			w.waiting("10.0.0.1", c.port, fmt.Sprintf("192.0.2.7:%d", 1024+i), i*900)
		}
		for i := range c.kept {
			w.conn("10.0.0.1", c.port, fmt.Sprintf("192.0.2.7:%d", 30000+i), source.StateEstablished).Detail = c.d
		}
		found := of(assess(w), ServerClosesFirst)
		if c.want {
			hint(t, found, "before its clients do")
		} else {
			none(t, found, name)
		}
	}
}

// TestServerKept: what was kept is remembered for a minute.
func TestServerKept(t *testing.T) {
	w, s := newServer(), newSeries()
	for i, c := range []struct {
		step uint32
		kept int
		want bool
	}{{0, 8, true}, {30_000, 0, true}, {30_000, 1, true}, {1, 0, false}, {1, 7, true}, {50_000, 7, true}, {50_000, 0, true}} {
		w.frame.Clock += c.step
		w.entries = nil
		w.served(60, from("192.0.2.7"), 0, 900)
		w.serve(c.kept, "192.0.2.7", source.StateEstablished, quiet(700))
		if found := of(s.assess(w), ServerClosesFirst); (len(found) == 1) != c.want {
			t.Errorf("frame %d: %d findings", i, len(found))
		}
	}
}

// TestServerKeepAlive: the longest idle time of open connections tells the
// server's time-out, also where an earlier frame saw it.
func TestServerKeepAlive(t *testing.T) {
	for name, c := range map[string]struct {
		open int
		idle func(i int) uint32 // ms
		says string
		want Confidence
	}{
		"Node":            {20, func(i int) uint32 { return uint32(i) * 260 }, "longer than 4.9 s: that looks like the server's keep-alive time-out (Node's", Likely},
		"a later Node":    {20, func(i int) uint32 { return uint32(i) * 310 }, "longer than 5.9 s: that looks like the server's keep-alive time-out (Node's default is 5 s, and", Likely},
		"gunicorn":        {20, func(i int) uint32 { return uint32(i) * 100 }, "gunicorn's default is 2 s", Likely},
		"some other time": {20, func(i int) uint32 { return uint32(i) * 600 }, "No open connection of 20 has been idle for longer than 11.4 s", Possible},
		"long":            {20, func(i int) uint32 { return uint32(i) * 3600 }, "kept idle for up to 68 s", Possible},
	} {
		w := newServer()
		w.served(60, from("192.0.2.7"), 0, 900)
		for i := range c.open {
			w.serve(1, "192.0.2.7", source.StateEstablished, quiet(c.idle(i)))
		}
		f := hint(t, of(assess(w), ServerClosesFirst), c.says)
		if f.Confidence != c.want {
			t.Errorf("%s: %s", name, f.Confidence)
		}
	}
	w, s := newServer(), newSeries()
	for _, c := range []struct {
		step, idle uint32
		likely     bool
	}{{0, 4950, true}, {30_000, 600, true}, {29_000, 600, true}, {2000, 600, false}} {
		w.frame.Clock += c.step
		w.entries = nil
		w.served(60, from("192.0.2.7"), 0, 900)
		w.serve(8, "192.0.2.7", source.StateEstablished, quiet(c.idle))
		f := hint(t, of(s.assess(w), ServerClosesFirst))
		if (f.Confidence == Likely) != c.likely {
			t.Errorf("after %d ms: %s: %s", c.step, f.Confidence, f.text())
		}
	}
}

// TestServerClosesFirstMany: as many peers as there may be, and no more memory for it.
func TestServerClosesFirstMany(t *testing.T) {
	w := newServer()
	w.served(5000, func(i int) string { return fmt.Sprintf("%d.%d.7.1", 1+i%200, i/200) }, 0, 10)
	w.served(5000, from("192.0.2.7"), 0, 10)
	w.serve(9, "192.0.2.7", source.StateEstablished, quiet(700))
	r := newSeries().assess(w)
	c := serverClosesOf(&scene{Report: r}, 0)
	if len(c.networks) != fewNetworks+1 || len(c.addresses) != namedPeers+1 {
		t.Errorf("%d networks, %d addresses", len(c.networks), len(c.addresses))
	}
	none(t, of(r, ServerClosesFirst), "plain clients")
}
