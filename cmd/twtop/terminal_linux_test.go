package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience is how long a test waits for what should come at once.
const patience = 15 * time.Second

// terminal is a program in a pseudo-terminal, and an emulator that reads it.
type terminal struct {
	t       testing.TB
	cmd     *exec.Cmd
	pty     *os.File
	cooked  *term.State // the line settings before the program came
	started time.Time

	mu      sync.Mutex
	emu     *vt.Emulator
	alt     bool
	cursor  bool
	modes   map[int]bool // DEC private modes that are set
	changed chan struct{}
	ended   bool // the program, and its output
	code    int  // of its exit
}

// open starts argv in a terminal of w by h cells. One that is mute answers no
// question, as a serial console does.
func open(t testing.TB, w, h int, mute bool, env []string, argv ...string) *terminal {
	t.Helper()
	x := &terminal{t: t, emu: vt.NewEmulator(w, h), cursor: true, modes: map[int]bool{}, changed: make(chan struct{})}
	x.emu.SetCallbacks(vt.Callbacks{
		AltScreen:        func(on bool) { x.alt = on },
		CursorVisibility: func(on bool) { x.cursor = on },
		EnableMode:       func(m ansi.Mode) { x.modes[m.Mode()] = true },
		DisableMode:      func(m ansi.Mode) { delete(x.modes, m.Mode()) },
	})
	primary, secondary, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	x.pty = primary
	x.resizePTY(w, h)
	if x.cooked, err = term.GetState(primary.Fd()); err != nil {
		t.Fatal(err)
	}
	x.cmd = exec.Command(argv[0], argv[1:]...)
	x.cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "COLORFGBG="), env...)
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = secondary, secondary, secondary
	x.cmd.SysProcAttr = ownSession()
	x.started = time.Now()
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = x.cmd.Process.Kill()
		_ = primary.Close()
		_ = x.emu.InputPipe().(io.Closer).Close()
	})
	exited := make(chan int, 1)
	go x.read(exited)
	go x.answer(mute)
	go func() {
		_ = x.cmd.Wait()
		exited <- x.cmd.ProcessState.ExitCode()
		_ = secondary.Close() // the last one open: reading ends
	}()
	return x
}

// read feeds the emulator until the program has gone.
func (x *terminal) read(exited <-chan int) {
	buf := make([]byte, 32<<10)
	for {
		n, err := x.pty.Read(buf)
		code := 0
		if err != nil {
			code = <-exited
		}
		x.mu.Lock()
		_, _ = x.emu.Write(buf[:n])
		x.ended, x.code = err != nil, code
		close(x.changed)
		x.changed = make(chan struct{})
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// answer carries the emulator's answers to the program. It ends with the pipe
// of the emulator, whose own Close and Read are not safe side by side.
func (x *terminal) answer(mute bool) {
	var w io.Writer = x.pty
	if mute {
		w = io.Discard
	}
	_, _ = io.Copy(w, x.emu)
}

// until waits for ok, which is given the screen and may look at the terminal's
// modes.
func (x *terminal) until(what string, ok func(screen string) bool) {
	x.t.Helper()
	deadline := time.After(patience)
	for {
		x.mu.Lock()
		screen, changed, ended := x.emu.String(), x.changed, x.ended
		there := ok(screen)
		x.mu.Unlock()
		if there {
			return
		}
		if ended {
			x.t.Fatalf("the program ended before %s:\n%s", what, screen)
		}
		select {
		case <-changed:
		case <-deadline:
			x.t.Fatalf("no %s within %v:\n%s", what, patience, screen)
		}
	}
}

func (x *terminal) shows(parts ...string) {
	x.t.Helper()
	x.until(fmt.Sprintf("%q on the screen", parts), func(screen string) bool {
		for _, p := range parts {
			if !strings.Contains(screen, p) {
				return false
			}
		}
		return true
	})
}

func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.emu.String()
}

func (x *terminal) keys(s string) {
	x.t.Helper()
	if _, err := x.pty.WriteString(s); err != nil {
		x.t.Fatal(err)
	}
}

func (x *terminal) resize(w, h int) {
	x.t.Helper()
	x.mu.Lock()
	x.emu.Resize(w, h)
	x.mu.Unlock()
	x.resizePTY(w, h)
}

func (x *terminal) resizePTY(w, h int) {
	if err := pty.Setsize(x.pty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		x.t.Fatal(err)
	}
}

// exit waits for the end of the program and of its output, and returns the exit code.
func (x *terminal) exit() int {
	x.t.Helper()
	deadline := time.After(patience)
	for {
		x.mu.Lock()
		changed, ended, code, screen := x.changed, x.ended, x.code, x.emu.String()
		x.mu.Unlock()
		if ended {
			return code
		}
		select {
		case <-changed:
		case <-deadline:
			x.t.Fatalf("still running after %v:\n%s", patience, screen)
		}
	}
}

// restored fails where the program did not leave the terminal as it found it.
func (x *terminal) restored() {
	x.t.Helper()
	now, err := term.GetState(x.pty.Fd())
	if err != nil {
		x.t.Fatal(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	var wrong []error
	if x.alt {
		wrong = append(wrong, errors.New("the alternate screen is still there"))
	}
	if !x.cursor {
		wrong = append(wrong, errors.New("the cursor is hidden"))
	}
	for _, mode := range []int{1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 2004} {
		if x.modes[mode] {
			wrong = append(wrong, fmt.Errorf("private mode %d (mouse, focus or paste) is on", mode))
		}
	}
	if !reflect.DeepEqual(now, x.cooked) {
		wrong = append(wrong, errors.New("the line settings (stty) have changed"))
	}
	if err := errors.Join(wrong...); err != nil {
		x.t.Errorf("%v\n%s", err, x.emu.String())
	}
}
