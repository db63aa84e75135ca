package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
)

// terminal is what a program writes to, and keys that arrive when they are sent.
type terminal struct {
	mu  sync.Mutex
	out bytes.Buffer
	io.Reader
	keys *io.PipeWriter
}

func newTerminal() *terminal {
	r, w := io.Pipe()
	return &terminal{Reader: r, keys: w}
}

func (t *terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Write(b)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.String()
}

// runs starts the screen and waits until it has entered the alternate screen.
func runs(t *testing.T, ctx context.Context, o Options) (*terminal, <-chan error) {
	t.Helper()
	term := newTerminal()
	o.Output, o.Input, o.Getenv = term, term, func(string) string { return "" }
	o.Now, o.CPU = time.Now, nil // the play's clocks move in the reader's goroutine
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, o) }()
	waitFor(t, "the alternate screen", func() bool { return strings.Contains(term.String(), "\x1b[?1049h") })
	return term, ended
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no sign of %s", what)
		}
	}
}

// wantRestored: the program has left the alternate screen, shown the cursor
// again and given the mouse back.
func wantRestored(t *testing.T, term *terminal, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		for _, s := range []string{"\x1b[?1049l", "\x1b[?25h", "\x1b[?1002l", "\x1b[?1006l"} {
			if !strings.Contains(term.String(), s) {
				t.Errorf("%q was not written at the end", s)
			}
		}
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("Run does not return")
		return nil
	}
}

func TestRunUntilQuit(t *testing.T) {
	term, ended := runs(t, t.Context(), testOptions(scenario("healthy")))
	_, _ = term.keys.Write([]byte("q"))
	if err := wantRestored(t, term, ended); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestRunUntilTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	term, ended := runs(t, ctx, testOptions(scenario("healthy")))
	cancel()
	if err := wantRestored(t, term, ended); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// The source's error is shown, and is what Run returns after q.
func TestRunReturnsTheSourcesError(t *testing.T) {
	o := testOptions(healthy())
	o.Source = &scripted{give: func(int) (*source.Snapshot, error) { return nil, errors.New("no such namespace") }}
	term, ended := runs(t, t.Context(), o)
	waitFor(t, "the error", func() bool { return strings.Contains(term.String(), "no such namespace") })
	_, _ = term.keys.Write([]byte("q"))
	if err := wantRestored(t, term, ended); err == nil || !strings.Contains(err.Error(), "no such namespace") {
		t.Errorf("Run: %v", err)
	}
}

// A read that hangs does not keep the program from ending, and its context ends.
func TestRunEndsDuringARead(t *testing.T) {
	o := testOptions(healthy())
	reading, released := make(chan struct{}), make(chan struct{})
	o.Source = &hanging{reading, released}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	term, ended := runs(t, ctx, o)
	<-reading
	_, _ = term.keys.Write([]byte("q"))
	if err := wantRestored(t, term, ended); err != nil {
		t.Errorf("Run: %v", err)
	}
	select {
	case <-released:
	case <-time.After(20 * time.Second):
		t.Error("the read's context did not end")
	}
}

type hanging struct{ reading, released chan struct{} }

func (h *hanging) Read(ctx context.Context) (*source.Snapshot, error) {
	close(h.reading)
	<-ctx.Done()
	close(h.released)
	return nil, ctx.Err()
}

func (h *hanging) Close() error { return nil }

func TestRunRefusesAnUnknownTheme(t *testing.T) {
	o := testOptions(healthy())
	o.Output, o.Theme = io.Discard, "solarized\x1b[31m"
	if err := Run(t.Context(), o); err == nil || err.Error() != `theme "solarized": want auto, dark, light or mono` {
		t.Errorf("Run: %v", err)
	}
}

func TestRunNeedsATerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	o := testOptions(healthy())
	o.Output = w
	if err := Run(t.Context(), o); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("Run over a pipe: %v", err)
	}
}

// A bug in drawing gives the terminal back too: Bubble Tea sees to it as long as
// its panic catching is on.
func TestPanicRestoresTheTerminal(t *testing.T) {
	term := newTerminal()
	o := testOptions(scenario("healthy"))
	o.Output, o.Input, o.Now, o.CPU = term, term, time.Now, nil
	m := New(o)
	m.dests.columns = nil // any width makes heads index it
	m.dests.sort.column = 7
	ended := make(chan error, 1)
	go func() {
		p := tea.NewProgram(m, append(programOptions(t.Context(), o), tea.WithoutSignals())...)
		go p.Send(tea.WindowSizeMsg{Width: 120, Height: 40})
		_, err := p.Run()
		ended <- ending(t.Context(), m, err)
	}()
	if err := wantRestored(t, term, ended); err == nil {
		t.Error("a panic is no error")
	}
}

func TestClipboardSequence(t *testing.T) {
	var b bytes.Buffer
	copyTo(&b, "ss -tan")()
	if got := b.String(); got != "\x1b]52;c;c3MgLXRhbg==\x07" {
		t.Errorf("%q", got)
	}
}

// A change of sysctls that is under way when the program is told to end is
// stopped and waited for, and what became of it is told.
func TestRunWaitsForAnApply(t *testing.T) {
	t.Parallel()
	p := scenario("exhausted")
	tuner := &fakeTuner{p: p, hold: make(chan struct{}), began: make(chan struct{}), now: time.Now}
	o := testOptions(p)
	o.Source, o.Tuner = &scripted{give: func(int) (*source.Snapshot, error) { return p.snapshot(), nil }}, tuner
	o.Interval = time.Hour // the play is the tuner's as well
	ctx, cancel := context.WithCancel(t.Context())
	term, ended := runs(t, ctx, o)
	waitFor(t, "the first frame", func() bool { return strings.Contains(term.String(), "CRITICAL") })
	for _, k := range []struct{ key, then string }{{"a", "PLAN"}, {"y", "writing"}} {
		time.Sleep(settle + 100*time.Millisecond)
		_, _ = term.keys.Write([]byte(k.key))
		waitFor(t, k.then, func() bool { return strings.Contains(term.String(), k.then) })
	}
	<-tuner.began
	cancel()
	if err := wantRestored(t, term, ended); err == nil || !strings.Contains(err.Error(), "nothing had been changed") {
		t.Errorf("Run: %v", err)
	}
}
