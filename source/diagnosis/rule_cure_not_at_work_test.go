package diagnosis

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// client is what opens connections in TestCureNotAtWork, second by second, out
// of 28,232 ports.
type client struct {
	s     *series
	w     *world
	now   int // ms
	conns []clientConn
	close []int // ms, of each close
	port  int
	inode uint32
}

// clientConn is an open connection, with the moments of its last question and answer.
type clientConn struct {
	port          int
	inode         uint32
	asked, answer int
	ends          int
}

func newClient() *client {
	c := &client{s: newSeries(), w: newWorld(), port: 32768}
	c.w.frame.Range = source.DefaultPortRange
	return c
}

// open opens a connection that was asked and answered ms ago, and that ends at
// a moment, or is kept.
func (c *client) open(asked, answered, ends int) {
	c.port, c.inode = c.port+2, c.inode+1
	c.conns = append(c.conns, clientConn{c.port, c.inode, c.now - asked, c.now - answered, ends})
}

const kept = 1 << 30

// look goes to a second, and assesses what a dump shows then.
func (c *client) look(second int) *Report {
	c.now = second * 1000
	c.w.frame.Clock = uint32(1<<20 + c.now)
	c.w.entries = c.w.entries[:0]
	var open []clientConn
	for _, k := range c.conns {
		if k.ends <= c.now {
			c.close = append(c.close, k.ends)
			continue
		}
		open = append(open, k)
		e := c.w.conn("10.0.0.1", k.port, away, source.StateEstablished)
		e.Detail = source.Detail{Has: source.HasInfo | source.HasInode, Inode: k.inode, Options: source.OptTimestamps,
			LastDataSent: uint32(c.now - k.asked), LastDataRecv: uint32(c.now - k.answer)}
	}
	c.conns = open
	for i, at := range c.close {
		if age := c.now - at; age < 60_000 {
			c.w.waiting("10.0.0.1", 32769+i%14116*2, away, age)
		}
	}
	return c.s.assess(c.w)
}

// oneShots closes so many connections in the second to come.
func (c *client) oneShots(n int) {
	for i := range n {
		c.close = append(c.close, c.now+1000*i/n)
	}
}

func TestCureNotAtWork(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pool := func(c *client, n, asked, answered int) {
		for range n {
			c.open(asked, answered, kept)
		}
	}
	for _, tc := range []struct {
		name string
		each func(c *client, second int)
		want Confidence // "" for nothing
	}{
		{"a pool that another client has", func(c *client, second int) {
			if second == 0 {
				pool(c, 16, 300, 290)
			}
			c.oneShots(40)
		}, Likely},
		{"answered within a jiffy", func(c *client, second int) {
			if second == 0 {
				pool(c, 16, 300, 300)
			}
			c.oneShots(40)
		}, Possible},
		{"a pool too small: the same two again and again", func(c *client, second int) {
			if second == 0 {
				pool(c, 2, 0, 0)
			}
			for i := range c.conns {
				c.conns[i].asked, c.conns[i].answer = c.now+995, c.now+995
			}
			c.oneShots(40)
		}, Likely},
		{"just as many closes, and no pool", func(c *client, _ int) { c.oneShots(40) }, ""},
		{"one connection is no pool", func(c *client, second int) {
			if second == 0 {
				pool(c, 1, 300, 290)
			}
			c.oneShots(40)
		}, ""},
		{"a pool, and few closes", func(c *client, second int) {
			if second == 0 {
				pool(c, 16, 300, 290)
			}
			c.oneShots(19)
		}, ""},
		{"a pool that was emptied at once", func(c *client, second int) {
			if second == 0 {
				pool(c, 16, 300, 290)
			}
			if second == 10 {
				c.oneShots(1500)
			}
		}, ""},
		{"slow requests of 10 s", func(c *client, second int) {
			for i := range 40 {
				c.open(0, i%4, c.now+10_000)
			}
		}, ""},
		{"slow requests of 10 s, asked in the jiffy of the handshake", func(c *client, second int) {
			for range 40 {
				c.open(0, 0, c.now+10_000)
			}
		}, ""},
		{"some slow requests of a minute among quick ones", func(c *client, second int) {
			for range 4 {
				c.open(0, 0, c.now+60_000)
			}
			c.oneShots(40)
		}, ""},
		{"connections that idle for 6 s before they are closed", func(c *client, second int) {
			for range 40 {
				c.open(0, -3, c.now+6_000)
			}
		}, ""},
		{"idle for some time, differently", func(c *client, second int) {
			for range 40 {
				c.open(0, -3, c.now+1500+int(rng.ExpFloat64()*8000))
			}
		}, ""},
		{"a conversation of 12 s on each connection", func(c *client, second int) {
			for range 40 {
				c.open(0, -3, c.now+12_000)
			}
			for i := range c.conns {
				c.conns[i].asked, c.conns[i].answer = c.now+900, c.now+905
			}
		}, ""},
		{"a large pool at work, and its turnover", func(c *client, second int) {
			if second == 0 {
				pool(c, 2000, 300, 290)
			}
			for i := range c.conns {
				if i%3 == second%3 {
					c.conns[i].asked, c.conns[i].answer = c.now+900, c.now+905
				}
			}
			c.oneShots(25)
		}, ""},
	} {
		c := newClient()
		var got Confidence
		for second := range 30 {
			r := c.look(second)
			got = ""
			for _, f := range r.Findings {
				if f.ID == CureNotAtWork {
					got = f.Confidence
				}
			}
			if got != "" && tc.want == "" {
				t.Errorf("%s, at %d s: %s", tc.name, second, finding(t, r, CureNotAtWork).Evidence)
				break
			}
			tc.each(c, second)
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestNoPoolIsSeen: whatever the rate and however long connections live, idle or
// in conversation, it is no pool where each of them is closed in the end.
func TestNoPoolIsSeen(t *testing.T) {
	skipShort(t)
	rng := rand.New(rand.NewPCG(7, 8))
	for try := range 100 {
		c := newClient()
		rate, mean, idle := 20+rng.IntN(150), 300+rng.ExpFloat64()*6000, rng.IntN(2) == 0
		life := func() int { return int(mean) }
		if try%2 == 0 {
			life = func() int { return 200 + int(rng.ExpFloat64()*mean) }
		}
		for second := range 40 {
			for _, f := range c.look(second).Findings {
				if f.ID == CureNotAtWork {
					t.Fatalf("%d/s, %.0f ms each, idle %v, at %d s: %q", rate, mean, idle, second, f.Evidence)
				}
			}
			for range rate {
				at := rng.IntN(1000)
				c.open(-at, -at-rng.IntN(20), c.now+at+life())
			}
			for i := range c.conns {
				if k := &c.conns[i]; !idle && k.asked < c.now {
					k.asked, k.answer = c.now+900, c.now+905
				}
			}
		}
	}
}

// TestCureNotAtWorkAtOnce: a first look is enough where the answers came later
// than the questions, also when no port is left and nothing closes any more.
func TestCureNotAtWorkAtOnce(t *testing.T) {
	for _, quiet := range []int{0, 10_000} {
		w := newWorld()
		w.frame.Range = source.PortRange{Low: 20000, High: 20999}
		for i := range 980 {
			w.waiting(lo, 20000+i, backend, quiet+10*i)
		}
		for i := range 20 {
			e := w.conn(lo, 20980+i, backend, source.StateEstablished)
			e.Detail = source.Detail{Has: source.HasInfo, LastDataSent: 5010, LastDataRecv: 5000}
		}
		r := assess(w)
		f := finding(t, r, CureNotAtWork)
		if f.Severity != SeverityNotice || f.Confidence != Likely || f.Subject != toBackend || len(f.Remedies) != 3 ||
			!strings.HasPrefix(f.Claim, "20 connections to "+toBackend+" are kept open, and still 100/s are closed") {
			t.Errorf("%+v", f)
		}
		if r.Headline.Finding != 0 || r.Findings[0].ID != PortExhaustion {
			t.Errorf("%+v", r.Headline)
		}
		for i := range w.entries {
			w.entries[i].Detail.Has = 0 // as text has it
		}
		for _, f := range assess(w).Findings {
			if f.ID == CureNotAtWork {
				t.Errorf("without tcp_info: %+v", f)
			}
		}
	}
}

// TestKeptConnectionsAreBounded: of a destination with thousands of open
// connections some are looked at, and the others are counted.
func TestKeptConnectionsAreBounded(t *testing.T) {
	w := newWorld()
	w.frame.Range = source.DefaultPortRange
	for i := range 5000 {
		e := w.conn(lo, 32768+2*i, backend, source.StateEstablished)
		e.Detail = source.Detail{Has: source.HasInfo | source.HasInode, Inode: uint32(i), LastDataSent: 9000, LastDataRecv: 8000}
	}
	s := newSeries()
	k := new(keptConnections)
	for range 3 {
		p := k.look(s.snapshot(w), 0, 5000)
		if len(k.seen) != maxKept || p.n != 5000 || p.median.Seconds() != 7 {
			t.Errorf("%d remembered, %+v", len(k.seen), p)
		}
	}
	w.entries = w.entries[:100]
	if p := k.look(s.snapshot(w), 0, 100); len(k.seen) != 100 || p.n != 100 {
		t.Errorf("%d remembered, %+v", len(k.seen), p)
	}
}

// BenchmarkKeptConnections is what the look at a pool costs in a destination
// that holds all ports, most of them in TIME_WAIT.
func BenchmarkKeptConnections(b *testing.B) {
	w := newWorld()
	w.frame.Range = source.PortRange{Low: 10240, High: 65535}
	for i := range 55296 {
		if i%20 > 0 {
			w.waiting(lo, 10240+i, backend, i)
			continue
		}
		e := w.conn(lo, 10240+i, backend, source.StateEstablished)
		e.Detail = source.Detail{Has: source.HasInfo | source.HasInode, Inode: uint32(i), LastDataSent: 9000, LastDataRecv: 8000}
	}
	s := newSeries().snapshot(w)
	k := new(keptConnections)
	b.ReportAllocs()
	for b.Loop() {
		k.look(s, 0, 2765)
	}
}

// TestClosesOnAndOn: steadily is without most closes in one second, and with
// closes in most seconds, each by itself.
func TestClosesOnAndOn(t *testing.T) {
	for _, c := range []struct {
		last8 []uint32
		want  float64
	}{
		{[]uint32{20, 20, 20, 20, 20, 20, 20, 20}, 20},
		{[]uint32{40, 0, 40, 0, 40, 0, 40, 40}, 25},      // three seconds without
		{[]uint32{40, 0, 40, 0, 40, 0, 40, 0}, 0},        // four: and no second has most
		{[]uint32{10, 10, 10, 10, 10, 10, 10, 70}, 17.5}, // half of them in one second
		{[]uint32{10, 10, 10, 10, 10, 10, 10, 71}, 0},    // more than half: and none is without
		{make([]uint32, 8), 0},
	} {
		d := Destination{Closes: new(Series), Ports: PortUse{Free: 1}}
		copy(d.Closes[SeriesLen-8:], c.last8)
		if got := d.closesOnAndOn(); got != c.want {
			t.Errorf("%v: %g/s, want %g", c.last8, got, c.want)
		}
	}
	if got := new(Destination).closesOnAndOn(); got != 0 {
		t.Errorf("%g/s of nobody knows what", got)
	}
}

// TestUsedAgain: a connection is one that is kept once it was asked and answered
// anew, both a second and more after what was first seen of it, two seconds and
// more after that was.
func TestUsedAgain(t *testing.T) {
	const first = 100_000
	for _, c := range []struct {
		name                 string
		now, asked, answered uint32 // ms after the first sight
		want                 bool
	}{
		{"both a second later", 2000, 1000, 1000, true},
		{"seen for less than 2 s", 1999, 1000, 1000, false},
		{"asked 999 ms later", 2000, 999, 1000, false},
		{"answered 999 ms later", 2000, 1000, 999, false},
		{"asked, and not answered", 9000, 8000, 0, false},
		{"answered in parts to one question", 9000, 0, 8000, false},
	} {
		o := sighting{first: first, asked: first, answer: first}
		clock := first + c.now
		got := o.update(clock, &source.Detail{LastDataSent: c.now - c.asked, LastDataRecv: c.now - c.answered})
		if got.again != c.want || c.want && got.since != clock {
			t.Errorf("%s: %+v", c.name, got)
		}
		if later := got.update(clock+5000, &source.Detail{LastDataSent: 10, LastDataRecv: 10}); c.want && later.since != clock {
			t.Errorf("%s: since %d, want that it stays %d", c.name, later.since, clock)
		}
	}
}
