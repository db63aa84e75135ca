package live_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// path is a way to a service.
type path struct {
	name     string
	from, to string
	listen   string
	peer     bool // the service is in another namespace
}

var (
	loopback4 = path{"loopback", "127.0.0.1", "127.0.0.1:4001", "0.0.0.0:4001", false}
	loopback6 = path{"loopback6", "::1", "[::1]:4001", "[::]:4001", false}
	ownAddr   = path{"own", "10.9.0.1", "10.9.0.1:4001", "0.0.0.0:4001", false}
	acrossV4  = path{"veth", "10.77.0.1", "10.77.0.2:4001", "0.0.0.0:4001", true}
	acrossV6  = path{"veth6", "fd77::1", "[fd77::2]:4001", "[::]:4001", true}
)

const defaultReuseDelay = 1000 // ms, TCP_TIMEWAIT_LEN's companion since it can be set

// reuseCase is one setting of the sysctls of reuse.
type reuseCase struct {
	path
	mode       int
	timestamps bool
	delay      int // ms
}

func reuseCases() []reuseCase {
	var all []reuseCase
	for _, p := range []path{loopback4, ownAddr, acrossV4} {
		for mode := range 3 {
			for _, ts := range []bool{true, false} {
				all = append(all, reuseCase{p, mode, ts, defaultReuseDelay})
			}
		}
	}
	return append(all,
		reuseCase{loopback6, 1, true, defaultReuseDelay}, reuseCase{loopback6, 2, true, defaultReuseDelay},
		reuseCase{acrossV6, 1, true, defaultReuseDelay}, reuseCase{acrossV6, 2, true, defaultReuseDelay},
		reuseCase{loopback4, 2, true, 2500}, reuseCase{acrossV4, 1, true, 2500},
		reuseCase{loopback4, 1, true, 300}, reuseCase{acrossV4, 1, false, 300},
	)
}

// TestReusableIsWhatTheKernelReuses fills a range with TIME_WAITs, some old
// enough and some not, and counts the connect() calls granted after that.
func TestReusableIsWhatTheKernelReuses(t *testing.T) {
	for _, c := range reuseCases() {
		name := fmt.Sprintf("%s/mode=%d/timestamps=%v/delay=%d", c.name, c.mode, c.timestamps, c.delay)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 3 {
				if fillAndReuse(t, c) {
					return
				}
			}
			t.Fatalf("three times it took longer than %d ms to look: this machine is too busy", c.delay)
		})
	}
}

// fillAndReuse reports false where the young TIME_WAITs grew old meanwhile,
// so that nothing could be proved.
func fillAndReuse(t *testing.T, c reuseCase) bool {
	const live = 2 // they tell whether there are timestamps
	w := newWorld(t)
	l := w.prepareReuse(c)
	w.setRange(60)
	young := 10 + w.rng.IntN(10)
	for range live {
		w.Connect(l, c.to)
	}
	w.TimeWaits(w.size-young-live, l, c.to)
	w.waitAge(c.delay + 200)
	start := time.Now()
	w.TimeWaits(young, l, c.to)
	w.report() // somebody watched, and then turned reuse on
	w.setMode(c.mode)
	r := w.report()
	granted := w.Grants(c.to, netnstest.From(addr(c.from, 0)), netnstest.LatePort)
	if time.Since(start) > time.Duration(c.delay)*time.Millisecond {
		return false
	}
	checkReuse(t, r, c, granted)
	return true
}

func (w *world) setMode(mode int) {
	w.t.Helper()
	w.Set("net.ipv4.tcp_tw_reuse", strconv.Itoa(mode))
}

// prepareReuse sets all but the mode, so that making TIME_WAITs reuses none,
// and returns the service's listener.
func (w *world) prepareReuse(c reuseCase) *netnstest.Sock {
	w.t.Helper()
	if !c.timestamps {
		w.Set("net.ipv4.tcp_timestamps", "0")
	}
	if err := w.TrySet("net.ipv4.tcp_tw_reuse_delay", strconv.Itoa(c.delay)); err != nil && c.delay != defaultReuseDelay {
		if os.Getenv("CI") != "" {
			w.t.Fatalf("no tcp_tw_reuse_delay, and in CI this must run: %v", err)
		}
		w.t.Skipf("this kernel has no tcp_tw_reuse_delay: %v", err)
	}
	w.IP("addr add 10.9.0.1/32 dev lo")
	if !c.peer {
		return w.Listen(c.listen)
	}
	peer := netnstest.New(w.t)
	w.Veth(peer)
	return peer.Listen(c.listen)
}

// waitAge waits until all TIME_WAITs are that old.
func (w *world) waitAge(ms int) {
	w.t.Helper()
	wanted := time.Duration(ms) * time.Millisecond
	for range 3 {
		youngest := youngestTimeWait(w.snapshot())
		if youngest >= wanted {
			return
		}
		<-time.After(wanted - youngest)
	}
	w.t.Fatalf("the TIME_WAITs do not get older than %v", youngestTimeWait(w.snapshot()))
}

func youngestTimeWait(s *source.Snapshot) time.Duration {
	youngest := time.Minute
	for i := range s.Sockets {
		if k := &s.Sockets[i]; k.State == source.StateTimeWait {
			youngest = min(youngest, time.Minute-s.Remaining(k))
		}
	}
	return youngest
}

// checkReuse holds the report against what connect() was granted after it.
func checkReuse(t *testing.T, r *diagnosis.Report, c reuseCase, granted int) {
	t.Helper()
	d := find(r, c.from, c.to)
	if d == nil {
		t.Fatalf("no row for %s → %s", c.from, c.to)
	}
	reusable := "unknown"
	if d.Ports.Reusable != nil {
		reusable = strconv.Itoa(*d.Ports.Reusable)
	}
	t.Logf("used %d, time-wait %d, free %d, reusable %s; granted %d",
		d.Ports.Used, d.Ports.UsedTimeWait, d.Ports.Free, reusable, granted)
	if d.Ports.Free != 0 {
		t.Errorf("free = %d in a full range", d.Ports.Free)
	}
	if reusable != strconv.Itoa(granted) {
		t.Errorf("reusable = %s, the kernel granted %d", reusable, granted)
	}
}

// TestReusableIsUnknown: nothing tells whether connections had timestamps
// where none is left, off loopback.
func TestReusableIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := reuseCase{acrossV4, 1, true, defaultReuseDelay}
	w.TimeWaits(5, w.prepareReuse(c), c.to)
	w.setMode(c.mode)
	w.waitAge(c.delay + 200)
	d := find(w.report(), c.from, c.to)
	if d == nil || d.Ports.Reusable != nil {
		t.Errorf("row %+v, want one whose reusable ports are unknown", d)
	}
}

// TestReuseAfterTimestampsCameOn: TIME_WAITs of connections without
// timestamps are not reused when timestamps are turned on.
func TestReuseAfterTimestampsCameOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := reuseCase{loopback4, 1, false, defaultReuseDelay}
	l := w.prepareReuse(c)
	w.setRange(60)
	w.TimeWaits(40, l, c.to)
	w.report()
	w.Set("net.ipv4.tcp_timestamps", "1")
	w.report()
	<-time.After(2 * wobble * time.Millisecond) // closer ones cannot be told apart
	w.TimeWaits(20, l, c.to)
	w.waitAge(c.delay + 200)
	w.setMode(c.mode)
	r := w.report()
	checkReuse(t, r, c, w.Grants(c.to))
}

// TestReuseKeepsPressureDown: a table of TIME_WAITs that are all reusable is
// no pressure at all.
func TestReuseKeepsPressureDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := reuseCase{loopback4, 1, true, defaultReuseDelay}
	l := w.prepareReuse(c)
	w.setRange(60)
	w.TimeWaits(60, l, c.to)
	w.waitAge(c.delay + 200)
	w.setMode(c.mode)
	d := find(w.report(), c.from, c.to)
	if d == nil || d.Ports.Pressure != 0 || d.Ports.Used != 60 || d.Ports.SlowConnect {
		t.Errorf("row %+v, want 60 used and no pressure", d)
	}
}

// TestReuseOfBoundPorts: the TIME_WAITs of clients that bound their ports are
// nobody else's, and are not promised.
func TestReuseOfBoundPorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := reuseCase{loopback4, 1, true, defaultReuseDelay}
	l := w.prepareReuse(c)
	w.setRange(60)
	w.TimeWaits(20, l, c.to, netnstest.From("127.0.0.1:0"))
	w.Connect(l, c.to)
	w.waitAge(c.delay + 200)
	w.setMode(c.mode)
	d := find(w.report(), c.from, c.to)
	if d == nil || d.Ports.Reusable == nil || *d.Ports.Reusable != 0 {
		t.Fatalf("row %+v, want nothing reusable", d)
	}
	if granted := w.Grants(c.to); granted != d.Ports.Free {
		t.Errorf("free %d, the kernel granted %d", d.Ports.Free, granted)
	}
}
