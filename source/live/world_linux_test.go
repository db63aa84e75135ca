package live_test

import (
	"flag"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

var seedFlag = flag.Int64("seed", 0, "seed of the random scenarios; 0 takes the time")

// world is a namespace with a source that looks at it, and a range of local
// ports of its own.
type world struct {
	*netnstest.NS
	t    *testing.T
	src  *live.Source
	rng  *rand.Rand
	low  int
	size int

	assessor diagnosis.Assessor
}

// newWorld makes a namespace without reuse of TIME_WAITs: free leaves it out.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{NS: netnstest.New(t), t: t, rng: newRand(t)}
	w.Set("net.ipv4.tcp_tw_reuse", "0")
	w.src = open(t, live.Config{NetNS: w.Path(), SysctlKeys: sysctl.Names()})
	return w
}

func newRand(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("-seed %d", seed)
	return rand.New(rand.NewPCG(uint64(seed), 0))
}

func open(t testing.TB, cfg live.Config) *live.Source {
	t.Helper()
	src, err := live.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	return src
}

// setRange gives the world a range of that size somewhere above the services.
func (w *world) setRange(size int) {
	w.t.Helper()
	w.size = size
	w.low = 20_000 + w.rng.IntN(40_000)
	w.SetRange(w.low, w.low+size-1)
}

// port is the i-th of the range.
func (w *world) port(i int) int { return w.low + i }

// ports are n different ones of the range.
func (w *world) ports(n int) []int {
	p := w.rng.Perm(w.size)[:n]
	for i := range p {
		p[i] += w.low
	}
	return p
}

func (w *world) snapshot() *source.Snapshot {
	w.t.Helper()
	s, err := w.src.Read(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) report() *diagnosis.Report {
	w.t.Helper()
	return w.assessor.Assess(w.snapshot())
}

// find returns the row of a destination, of clients that are bound to no
// device, nil if there is none.
func find(r *diagnosis.Report, local, remote string) *diagnosis.Destination {
	l, d := netip.MustParseAddr(local), netip.MustParseAddrPort(remote)
	d = netip.AddrPortFrom(d.Addr().Unmap(), d.Port())
	for i := range r.Destinations {
		if d0 := &r.Destinations[i]; d0.Local == l.Unmap() && d0.Remote == d && (d0.Device == 0 || l.IsLinkLocalUnicast()) {
			return &r.Destinations[i]
		}
	}
	return nil
}

// free is what the report promises a client of that source address. A
// destination without a row has all of the capacity, exactly so where nothing
// unseen can take from it: the rows tell that too, and none of their clients
// bound a port first.
func free(r *diagnosis.Report, local, remote string) (n int, exact bool) {
	if d := find(r, local, remote); d != nil {
		return d.Ports.Free, d.Ports.FreeExact
	}
	s := r.Snapshot
	exact = s.RangeKnown && s.Ambiguous == 0 && !s.BlockersUnknown && !s.Cost.Interrupted
	for i := range r.Destinations {
		u := &r.Destinations[i].Ports
		exact = exact && u.FreeExact && u.BindFirst == 0
	}
	return r.Ports.Capacity, exact
}

// eventually polls until ok, and fails with what the last poll said.
func eventually(t testing.TB, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(netnstest.Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		good, last := ok()
		if good {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still not after %v: %s", netnstest.Patience, last)
		}
		<-tick.C
	}
}

func addr(ip string, port int) string {
	return netip.AddrPortFrom(netip.MustParseAddr(ip), uint16(port)).String()
}
