package explain

import (
	"strings"
	"unicode/utf8"
)

// codeIndent sets code off from the text.
const codeIndent = "    "

// Lines draws a page as plain text of width columns. Code is kept as it is,
// however long, and so is a word that is longer than a line. The pages have no
// character that is wider than one cell.
func (p *Page) Lines(width int) []string {
	out := []string{p.Title}
	last := Heading // a blank line is due after the title
	for i, b := range p.Blocks {
		if i == 0 || b.Kind == Heading || last != Heading && blank(last, b.Kind) {
			out = append(out, "")
		}
		switch b.Kind {
		case Heading:
			out = append(out, strings.ToUpper(b.Text))
		case Paragraph:
			out = append(out, wrap(b.Text, width)...)
		case Item:
			for j, line := range wrap(b.Text, width-2) {
				out = append(out, [2]string{"- ", "  "}[min(j, 1)]+line)
			}
		case Code:
			out = append(out, strings.TrimRight(codeIndent+b.Text, " "))
		}
		last = b.Kind
	}
	return out
}

// wrap breaks text at blanks into lines of at most width characters; a longer
// word gets a line of its own.
func wrap(text string, width int) []string {
	var out []string
	line, cells := "", 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case cells == 0:
			line, cells = word, n
		case cells+1+n <= width:
			line, cells = line+" "+word, cells+1+n
		default:
			out = append(out, line)
			line, cells = word, n
		}
	}
	return append(out, line)
}

// blank says whether a blank line stands between two blocks. Code follows at
// once what it belongs to.
func blank(above, below BlockKind) bool {
	return below != Code && (above != below || below == Paragraph)
}
