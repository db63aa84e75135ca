package main

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

// TestApplyEndsTheStorm: connect() fails, the plan is applied from outside, and
// no connect() fails any more; undo leaves every key exactly as it was. The
// host's own values are never touched.
func TestApplyEndsTheStorm(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Listen("127.0.0.1:11211") // a service where the range is widened to
	before, outside := l.values(), values(t)
	c := l.clients(150) // 480 ports allow 8 a second
	c.fail(t, 50)
	out := l.must("apply", "--yes")
	applied := time.Now()
	_, failed, _ := c.counts()
	for _, want := range []string{
		"CRITICAL: 127.0.0.1 → 127.0.0.1:4001 has no local port left",
		"set         net.ipv4.ip_local_port_range       61000 61479 → 10240 65535",
		"set         net.ipv4.tcp_tw_reuse              0 → 1", "4 changes ticked",
		"still have to run out", "Not persisted: it lasts as long as this network namespace", "/var/lib/twtop",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	after, last := c.open(t, 450) // for 3 s at the least
	t.Logf("%d failed before, %d since, the last one %v after the apply", failed, after-failed, last.Sub(applied))
	if last.Sub(applied) > 2*time.Second {
		t.Errorf("connect() still fails %v after the apply", last.Sub(applied))
	}
	if got := l.Get(sysctl.LocalPortRange); got != "10240\t65535" {
		t.Errorf("the range is %q", got)
	}
	if out := l.must("undo"); !strings.Contains(out, "10240 65535 → 61000 61479") || !strings.Contains(out, "--yes puts it back") {
		t.Errorf("%s", out)
	}
	if out := l.must("undo", "--yes"); strings.Count(out, "put back  ") != 4 {
		t.Errorf("%s", out)
	}
	l.holds("undone", before)
	if out := l.must("undo", "--yes"); !strings.Contains(out, "Nothing to undo") {
		t.Errorf("%s", out)
	}
	c.end(t)
	holdValues(t, "outside", values(t), outside)
}

// TestServicesKeepTheirPorts: what listens or is bound where the range is
// widened to is never given to a client, also while the service is down, which
// can be started again.
func TestServicesKeepTheirPorts(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Set(sysctl.UnprivilegedStart, "60000") // so that the wide range can be used up
	l.Listen("127.0.0.1:4001")
	services := []*netnstest.Sock{l.Listen("127.0.0.1:60500"), l.Listen("[::1]:60601"), l.Bind("127.0.0.9:60700")}
	kept := []uint16{60500, 60601, 60700, 60800, 60801} // the last two are down now
	l.Grants("127.0.0.1:4001")                          // all 480
	out := l.must("apply", "--yes", "--reserve", "60800-60801")
	if got := l.Get(sysctl.LocalReservedPorts); got != "8080,9000-9010,60500,60601,60700,60800-60801" {
		t.Fatalf("reserved: %s\n%s", got, out)
	}
	if got, want := l.Get(sysctl.LocalPortRange), "60000\t65535"; got != want {
		t.Fatalf("the range is %q, want %q", got, want)
	}
	for _, s := range services {
		s.Close()
	}
	granted := 0
	for {
		s, err := l.Dial("127.0.0.1:4001")
		if err != nil {
			break
		}
		granted++
		if port := s.Local().Port(); slices.Contains(kept, port) {
			t.Errorf("a client got port %d", port)
		}
	}
	if want := 65535 - 60000 + 1 - 480 - len(kept); granted != want {
		t.Errorf("%d connects were granted, want %d", granted, want)
	}
	l.Listen("127.0.0.1:60500") // each fails the test where a client has the port
	l.Listen("[::1]:60601")
	l.Bind("127.0.0.9:60700")
	l.Listen("0.0.0.0:60800")
}

// TestSomebodyElse sets a value after the apply: undo leaves it, and says so.
func TestSomebodyElse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	l.must("apply", "--yes", sysctl.TWReuse, sysctl.LocalPortRange)
	l.Set(sysctl.TWReuse, "2")
	l.fails(l.twtop("undo", "--yes"), "somebody else has set them since: net.ipv4.tcp_tw_reuse")
	before[sysctl.TWReuse] = "2"
	l.holds("undone", before)
	if out := l.must("undo", "--yes"); !strings.Contains(out, "Nothing to undo") {
		t.Errorf("%s", out)
	}
}

// TestPlanWritesNothing, and neither does an apply without --yes.
func TestPlanWritesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	var all sync.WaitGroup
	for _, words := range [][]string{{}, {"--json"}, {"apply"}, {"apply", sysctl.TWReuse}, {"export", "--as", "docker"}, {"undo"}, {"undo", "--yes"}} {
		c := l.command("", slices.Concat([]string{program(t), "sysctl"}, words, []string{"--netns", l.Path()})...)
		all.Go(func() {
			if e, err := run1(c); err != nil || e.code != exitDone || e.err != "" {
				t.Errorf("%q: exit code %d, %v: %s", words, e.code, err, e.err)
			}
		})
	}
	all.Wait()
	l.fails(l.twtop("apply", "--yes", "--persist", sysctl.TWReuse), "not for the one of --netns")
	l.holds("looked at", before)
	if e := l.ends(l.command("", "ls", "/var/lib")); e.out != "" {
		t.Errorf("something was written to the state directory: %s", e.out)
	}
	if out := l.must("apply", "--yes"); !strings.Contains(out, "Nothing was written") {
		t.Errorf("a calm namespace: %s", out)
	}
}

// TestNamedKeys: what a key needs goes with it, and nothing else.
func TestNamedKeys(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	want := l.values()
	l.must("apply", "--yes", sysctl.TWReuse)
	want[sysctl.TWReuse], want[sysctl.Timestamps] = "1", "1"
	l.holds("tcp_tw_reuse alone", want)
	l.fails(l.twtop("apply", "--yes", "fs.file-max"), "fs.file-max stays as it is")
	l.holds("after fs.file-max", want)
	if e := l.twtop("apply", "--yes", "kernel.panic"); e.code != exitUsage {
		t.Errorf("exit code %d: %s", e.code, e.err)
	}
	if !maps.Equal(l.values(), want) {
		t.Error("something else was written")
	}
}
