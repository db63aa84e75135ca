package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// page writes lines of at most width cells; wrap cleans them, line does not.
// After an error it writes nothing more; end tells.
type page struct {
	w     *bufio.Writer
	width int
}

func newPage(w io.Writer, width int) *page { return &page{bufio.NewWriter(w), width} }

// end returns the first error of all writing, which bufio.Writer keeps.
func (p *page) end() error { return p.w.Flush() }

func (p *page) blank() { _ = p.w.WriteByte('\n') }

func (p *page) title(s string) {
	p.blank()
	p.line(s)
}

// line writes s, which holds nothing from outside but what was cleaned; it is
// cut where it is too long.
func (p *page) line(s string) {
	_, _ = p.w.WriteString(strings.TrimRight(ansi.Truncate(s, p.width, "…"), " "))
	p.blank()
}

// wrap cleans s and writes it in as many lines as it needs: the first behind
// indent, the others two cells further in.
func (p *page) wrap(indent, s string) {
	for i, line := range fold(source.Clean(s, valueLimit), p.width-len(indent)-2) {
		if i == 1 {
			indent += "  "
		}
		p.line(indent + line)
	}
}

// fold breaks s into lines of at most width cells, between words. A word that
// is longer than a line is broken where the line ends.
func fold(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(s, " ") {
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) > width {
			lines, line = append(lines, line), ""
		}
		for ansi.StringWidth(word) > width {
			head := ansi.Truncate(word, width, "")
			lines, word = append(lines, head), word[len(head):]
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// count writes n with a comma for every thousand.
func count(n int) string { return diagnosis.Grouped(n) }

// plural writes n and what is counted, which takes an s.
func plural(n int, what string) string { return diagnosis.Plural(n, what) }

// maybe writes a figure that may be unknown.
func maybe(n *int) string {
	if n == nil {
		return "unknown"
	}
	return count(*n)
}
