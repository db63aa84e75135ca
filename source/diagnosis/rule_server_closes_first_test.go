package diagnosis

import (
	"fmt"
	"strings"
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

func from(addrs ...string) func(int) string {
	return func(i int) string { return addrs[i%len(addrs)] }
}

func newServer() *world {
	w := newWorld()
	w.listen("10.0.0.1:80")
	return w
}

func TestServerClosesFirst(t *testing.T) {
	everywhere := func(i int) string { return fmt.Sprintf("198.51.%d.7", i%200) }
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
		"three peers": {func(w *world) { w.served(90, from("192.0.2.7", "192.0.2.8", "10.1.2.3"), 0, 600) }, "all with 10.1.2.3, 192.0.2.7 and 192.0.2.8."},
		"four peers":  {func(w *world) { w.served(90, from("192.0.2.7", "192.0.2.8", "10.1.2.3", "10.1.3.3"), 0, 600) }, "all with 192.0.2.0/24, 10.1.2.0/24 and 10.1.3.0/24."},
		"five networks": {func(w *world) {
			w.served(100, from("192.0.2.7", "192.0.3.8", "10.1.2.3", "10.1.3.3", "10.1.4.4"), 0, 590)
		}, "and 2 more networks."},
		"from everywhere":    {func(w *world) { w.served(800, everywhere, 0, 70) }, ""},
		"a proxy here":       {func(w *world) { w.served(100, from("10.0.0.1"), 0, 500) }, "upstream prematurely closed"},
		"timers not told":    {timersNotTold, "30 connections in TIME-WAIT"},
		"nobody listens":     {func(w *world) { w.served(100, from("192.0.2.7"), 0, 500); w.frame.Listeners = nil }, ""},
		"clients that close": {func(w *world) { w.many(90, "192.0.2.7:80", source.StateTimeWait, source.Detail{}) }, ""},
	} {
		w := newServer()
		c.make(w)
		found := of(assess(w), ServerClosesFirst)
		if c.says == "" {
			none(t, found, name)
			continue
		}
		f := hint(t, found, c.says, "10.0.0.1:80 closes connections before its clients do", "set the server's keep-alive time-out above the balancer's", "page "+PageLoadBalancer, "HTTP/1.0")
		if f.Confidence != Possible || f.Service != 0 || f.Destination != -1 || len(f.Remedies) != 1 {
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
	for i := range 60 {
		w.waiting("2001:db8::1", 80, fmt.Sprintf("[2001:db8:1::%x]:40000", i+1), i*900)
	}
	hint(t, of(assess(w), ServerClosesFirst), "[::]:80 closes", "with 2001:db8:1::/64.")
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
		"gunicorn":        {20, func(i int) uint32 { return uint32(i) * 100 }, "gunicorn's default is 2 s", Likely},
		"a few":           {4, func(int) uint32 { return 4900 }, "too few to tell", Possible},
		"some other time": {20, func(i int) uint32 { return uint32(i) * 600 }, "No open connection of 20 has been idle for longer than 11.4 s", Possible},
		"long":            {20, func(i int) uint32 { return uint32(i) * 3600 }, "kept idle for up to 68 s", Possible},
		"none":            {0, nil, "HTTP/1.0", Possible},
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
	}{{0, 4950, true}, {30_000, 300, true}, {29_000, 200, true}, {2000, 200, false}} {
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
	s := newSeries()
	r := s.assess(w)
	c := serverClosesOf(&scene{Report: r}, 0)
	if len(c.networks) > maxNetworks || len(c.addresses) > namedPeers+1 {
		t.Errorf("%d networks, %d addresses", len(c.networks), len(c.addresses))
	}
	for _, f := range of(r, ServerClosesFirst) {
		if !strings.Contains(f.Evidence[0], "10,000 connections") {
			t.Errorf("%s", f.text())
		}
	}
}
