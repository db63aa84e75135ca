package live_test

import (
	"math"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

// TestOwnersOfLongerConnections: every connection that is open when a frame is
// taken counts once, for its own process; that process is named after it ended,
// and its name is fit for a terminal.
func TestOwnersOfLongerConnections(t *testing.T) {
	w := &world{NS: netnstest.New(t), t: t}
	w.Set("net.ipv4.tcp_tw_reuse", "0")
	w.src = open(t, live.Config{NetNS: w.Path(), SysctlKeys: sysctl.Names(), Owners: true})
	const to = "127.0.0.1:4001"
	serveAll(t, w.NS, to)
	a := startClient(t, w.NS, job{"evil\x1b[2J\n\U0001f4a5", to, 60, 1200 * time.Millisecond})
	b := startClient(t, w.NS, job{"plain", to, 20, 1200 * time.Millisecond})
	frames := func(n int) (o *diagnosis.Owners) {
		for range n {
			time.Sleep(500 * time.Millisecond)
			o = find(w.report(), "127.0.0.1", to).Owners
		}
		return o
	}
	named := func(o *diagnosis.Owners, c *opener) float64 {
		for _, owner := range o.All {
			if owner.Process.PID == c.cmd.Process.Pid {
				if owner.Process.Name != source.Clean(c.name, 63) {
					t.Errorf("its name is %q", owner.Process.Name)
				}
				return owner.Share
			}
		}
		return 0
	}
	o := frames(10)
	first, second := named(o, a), named(o, b)
	if math.Abs(first+second+o.Unknown-1) > 1e-9 || o.Unknown > 0.25 || math.Abs(first/(first+second)-0.75) > 0.1 {
		t.Errorf("%.2f and %.2f of the connections, want three to one: %+v", first, second, o)
	}
	a.stop()
	if o = frames(2); named(o, a) < 0.4 {
		t.Errorf("who has ended has %.2f: %+v", named(o, a), o)
	}
}

// TestOwnersOfShortConnections: two programs whose connections last 1 and 5 ms
// are told apart. How many are seen depends on who else wants the processors, so
// what is held goes by that: of each the truth is between its share and its share
// with all that is unknown, give or take 10 points once it rests on 100 samples,
// and the more the fewer there are.
func TestOwnersOfShortConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("takes up to half a minute")
	}
	w := &world{NS: netnstest.New(t), t: t}
	w.Set("net.ipv4.tcp_tw_reuse", "0")
	w.src = open(t, live.Config{NetNS: w.Path(), SysctlKeys: sysctl.Names(), Owners: true})
	const to, enough = "127.0.0.1:4001", 200
	serveAll(t, w.NS, to)
	a := startClient(t, w.NS, job{"short", to, 300, time.Millisecond})
	b := startClient(t, w.NS, job{"longer", to, 300, 5 * time.Millisecond})
	var o *diagnosis.Owners
	samples := 0
	for begin := time.Now(); time.Since(begin) < 30*time.Second && samples < enough; {
		time.Sleep(time.Second)
		o = find(w.report(), "127.0.0.1", to).Owners
		samples = 0
		for i := range o.All {
			samples += o.All[i].Samples
		}
	}
	slack := 0.1
	if samples < 100 {
		slack += 2 / math.Sqrt(float64(samples+1))
	}
	sum := o.Unknown
	for _, c := range []*opener{a, b} {
		share := shareOf(o, c)
		sum += share
		want := float64(c.closed()) / float64(a.closed()+b.closed())
		t.Logf("%s: %.2f to %.2f by %d samples, in truth %.2f", c.name, share, share+o.Unknown, samples, want)
		if want < share-slack || want > share+o.Unknown+slack {
			t.Errorf("%s has %.2f of the connections, want %.2f: %+v", c.name, share, want, o)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("shares and the unknown are %v together: %+v", sum, o)
	}
}

// shareOf is the share of a client, 0 where it is not among the owners.
func shareOf(o *diagnosis.Owners, c *opener) float64 {
	for i := range o.All {
		if o.All[i].Process.PID == c.cmd.Process.Pid {
			return o.All[i].Share
		}
	}
	return 0
}
