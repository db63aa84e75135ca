package ui

import (
	"strings"

	"github.com/359a26c5/twtop/source/explain"
)

// piece is text in one ink.
type piece struct {
	k    ink
	text string
}

// document is text wrapped into rows of w cells, to be scrolled through.
type document struct {
	w     int
	rows  []docRow
	pages int // the row that the pages begin at
}

// docRow is one row; copies is what the key to copy takes from it, "" for nothing.
type docRow struct {
	indent     int
	mark, text piece
	copies     string
}

func (r *docRow) line(t *theme, w int, lit bool) string {
	l := t.line(w, lit)
	if lit {
		l.text(inkAccent, "▶")
	}
	l.skip(markerWidth + r.indent - (w - l.left))
	if r.mark.text != "" {
		l.text(r.mark.k, r.mark.text).skip(1)
	}
	return l.text(r.text.k, r.text.text).done()
}

// maxDocRows bounds the rows of one paragraph.
const maxDocRows = 256

// put wraps s behind a mark, the first of whose rows stands beside it.
func (d *document) put(mark piece, k ink, s string, indent int) {
	under := indent
	room := d.w - markerWidth - indent - 1
	first := room
	if mark.text != "" {
		first -= width(mark.text) + 1
		if n := width(mark.text) + 1; n <= 6 { // a number, a dot or a short word
			under, room = indent+n, first
		}
	}
	rows := wrapAfter(s, first, room, maxDocRows)
	if len(rows) == 0 {
		rows = []string{""}
	}
	for i, text := range rows {
		row := docRow{indent: under, text: piece{k, text}}
		if i == 0 {
			row.indent, row.mark = indent, mark
		}
		d.rows = append(d.rows, row)
	}
}

func (d *document) blank() { d.rows = append(d.rows, docRow{}) }

func (d *document) title(s string) {
	d.blank()
	d.put(piece{}, inkAccent, s, 0)
}

// code is one row that is not wrapped; copies is the whole block that it is of.
func (d *document) code(s, copies string, indent int) {
	d.rows = append(d.rows, docRow{indent: indent, text: piece{inkOther, s}, copies: copies})
}

// page writes a page of `twtop explain`.
func (d *document) page(p *explain.Page) {
	d.title(strings.ToUpper(p.ID) + ": " + p.Title)
	after := explain.Heading // the kind of the block before
	for i := 0; i < len(p.Blocks); i++ {
		b := &p.Blocks[i]
		if after != explain.Heading && (b.Kind != explain.Item || after == explain.Code) {
			d.blank()
		}
		switch b.Kind {
		case explain.Heading:
			d.put(piece{}, inkStrong, b.Text, 0)
		case explain.Item:
			d.put(piece{inkDim, "·"}, inkPlain, b.Text, 0)
		case explain.Code:
			n := codeLines(p.Blocks[i:])
			block := codeText(p.Blocks[i : i+n])
			for _, c := range p.Blocks[i : i+n] {
				d.code(c.Text, block, 2)
			}
			i += n - 1
		default:
			d.put(piece{}, inkPlain, b.Text, 0)
		}
		after = b.Kind
	}
}

// codeLines is how many lines of code follow one another.
func codeLines(blocks []explain.Block) int {
	for i := range blocks {
		if blocks[i].Kind != explain.Code {
			return i
		}
	}
	return len(blocks)
}

func codeText(lines []explain.Block) string {
	var b strings.Builder
	for i := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(lines[i].Text)
	}
	return b.String()
}

// copyable is what can be copied from a row, or else the first such thing of
// the document.
func (d *document) copyable(row int) string {
	if row >= 0 && row < len(d.rows) && d.rows[row].copies != "" {
		return d.rows[row].copies
	}
	for i := range d.rows {
		if d.rows[i].copies != "" {
			return d.rows[i].copies
		}
	}
	return ""
}
