package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/sysctl"
)

// screen is the live screen over the lab, from outside its namespace.
func (l *lab) screen(w, h int, flags ...string) *terminal {
	l.t.Helper()
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		l.t.Skip("needs unshare of util-linux, for a /var/lib of its own")
	}
	argv := append([]string{unshare, "-m", "/bin/sh", "-c", `mount --bind "$0" /var/lib && exec "$@"`, l.varLib,
		program(l.t), "--netns", l.Path()}, flags...)
	return open(l.t, w, h, false, nil, argv...)
}

// settled is longer than y has to wait for: after the key before, or after what
// it is about is there.
const settled = 400 * time.Millisecond

// heldDown is longer than y has to wait for after one that came too soon.
const heldDown = 800 * time.Millisecond

// slowly presses keys as a person does who reads what they open.
func (x *terminal) slowly(keys string, then ...string) {
	x.t.Helper()
	time.Sleep(settled)
	x.keys(keys)
	x.shows(then...)
}

// TestScreenEndsTheStorm: connect() fails; a and y on the screen end that,
// u and y put every key back.
func TestScreenEndsTheStorm(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before, outside := l.values(), values(t)
	c := l.clients(150)
	c.fail(t, 50)
	x := l.screen(120, 40)
	x.shows("CRITICAL", "has no local port left", "[a]")
	x.slowly("a", "━ PLAN ━ y writes these 3 values", "[x]  net.ipv4.tcp_tw_reuse", "[x]  …ip_local_port_range", "61000 61479", "10240 65535")
	l.holds("planned", before)
	x.slowly("y", "━ APPLIED ━", "set        net.ipv4.tcp_tw_reuse")
	applied := time.Now()
	if got := l.Get(sysctl.LocalPortRange); got != "10240\t65535" {
		t.Errorf("the range is %q", got)
	}
	x.shows("SINCE THEN", "failing stopped")
	x.slowly("q", "since the apply, ", "failing stopped · not persisted")
	failed, last := c.open(t, 450) // for 3 s at the least
	t.Logf("%d failed, the last one %v after the apply", failed, last.Sub(applied))
	if last.Sub(applied) > 2*time.Second {
		t.Errorf("connect() still fails %v after the apply\n%s", last.Sub(applied), x.screen())
	}
	x.slowly("P", "━ PERSIST? ━ refused")
	x.slowly("y", "nothing is written: it is refused")
	x.slowly("q", "since the apply, ")
	x.slowly("u", "━ UNDO? ━ y puts back these", "10240 65535 → 61000 61479")
	x.slowly("y", "━ UNDONE ━")
	l.holds("undone", before)
	x.slowly("q", "DESTINATIONS")
	x.slowly("u", "nothing to undo")
	x.slowly("q", "DESTINATIONS")
	x.keys("q")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
	c.end(t)
	holdValues(t, "outside", values(t), outside)
}

// TestScreenOffersTheUndo of what a twtop before it has set.
func TestScreenOffersTheUndo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	l.must("apply", "--yes", sysctl.TWReuse)
	x := l.screen(80, 24)
	x.shows("sysctls that twtop changed", "still set · u shows them")
	x.slowly("u", "━ UNDO? ━", "net.ipv4.tcp_tw_reuse")
	x.slowly("y", "━ UNDONE ━")
	l.holds("undone", before)
	x.slowly("q", "DESTINATIONS")
	if strings.Contains(x.screen(), "u shows them") {
		t.Errorf("the offer is still there:\n%s", x.screen())
	}
}

// TestScreenKilledAfterAnApply: the next one offers the undo.
func TestScreenKilledAfterAnApply(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	c := l.clients(storm)
	c.fail(t, 20)
	x := l.screen(80, 24)
	x.shows("CRITICAL")
	x.slowly("a", "━ PLAN ━ ")
	x.slowly("\r", "DESTINATIONS") // Enter does not apply
	x.slowly("a", "━ PLAN ━ ")
	x.slowly("y", "━ APPLIED ━")
	if err := x.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	x.exit()
	x = l.screen(80, 24)
	x.shows("sysctls that twtop changed", "still set · u shows them")
	x.slowly("u", "━ UNDO? ━ y puts back these 3 values")
	x.slowly("y", "━ UNDONE ━")
	l.holds("undone", before)
	c.end(t)
}

// TestScreenReadOnly opens the plan and writes nothing.
func TestScreenReadOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	x := l.screen(80, 24, "--read-only")
	x.shows("LIVE")
	x.slowly("a", "━ PLAN ━ nothing can be written here", "twtop runs read-only")
	x.slowly("y", "nothing is written: twtop runs read-only")
	x.slowly("x", "━ EXPORT ━", "kubernetes")
	x.slowly("\x1b", "━ PLAN ━ ")
	x.slowly("q", "DESTINATIONS")
	l.holds("read-only", before)
}

// TestPastedYesWritesNothing, bracketed or not, nor does a key that is held.
func TestPastedYesWritesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	c := l.clients(storm)
	c.fail(t, 20)
	t.Run("", func(t *testing.T) {
		for _, text := range []string{"\x1b[200~y\x1b[201~", "yes\n", "\x1by", "\x1b[<0;12;5My"} {
			t.Run(text, func(t *testing.T) {
				t.Parallel()
				x := (&lab{NS: l.NS, t: t, varLib: l.varLib}).screen(80, 24)
				x.shows("CRITICAL")
				x.slowly("a", "━ PLAN ━ y writes these")
				time.Sleep(settled)
				x.keys(text)
				time.Sleep(settled)
				if strings.Contains(x.screen(), "━ APPLIED ━") {
					t.Error("the plan was applied")
				}
				x.keys("\x03")
				x.exit()
			})
		}
	})
	l.holds("asked", before)
	c.end(t)
}

// TestEarlyYesIsTold, right after another key.
func TestEarlyYesIsTold(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	c := l.clients(storm)
	c.fail(t, 20)
	x := l.screen(80, 24)
	x.shows("CRITICAL")
	x.slowly("a", "━ PLAN ━ y writes these")
	x.slowly("\x1b[By", "too soon: wait a moment, then press y again") // Down, and y in the same breath
	l.holds("too soon", before)
	time.Sleep(heldDown)
	x.keys("y")
	x.shows("━ APPLIED ━")
	x.slowly("u", "━ UNDO? ━")
	x.slowly("y", "━ UNDONE ━")
	l.holds("undone", before)
	c.end(t)
}

// TestSignalDuringAPlan gives the terminal back, and writes nothing.
func TestSignalDuringAPlan(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	c := l.clients(storm)
	c.fail(t, 20)
	x := l.screen(80, 24)
	x.shows("CRITICAL")
	x.slowly("a", "━ PLAN ━ ")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.exit()
	x.restored()
	l.holds("asked", before)
	c.end(t)
}
