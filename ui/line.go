package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// width is the number of terminal cells s takes. Everything on the screen is
// measured by it.
func width(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// cut shortens s to at most w cells, the last one an ellipsis.
func cut(s string, w int) string {
	switch {
	case w <= 0:
		return ""
	case width(s) <= w:
		return s
	}
	return ansi.Truncate(s, w, "…")
}

// line is one row of a pane while it is being written, exactly as wide as it
// was asked for in the end.
type line struct {
	b    strings.Builder
	set  *inkSet
	open ink
	left int // cells still to fill
}

// line starts a row of w cells; a lit one is that under the cursor.
func (t *theme) line(w int, lit bool) *line {
	l := &line{left: max(w, 0), open: inkNone, set: &t.inks}
	if lit {
		l.set = &t.lit
	}
	l.b.Grow(w + 32)
	return l
}

// use switches to an ink, closing the one before.
func (l *line) use(k ink) {
	if k == l.open {
		return
	}
	l.b.WriteString(l.set[l.open].close)
	l.b.WriteString(l.set[k].open)
	l.open = k
}

// text writes s, cut off at the end of the line.
func (l *line) text(k ink, s string) *line {
	if l.left <= 0 || s == "" {
		return l
	}
	w := width(s)
	if w > l.left {
		s = cut(s, l.left)
		w = width(s)
	}
	l.use(k)
	l.b.WriteString(s)
	l.left -= w
	return l
}

// cell writes s in exactly w cells, to the left of them or to the right.
func (l *line) cell(k ink, s string, w int, right bool) *line {
	w = min(w, l.left)
	n := width(s)
	if n > w {
		s = cut(s, w)
		n = width(s)
	}
	if right {
		l.skip(w - n)
	}
	l.text(k, s)
	if !right {
		l.skip(w - n)
	}
	return l
}

const blanks = "                                                                                "

// skip leaves n cells blank.
func (l *line) skip(n int) *line { return l.repeat(inkPlain, " ", n) }

// repeat writes the one-cell string s n times.
func (l *line) repeat(k ink, s string, n int) *line {
	n = min(n, l.left)
	if n <= 0 {
		return l
	}
	l.use(k)
	l.left -= n
	if s == " " {
		for ; n > len(blanks); n -= len(blanks) {
			l.b.WriteString(blanks)
		}
		l.b.WriteString(blanks[:n])
		return l
	}
	for ; n > 0; n-- {
		l.b.WriteString(s)
	}
	return l
}

// done fills what is left and returns the row.
func (l *line) done() string {
	l.skip(l.left)
	l.use(inkNone)
	return l.b.String()
}

// fill makes rows exactly h rows of w cells, with blank ones where it is short.
func (t *theme) fill(rows []string, w, h int) []string {
	for len(rows) < h {
		rows = append(rows, t.line(w, false).done())
	}
	return rows[:max(h, 0)]
}

// wrap breaks s at spaces into rows of at most w cells; the last of at most
// rows rows is cut where there is more.
func wrap(s string, w, rows int) []string {
	var out []string
	for s != "" && rows > 0 && w > 0 {
		if rows == 1 || width(s) <= w {
			return append(out, cut(s, w))
		}
		head := ansi.Truncate(s, w+1, "")
		at := strings.LastIndexByte(head, ' ')
		if at <= 0 {
			head = ansi.Truncate(s, w, "")
			at = len(head)
			if at == 0 {
				return out
			}
		}
		out = append(out, strings.TrimRight(s[:at], " "))
		s = strings.TrimLeft(s[at:], " ")
		rows--
	}
	return out
}
