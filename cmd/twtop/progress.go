package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// progress is a line on a terminal that is written over and over. It takes no
// escape sequence, so that every terminal can show it. Where there is no
// terminal nothing is shown.
type progress struct {
	w     io.Writer // nil: no terminal
	width func() int
	shown int // cells of the line that is there
}

func progressOn(f *os.File) *progress {
	if !term.IsTerminal(f.Fd()) {
		return &progress{}
	}
	return &progress{w: f, width: func() int {
		width, _, err := term.GetSize(f.Fd())
		if err != nil || width <= 0 { // a serial console does not tell its size
			return helpWidth
		}
		return width
	}}
}

// on reports whether anybody sees it.
func (p *progress) on() bool { return p.w != nil }

// show writes the line, and nothing in the last column: some terminals wrap then.
func (p *progress) show(line string) {
	if !p.on() {
		return
	}
	line = ansi.Truncate(line, max(p.width()-1, 0), "…")
	cells := ansi.StringWidth(line)
	fmt.Fprint(p.w, "\r"+line+strings.Repeat(" ", max(p.shown-cells, 0)))
	p.shown = cells
}

// end leaves a last line there.
func (p *progress) end(line string) {
	if !p.on() {
		return
	}
	p.show(line)
	fmt.Fprintln(p.w)
	p.shown = 0
}

// wipe takes the line away: something else is to be written there.
func (p *progress) wipe() {
	if p.shown > 0 {
		p.show("")
		fmt.Fprint(p.w, "\r")
	}
}
