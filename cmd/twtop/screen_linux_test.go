package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// busy is a namespace with 40 ports, 30 of which one destination holds in
// TIME_WAIT, and 3 another one in ESTABLISHED.
func busy(t testing.TB) *netnstest.NS {
	t.Helper()
	ns := netnstest.New(t)
	ns.SetRange(20000, 20039)
	ns.Set("net.ipv4.tcp_tw_reuse", "0")
	worst := ns.Listen("127.0.0.1:4001")
	for range 30 {
		ns.Connect(worst, "127.0.0.1:4001").TimeWait()
	}
	other := ns.Listen("127.0.0.2:5432")
	for range 3 {
		ns.Connect(other, "127.0.0.2:5432")
	}
	return ns
}

func onScreen(t testing.TB, w, h int, ns *netnstest.NS, flags ...string) *terminal {
	t.Helper()
	argv := append([]string{program(t), "--netns", ns.Path()}, flags...)
	return open(t, w, h, false, nil, argv...)
}

// firstFrame is what the first frame shows at every size.
func firstFrame(x *terminal) {
	x.t.Helper()
	x.shows("LIVE", "127.0.0.1:4001", "127.0.0.2:5432", "TIME-WAIT")
}

func TestFirstFrame(t *testing.T) {
	ns := busy(t)
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			x := onScreen(t, size[0], size[1], ns)
			firstFrame(x)
			took := time.Since(x.started)
			t.Logf("first frame after %v", took)
			if took > 4*time.Second { // a terminal that is asked for its colours costs five
				t.Errorf("the first frame took %v", took)
			}
			x.keys("q")
			if code := x.exit(); code != exitDone {
				t.Errorf("exit code %d\n%s", code, x.screen())
			}
			x.restored()
		})
	}
}

func TestKeys(t *testing.T) {
	x := onScreen(t, 120, 40, busy(t))
	firstFrame(x)
	cursorOn := func(subject string) {
		t.Helper()
		x.until("cursor on "+subject, func(screen string) bool {
			for line := range strings.Lines(screen) {
				if strings.Contains(line, "▶") && strings.Contains(line, subject) {
					return true
				}
			}
			return false
		})
	}
	x.keys("2j") // in one read, as a slow line delivers them
	cursorOn("127.0.0.2:5432")
	x.keys("\x1b[A") // arrow up
	cursorOn("127.0.0.1:4001")
	x.keys("G")
	cursorOn("127.0.0.2:5432")
	x.keys("g")
	cursorOn("127.0.0.1:4001")
	x.keys(" ")
	x.shows("FROZEN")
	x.keys(" ")
	x.shows("LIVE")
	x.keys("/:5432\r")
	x.shows("1 of 2", "filter :5432")
	x.keys("\x1b")
	x.until("no filter", func(screen string) bool { return !strings.Contains(screen, "filter :5432") })
	x.keys("2\r")
	x.shows("tcpdump", "20000")
	x.keys("q")
	firstFrame(x)
	x.keys("q")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	x.restored()
}

// TestEndings: however the screen ends, the terminal is as it was.
func TestEndings(t *testing.T) {
	ns := busy(t)
	for name, end := range map[string]func(*terminal){
		"q":       func(x *terminal) { x.keys("q") },
		"ctrl-c":  func(x *terminal) { x.keys("\x03") },
		"SIGTERM": func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGHUP) },
		"SIGINT":  func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			x := onScreen(t, 80, 24, ns)
			firstFrame(x)
			end(x)
			if code := x.exit(); code != exitDone {
				t.Errorf("exit code %d\n%s", code, x.screen())
			}
			x.restored()
		})
	}
}

// TestPanics: a defect ends in a line and a trace, on a terminal that works.
func TestPanics(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("source", func(t *testing.T) {
		x := open(t, 200, 60, false, []string{childEnv + "=panic in the source"}, exe)
		x.shows("STOPPED", defect)
		x.keys("q")
		x.afterDefect()
	})
	t.Run("screen", func(t *testing.T) {
		x := open(t, 200, 60, false, []string{childEnv + "=panic in the screen"}, exe)
		x.shows("faulty")
		x.keys(strings.Repeat("j", 20)) // for each of which it asks for the time
		x.afterDefect()
	})
}

func (x *terminal) afterDefect() {
	x.t.Helper()
	if code := x.exit(); code != exitFailed {
		x.t.Errorf("exit code %d", code)
	}
	x.restored()
	if screen := x.screen(); !strings.Contains(screen, defect) || !strings.Contains(screen, "goroutine") {
		x.t.Errorf("the message or the trace is missing:\n%s", screen)
	}
}

// TestMuteTerminal: nothing waits for an answer that a terminal never gives.
func TestMuteTerminal(t *testing.T) {
	const soon = time.Second // asking for the background colour takes 5 s
	for _, line := range []string{"version", "--help", "help", "snapshot", "snapshot --json", "snapshot --help",
		"completion bash", "nonsense", "--nope", "__complete sn"} {
		t.Run(line, func(t *testing.T) {
			x := open(t, 80, 24, true, nil, append([]string{program(t)}, strings.Fields(line)...)...)
			x.exit()
			if took := time.Since(x.started); took > soon {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Run("screen", func(t *testing.T) {
		ns := busy(t)
		x := open(t, 80, 24, true, nil, program(t), "--netns", ns.Path())
		firstFrame(x)
		if took := time.Since(x.started); took > soon {
			t.Errorf("the first frame took %v", took)
		}
		x.keys("q")
		x.exit()
		x.restored()
	})
}

// TestResizeStorm: every size is drawn, or at least survived.
func TestResizeStorm(t *testing.T) {
	x := onScreen(t, 80, 24, busy(t))
	firstFrame(x)
	for i := range 60 {
		x.resize(1+(i*37)%220, 1+(i*23)%70)
		x.keys([]string{"\t", "j", "?", "?", "1", "2", "3", "\r", "\x1b"}[i%9])
	}
	x.resize(1, 1)
	x.resize(80, 24)
	x.shows("LIVE", "? help")
	x.keys("\x03") // which quits from whatever the storm has opened
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
}

func TestDumbTerminal(t *testing.T) {
	x := open(t, 80, 24, false, []string{"TERM=dumb"}, program(t))
	if code := x.exit(); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	if s := x.screen(); !strings.Contains(s, "twtop snapshot") || x.alt {
		t.Errorf("%s", s)
	}
	x.restored()
}

// TestHangUp: the program ends when its terminal goes away.
func TestHangUp(t *testing.T) {
	x := onScreen(t, 80, 24, busy(t))
	firstFrame(x)
	_ = x.pty.Close()
	done := make(chan struct{})
	go func() { x.exit(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("it outlives its terminal")
	}
}
