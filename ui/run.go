package ui

import (
	"cmp"
	"context"
	"errors"
	"os"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	_ "github.com/359a26c5/twtop/ui/noquery" // before Bubble Tea's init
)

// ErrNoTerminal says that there is nothing to draw on.
var ErrNoTerminal = errors.New("standard output is not a terminal: use `twtop snapshot` for text or JSON")

// Run shows the screen until the person quits or ctx ends; the terminal is as
// before in either case, and after a panic. Signals are the caller's, who ends
// ctx: Bubble Tea's own handler knows no SIGHUP, and hangs where ctx ends before
// it has told the program of a signal. The error is the source's last one, a
// *source.PanicError among them, or that there is no terminal. Run does not
// close the source.
func Run(ctx context.Context, o Options) error {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	if f, ok := o.Output.(term.File); ok && !term.IsTerminal(f.Fd()) {
		return ErrNoTerminal
	}
	depth := colorDepth(o.Output, o.Getenv)
	if _, err := themeFor(o.Theme, depth, o.Getenv); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends a read that is still under way
	m := newModel(ctx, o, depth)
	m.copy = func(s string) tea.Cmd { return copyTo(o.Output, s) }
	p := tea.NewProgram(m, programOptions(ctx, o)...)
	go tellContinued(ctx, p.Send)
	_, err := p.Run()
	err = ending(ctx, m, err)
	return cmp.Or(err, m.tune.await())
}

// framesPerSecond bounds how often the screen is written: a key is answered
// within 33 ms, and an idle screen wakes up half as often as by default.
const framesPerSecond = 30

func programOptions(ctx context.Context, o Options) []tea.ProgramOption {
	p := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithOutput(o.Output), tea.WithAltScreen(),
		tea.WithMouseCellMotion(), tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler(),
	}
	if o.Input != nil {
		p = append(p, tea.WithInput(o.Input))
	}
	return p
}

// ending is what Run returns: why the screen ended, unless it was asked to. An
// error that may pass is worth telling only where nothing else was ever shown.
func ending(ctx context.Context, m *Model, err error) error {
	switch x := m.trouble; {
	case x.final, x.err != nil && m.frame == nil:
		return x.err
	case ctx.Err() != nil || errors.Is(err, tea.ErrInterrupted):
		return nil
	}
	return err
}
