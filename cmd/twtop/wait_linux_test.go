package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

func sleepABit() { time.Sleep(300 * time.Millisecond) }

// started is `twtop wait` under way.
type started struct {
	t     *testing.T
	cmd   *exec.Cmd
	err   bytes.Buffer
	begun time.Time
}

func startWait(t *testing.T, ns *netnstest.NS, flags ...string) *started {
	t.Helper()
	s := &started{t: t, cmd: exec.Command(program(t), append([]string{"wait", "--netns", ns.Path()}, flags...)...)}
	s.cmd.Stderr = &s.err
	s.begun = time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s
}

// ends waits for the exit code and returns what was said and how long it took.
func (s *started) ends(code int) (said string, took time.Duration) {
	s.t.Helper()
	err := s.cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d: %s", got, code, s.err.String())
	}
	return s.err.String(), time.Since(s.begun)
}

// held is a namespace of 100 ports, of which one destination holds so many.
func held(t *testing.T, n int) (*netnstest.NS, *netnstest.Sock, []netnstest.Pair) {
	t.Helper()
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.Set("net.ipv4.tcp_tw_reuse", "0")
	l := ns.Listen("127.0.0.1:4001")
	var pairs []netnstest.Pair
	for range n {
		pairs = append(pairs, ns.Connect(l, "127.0.0.1:4001"))
	}
	return ns, l, pairs
}

// TestWaitForReset: connections that are reset give their ports back at once.
func TestWaitForReset(t *testing.T) {
	ns, _, pairs := held(t, 70)
	s := startWait(t, ns)
	time.Sleep(1500 * time.Millisecond) // it has looked, and waits
	for _, p := range pairs[:30] {
		p.Client.Abort()
		p.Server.Close()
	}
	said, took := s.ends(0)
	if said != "" || took < 1500*time.Millisecond || took > 5*time.Second {
		t.Errorf("after %v, saying %q", took, said)
	}
}

// TestWaitEndsInTime: the exit code tells that the ports are not there, and the
// line how many are.
func TestWaitEndsInTime(t *testing.T) {
	ns, _, _ := held(t, 70)
	said, took := startWait(t, ns, "--timeout", "1500ms").ends(1)
	if said != "twtop: not in time (1.5 s): 127.0.0.1 → 127.0.0.1:4001 has 30 ports free, 50 wanted\n" || took < 1500*time.Millisecond || took > 4*time.Second {
		t.Errorf("after %v: %q", took, said)
	}
	if _, took := startWait(t, ns, "--timeout", "0").ends(1); took > time.Second {
		t.Errorf("a single look took %v", took)
	}
}

func TestWaitForOneDestination(t *testing.T) {
	ns, _, _ := held(t, 70)
	startWait(t, ns, "--to", "127.0.0.1:4002", "--free", "100", "--timeout", "0").ends(0)
	startWait(t, ns, "--to", "127.0.0.1:4001", "--free", "30", "--timeout", "0").ends(0)
	startWait(t, ns, "--to", "127.0.0.1:4001", "--free", "31", "--timeout", "0").ends(1)
	startWait(t, ns, "--to", "[::ffff:127.0.0.1]:4001", "--free", "31", "--timeout", "0").ends(1)
	startWait(t, ns, "--free", "101").ends(exitUnknown)
}

// TestWaitForTimeWaits: the ports of real TIME_WAITs come back after a minute,
// and the kernel grants them.
func TestWaitForTimeWaits(t *testing.T) {
	if testing.Short() {
		t.Skip("a TIME_WAIT lasts 60 s")
	}
	t.Parallel()
	ns, l, _ := held(t, 0)
	began := time.Now()
	ns.TimeWaits(100, l, "127.0.0.1:4001")
	closed := time.Now()
	if n := ns.Grants("127.0.0.1:4001"); n != 0 {
		t.Fatalf("%d ports are left", n)
	}
	said, _ := startWait(t, ns, "--free", "100").ends(0)
	if after := time.Since(began); said != "" || after < 60*time.Second || time.Since(closed) > 66*time.Second {
		t.Errorf("it ended %v after the first close, saying %q", after, said)
	}
	if n := ns.Grants("127.0.0.1:4001"); n != 100 {
		t.Errorf("then %d were granted, want 100", n)
	}
}

// TestWaitInterrupted: what was interrupted has no answer.
func TestWaitInterrupted(t *testing.T) {
	ns, _, _ := held(t, 70)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		s := startWait(t, ns)
		time.Sleep(500 * time.Millisecond)
		_ = s.cmd.Process.Signal(sig)
		if said, took := s.ends(exitUnknown); !strings.HasPrefix(said, "twtop: interrupted") || took > 2*time.Second {
			t.Errorf("%v: after %v: %q", sig, took, said)
		}
	}
}

// TestWaitOnATerminal shows what it waits for, in one line, and how long it took.
func TestWaitOnATerminal(t *testing.T) {
	ns, _, pairs := held(t, 70)
	x := open(t, 120, 10, true, nil, program(t), "wait", "--netns", ns.Path())
	x.shows("waiting: 127.0.0.1 → 127.0.0.1:4001 has 30 ports free, 50 wanted")
	for _, p := range pairs {
		p.Client.Abort()
		p.Server.Close()
	}
	if code := x.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	screen := strings.TrimSpace(x.screen())
	if strings.Contains(screen, "waiting") || strings.Contains(screen, "\n") || !strings.HasPrefix(screen, "there after ") {
		t.Errorf("left there: %q", screen)
	}
	x.restored()
}
