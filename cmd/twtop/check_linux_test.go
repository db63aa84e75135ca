package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// checked runs `twtop check` on ns.
func checked(t *testing.T, ns *netnstest.NS, flags ...string) (line string, code int) {
	t.Helper()
	out, err := exec.Command(program(t), append([]string{"check", "--netns", ns.Path()}, flags...)...).Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	} else if err != nil {
		code = exit.ExitCode()
	}
	line, found := strings.CutSuffix(string(out), "\n")
	if !found || strings.Contains(line, "\n") {
		t.Errorf("want one line: %q", out)
	}
	return line, code
}

// TestCheckOfAKnownWorld holds each status against sockets that were made for it.
func TestCheckOfAKnownWorld(t *testing.T) {
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.Set("net.ipv4.tcp_tw_reuse", "0")
	l := ns.Listen("127.0.0.1:4001")
	expect := func(code int, parts ...string) {
		t.Helper()
		line, got := checked(t, ns)
		for _, p := range parts {
			if got != code || !strings.Contains(line, p) {
				t.Errorf("exit code %d, want %d and %q: %s", got, code, p, line)
			}
		}
	}
	expect(0, "OK: no outgoing connections, all 100 local ports are free | pressure=0%;50;90;0;100 free=100;;;0;100 used=0;;;0;100 time_wait=0;;;0;")
	ns.TimeWaits(49, l, "127.0.0.1:4001")
	expect(0, "OK: 127.0.0.1 -> 127.0.0.1:4001 holds 49 of 100 local ports, pressure 49 %, 51 free")
	ns.TimeWaits(1, l, "127.0.0.1:4001")
	expect(1, "WARNING: ", "pressure=50%;50;90;0;100 free=50;;;0;100 used=50;;;0;100 time_wait=50;;;0;")
	for range 40 {
		ns.Connect(l, "127.0.0.1:4001")
	}
	expect(2, "CRITICAL: ", "pressure=90%", "used=90", "time_wait=50")
	if n := ns.Grants("127.0.0.1:4001"); n != 10 {
		t.Fatalf("%d more were granted", n)
	}
	expect(2, "CRITICAL: 127.0.0.1 -> 127.0.0.1:4001 has no local port left of 100, the first comes back in ", "pressure=100%", "free=0")
	if line, code := checked(t, ns, "--warn", "100", "--crit", "100"); code != 2 {
		t.Errorf("no port left is exit code %d: %s", code, line)
	}
}

// TestCheckWithoutARange: all ports are reserved, and nothing is connected.
func TestCheckWithoutARange(t *testing.T) {
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.Set("net.ipv4.ip_local_reserved_ports", "20000-20099")
	line, code := checked(t, ns, "--warn", "100", "--crit", "100")
	if code != 2 || !strings.HasPrefix(line, "CRITICAL: no local port can be given out: all of 20000-20099 are reserved or bound | ") {
		t.Errorf("exit code %d: %s", code, line)
	}
}

// TestCheckWithReuse: what is reused in time is no pressure.
func TestCheckWithReuse(t *testing.T) {
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.Set("net.ipv4.tcp_tw_reuse", "1")
	l := ns.Listen("127.0.0.1:4001")
	ns.TimeWaits(95, l, "127.0.0.1:4001")
	ripe := func() bool {
		line, code := checked(t, ns)
		return code == 0 && strings.Contains(line, "pressure 0 %, 5 free, 95 reusable")
	}
	for range 10 {
		if ripe() {
			return
		}
		sleepABit()
	}
	line, code := checked(t, ns)
	t.Errorf("exit code %d: %s", code, line)
}
