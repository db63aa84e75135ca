package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// queue sets the accept queue of a listener that is there already, or adds it.
func (h *limitsHost) queue(addr string, waiting, backlog uint32) {
	a, port := addrPort(addr)
	for i := range h.frame.Listeners {
		if l := &h.frame.Listeners[i]; l.Local == a && l.Port == port {
			l.Detail.RecvQ, l.Detail.SendQ = waiting, backlog
			return
		}
	}
	h.listen(addr).Detail = source.Detail{Has: source.HasQueues | source.HasInode, Inode: 9, RecvQ: waiting, SendQ: backlog}
}

func (h *limitsHost) overflow(n uint64) { h.counters.ListenOverflows = u64(n) }

func TestListenOverflowNow(t *testing.T) {
	h := newLimitsHost()
	h.sysctls[keySomaxconn] = "4096"
	h.queue("10.0.0.1:80", 5, 5)
	none(t, h.look(ListenOverflow, 1), "one more has room")
	h.queue("10.0.0.1:80", 6, 5)
	f := one(t, h.look(ListenOverflow, 1), "10.0.0.1:80 accepts too slowly: its accept queue is full, and further connections would be dropped", "6 connections wait", "the backlog is 5, and the kernel queues one more", "find the program with ss -ltnp 'sport = :80', and restart it if it hangs", "up to somaxconn, 4,096")
	if f.Confidence != Certain || f.Service != 0 || f.Destination != -1 || f.remedyFor(keySomaxconn) != "" || f.Remedies[0].Kind != RemedySystem {
		t.Errorf("%+v", f)
	}
	h.queue("10.0.0.1:80", 0, 5)
	one(t, h.look(ListenOverflow, 5), "10.0.0.1:80 accepts too slowly: its accept queue was full 5 s ago", "Now: 0 connections wait")
	none(t, h.look(ListenOverflow, 1), "nothing was dropped, as far as is known")
	h.frame.Listeners[0].Detail = source.Detail{RecvQ: 9, SendQ: 5}
	none(t, h.look(ListenOverflow, 1), "queues that are not known")
}

// TestListenOverflowLately: the finding stays for a minute after the last drop,
// and names the service that was full.
func TestListenOverflowLately(t *testing.T) {
	h := newLimitsHost()
	h.overflow(7000)
	h.queue("10.0.0.1:80", 1, 5)
	h.queue("10.0.0.2:80", 4, 5)
	none(t, h.look(ListenOverflow, 1), "since boot proves nothing")
	h.overflow(7010)
	f := one(t, h.look(ListenOverflow, 1), "A service accepts too slowly", "ListenOverflows grew by 10 in 1 s, 10/s", "The fullest now is 10.0.0.2:80: 4 connections wait")
	if f.Service != -1 || f.Subject != thisHost {
		t.Errorf("%+v", f)
	}
	h.queue("10.0.0.1:80", 6, 5)
	one(t, h.look(ListenOverflow, 1), "10.0.0.1:80 accepts too slowly: its accept queue is full, and further connections are dropped")
	h.queue("10.0.0.1:80", 0, 5)
	f = one(t, h.look(ListenOverflow, 1), "10.0.0.1:80 accepts too slowly: its accept queue was full 1 s ago, and connections were dropped", "Now: 0 connections wait")
	if f.Subject != "10.0.0.1:80" || f.Service < 0 {
		t.Errorf("%+v", f)
	}
	one(t, h.look(ListenOverflow, 50), "its accept queue was full, and connections were dropped", "the last 52 s ago")
	none(t, h.look(ListenOverflow, 10), "a minute is over")

	h.overflow(3) // a counter that began anew
	none(t, h.look(ListenOverflow, 1), "reset")
	h.counters.ListenDrops = u64(5)
	h.look(ListenOverflow, 1)
	h.counters.ListenDrops = u64(5000)
	none(t, h.look(ListenOverflow, 1), "SYNs are dropped for other reasons too")
	h.counters.ListenOverflows = nil
	none(t, h.look(ListenOverflow, 1), "no such counter")
}

// TestListenOverflowAtTheEdge: a queue that gives a place back now and then is
// told of in each frame, and where the listener is gone in none.
func TestListenOverflowAtTheEdge(t *testing.T) {
	h := newLimitsHost()
	for i := range 20 {
		waiting, says := uint32(129), "its accept queue is full, and further connections would be dropped"
		if i%2 == 1 {
			waiting, says = 128, "its accept queue was full 1 s ago"
		}
		h.queue("10.0.0.1:80", waiting, 128)
		one(t, h.look(ListenOverflow, 1), "10.0.0.1:80 accepts too slowly: "+says)
	}
	for i := range 2 * maxSeen {
		h.queue(addr4(i), 1, 0)
	}
	l := new(listenOverflowRule)
	if l.look(&scene{Report: h.series.assess(h.world)}); len(l.seen) != maxSeen {
		t.Errorf("%d are remembered", len(l.seen))
	}
	h = newLimitsHost()
	h.queue("10.0.0.1:80", 6, 5)
	h.waiting("10.0.0.1", 80, addr4(1), 500)
	one(t, h.look(ListenOverflow, 1), "its accept queue is full")
	h.frame.Listeners = nil
	none(t, h.look(ListenOverflow, 1), "nobody listens, and TIME_WAITs are left")
}

// TestListenOverflowSomaxconn: the sysctl is named only where it is what bounds
// the backlog.
func TestListenOverflowSomaxconn(t *testing.T) {
	for name, c := range map[string]struct {
		backlog uint32
		max     string
		want    string
	}{
		"bounded":            {128, "128", "4096"},
		"lowered since":      {4096, "128", "4096"},
		"bounded, high":      {4096, "4096", "8192"},
		"bounded, very high": {40_000, "40000", "65535"},
		"as high as can be":  {65_535, "65535", ""},
		"the program's own":  {128, "4096", ""},
		"not known":          {128, "", ""},
		"nonsense":           {128, "-5", "4096"},
	} {
		h := newLimitsHost()
		if c.max != "" {
			h.sysctls[keySomaxconn] = c.max
		}
		h.queue("[::]:80", c.backlog+1, c.backlog)
		f := one(t, h.look(ListenOverflow, 1), "[::]:80 accepts too slowly")
		if got := f.remedyFor(keySomaxconn); got != c.want {
			t.Errorf("%s: somaxconn=%q, want %q", name, got, c.want)
		}
	}
}

// TestListenOverflowOfOne: one of some SO_REUSEPORT sockets, on a device.
func TestListenOverflowOfOne(t *testing.T) {
	h := newLimitsHost()
	for _, waiting := range []uint32{0, 129, 0} {
		l := h.listen("10.0.0.1:80")
		l.Device, l.Detail = 3, source.Detail{Has: source.HasQueues, RecvQ: waiting, SendQ: 128}
	}
	for i := range 7 {
		h.queue(addr4(i), 1, 0)
	}
	found := h.look(ListenOverflow, 1)
	if len(found) != maxSubjects {
		t.Fatalf("%d findings", len(found))
	}
	h.frame.Listeners = h.frame.Listeners[:3]
	one(t, h.look(ListenOverflow, 1), "10.0.0.1%3:80 accepts too slowly", "at one of 3 listening sockets (SO_REUSEPORT)")
}

// TestNothingIsAccepted: the same connections wait in two frames.
func TestNothingIsAccepted(t *testing.T) {
	unaccepted := source.Detail{Has: source.HasInode}
	type state struct {
		first, n int // the peers that wait
		queue    uint32
		accepted int // that a process holds
		detail   source.Detail
	}
	same := state{0, 6, 6, 0, unaccepted}
	for name, c := range map[string]struct {
		then, now state
		ms        uint32
		want      bool
	}{
		"the same ones":              {same, same, 5000, true},
		"for long":                   {same, same, 30_000, true},
		"nearly":                     {same, same, 29_999, true},
		"beside accepted ones":       {same, state{0, 6, 6, 40, unaccepted}, 5000, true},
		"one was accepted":           {same, state{1, 6, 6, 1, unaccepted}, 6000, false},
		"a moment later":             {same, same, 4999, false},
		"full only now":              {state{0, 5, 5, 0, unaccepted}, same, 6000, false},
		"not all of them are seen":   {state{0, 4, 6, 0, unaccepted}, state{0, 4, 6, 0, unaccepted}, 6000, false},
		"nobody knows who holds one": {state{0, 6, 6, 0, source.Detail{}}, state{0, 6, 6, 0, source.Detail{}}, 6000, false},
	} {
		s := newSeries()
		look := func(x state, ms uint32) *Report {
			w := newWorld()
			w.frame.Clock += ms
			w.listen("10.0.0.1:80").Detail = source.Detail{Has: source.HasQueues | source.HasInode, Inode: 9, RecvQ: x.queue, SendQ: 5}
			for i := range x.n {
				w.conn("10.0.0.1", 80, addr4(x.first+i), source.StateEstablished).Detail = x.detail
			}
			w.serve(x.accepted, "192.0.2.9", source.StateEstablished, quiet(10))
			return s.assess(w)
		}
		if f := of(look(c.then, 0), ListenOverflow); len(f) > 0 && strings.Contains(f[0].Claim, "nothing") {
			t.Errorf("%s: told at first sight", name)
		}
		f := of(look(c.now, c.ms), ListenOverflow)[0]
		if got := strings.Contains(f.Claim, "10.0.0.1:80 accepts nothing: "); got != c.want ||
			got != strings.Contains(f.Evidence[0], "and none has been for "+lasting(c.ms)) ||
			(c.ms >= 30_000) != strings.Contains(f.Remedies[0].Text, "restart the program that ss -ltnp 'sport = :80' names") {
			t.Errorf("%s: %s", name, f.text())
		}
	}
}
