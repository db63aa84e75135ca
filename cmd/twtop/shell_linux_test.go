package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// inShell starts a shell with job control in a terminal. dash leaves the line
// settings alone while it waits for a command.
func inShell(t *testing.T, w, h int) *terminal {
	t.Helper()
	dash, err := exec.LookPath("dash")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("needs dash")
	}
	x := open(t, w, h, false, []string{"PS1=ready> ", "ENV="}, dash, "-i")
	x.shows("ready>")
	return x
}

// TestSuspend: ^Z gives the terminal back as it was, whatever another program
// then does to it; fg takes it again, with the mouse; both as often as one likes.
func TestSuspend(t *testing.T) {
	ns := busy(t)
	x := inShell(t, 80, 24)
	x.keys(program(t) + " --netns " + ns.Path() + "\r")
	firstFrame(x)
	for range 2 {
		x.keys("\x1a")
		x.until("the shell again", func(screen string) bool {
			return !x.alt && strings.Contains(screen, "ready>") && strings.Contains(screen, "+ Stopped")
		})
		x.restored()
		x.keys("stty -echo; clear; echo other; stty echo\r")
		x.shows("other")
		x.keys("fg\r")
		x.until("the screen again", func(screen string) bool {
			return x.alt && strings.Contains(screen, "LIVE") && strings.Contains(screen, "127.0.0.1:4001") && x.modes[1002]
		})
		x.keys(" ")
		x.shows("FROZEN") // keys arrive
		x.keys(" ")
		x.shows("LIVE")
	}
	x.keys("q")
	x.until("the shell at the end", func(screen string) bool { return !x.alt && strings.HasSuffix(strings.TrimSpace(screen), "\nready>") })
	x.restored()
	x.keys("exit\r")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// TestStoppedFromOutside: a SIGSTOP leaves no chance to give the terminal back;
// after a SIGCONT the screen is whole again, whatever was written over it.
func TestStoppedFromOutside(t *testing.T) {
	x := onScreen(t, 80, 24, busy(t))
	firstFrame(x)
	stop := func(sig syscall.Signal) {
		if err := x.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	stop(syscall.SIGSTOP)
	x.mu.Lock()
	_, _ = x.emu.Write([]byte("\x1b[?1049l\x1b[2J\x1b[?1002lsomebody else"))
	x.mu.Unlock()
	stop(syscall.SIGCONT)
	x.until("the screen again", func(screen string) bool {
		return x.alt && strings.Contains(screen, "127.0.0.1:4001") && !strings.Contains(screen, "somebody else") && x.modes[1002]
	})
	x.keys("q")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
}

// TestStandardInput: the keys come from the terminal where standard input is
// closed, a file, or a pipe.
func TestStandardInput(t *testing.T) {
	ns := busy(t)
	for name, line := range map[string]string{
		"closed": `exec "$0" "$@" <&-`, "file": `exec "$0" "$@" < /dev/null`, "pipe": `yes | "$0" "$@"`,
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, 80, 24, false, nil, "/bin/sh", "-c", line, program(t), "--netns", ns.Path())
			firstFrame(x)
			x.keys(" ")
			x.shows("FROZEN")
			x.keys("q")
			if code := x.exit(); code != exitDone {
				t.Errorf("exit code %d\n%s", code, x.screen())
			}
			x.restored()
		})
	}
}

// TestNoNameOfTerminal: TERM may be missing where a terminal is.
func TestNoNameOfTerminal(t *testing.T) {
	x := open(t, 80, 24, false, []string{"TERM="}, program(t))
	if code := x.exit(); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	if s := x.screen(); !strings.Contains(s, "twtop snapshot") || x.alt {
		t.Errorf("%s", s)
	}
	x.restored()
}
