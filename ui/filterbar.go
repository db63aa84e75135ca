package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// filterBar is the line in which a filter is typed. It holds live: each key
// filters, and where the words make no sense yet the last good filter stays.
//
//	/ state:time-wait :4001▏                       the word "stat:" is not known
type filterBar struct {
	editor editor
	typing bool
	filter diagnosis.Filter
	expr   string // the filter in force, "" for none
	err    string
}

func newFilterBar(expr string) filterBar {
	var b filterBar
	b.editor.set(clean(expr))
	b.parse()
	return b
}

// clear takes every row again.
func (b *filterBar) clear() {
	b.editor.set("")
	b.parse()
}

// update takes a key while typing; changed tells that another filter is in force.
func (b *filterBar) update(msg tea.KeyMsg) (changed bool) {
	switch msg.Type {
	case tea.KeyEnter: // what is no filter stays to be mended
		b.typing = b.err != ""
		return false
	case tea.KeyEsc:
		b.typing = false
		had := b.expr != ""
		b.clear()
		return had
	}
	before := b.editor.value()
	b.editor.press(msg)
	return b.editor.value() != before && b.parse()
}

// parse puts the typed filter in force if it is one.
func (b *filterBar) parse() (changed bool) {
	f, err := diagnosis.ParseFilter(b.editor.value())
	b.err = ""
	if err != nil {
		b.err = clean(err.Error())
		return false
	}
	changed = b.expr != b.editor.value()
	b.filter, b.expr = f, b.editor.value()
	return changed
}

// about is the filter as the panes' headings tell it.
func (b *filterBar) about() string {
	if b.expr == "" {
		return ""
	}
	return " · filter " + b.expr
}

// line draws the bar: the typed words, the cursor, and what is wrong with them.
func (b *filterBar) line(t *theme, w int) string {
	l := t.line(w, false).text(inkAccent, " / ")
	head := string(b.editor.text[:b.editor.at])
	for room := max(l.left/2, l.left-30); width(head) > room && head != ""; {
		head = string([]rune(head)[1:])
	}
	l.text(inkStrong, head).text(inkAccent, "▏").text(inkStrong, string(b.editor.text[b.editor.at:]))
	switch {
	case b.err != "":
		l.skip(2).text(inkWarning, b.err)
	case len(b.editor.text) == 0:
		l.text(inkDim, " 10.0.0.0/8  :4001  127.0.0.1:4001  state:time-wait  comm:nginx  !word · Esc clears")
	}
	return l.done()
}
