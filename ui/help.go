package ui

import "github.com/charmbracelet/bubbles/key"

// keyLine is the last row of the screen: the keys that matter now, as many as
// there is room for. A disabled binding is left out.
func (t *theme) keyLine(bindings []key.Binding, w int) string {
	l := t.line(w, false)
	for _, b := range bindings {
		if !b.Enabled() {
			continue
		}
		h := b.Help()
		if need := width(h.Key) + width(h.Desc) + 3; need > l.left {
			continue
		}
		l.skip(1).text(inkAccent, h.Key).skip(1).text(inkDim, h.Desc).skip(1)
	}
	return l.done()
}

// helpScreen is every binding by groups, in as many columns as there is room
// for, then how to read the screen.
func (t *theme) helpScreen(k *keyMap, gaps []string, w, h int) []string {
	out := []string{t.heading(w, true, 0, "HELP", "any key goes back")}
	blocks := make([][]string, 0, 8)
	columns := max(w/46, 1)
	each := (w - 1) / columns
	for _, g := range k.groups() {
		blocks = append(blocks, t.helpGroup(g, each))
	}
	out = append(out, t.beside(blocks, columns, each, w)...)
	for _, note := range legend {
		l := t.line(w, false).skip(markerWidth).cell(inkAccent, note[0], 12, false)
		out = append(out, l.text(inkDim, note[1]).done())
	}
	if len(gaps) > 0 {
		out = append(out, t.line(w, false).done(), t.line(w, false).skip(1).text(inkStrong, "NOT READ").done())
	}
	for _, g := range gaps {
		for _, row := range wrap(g, w-3, 2) {
			out = append(out, t.line(w, false).skip(markerWidth).text(inkWarning, row).done())
		}
	}
	return t.fill(out, w, h)
}

var legend = [...][2]string{
	{"pressure", "ports in use that are not reusable, of all a destination can have"},
	{"free", "connect() calls that the kernel grants now; ≤ marks an upper bound"},
	{"reusable", "TIME-WAITs that the kernel hands out again (tcp_tw_reuse)"},
	{unknown, "not known; never zero"},
}

func (t *theme) helpGroup(g keyGroup, w int) []string {
	out := []string{t.line(w, false).skip(1).text(inkStrong, g.name).done()}
	for _, b := range g.bindings {
		if !b.Enabled() {
			continue
		}
		l := t.line(w, false).skip(markerWidth).cell(inkAccent, b.Help().Key, 10, false)
		out = append(out, l.text(inkDim, b.Help().Desc).done())
	}
	return append(out, t.line(w, false).done())
}

// beside sets blocks in columns, row of blocks by row of blocks.
func (t *theme) beside(blocks [][]string, columns, each, w int) []string {
	var out []string
	for ; len(blocks) > 0; blocks = blocks[min(columns, len(blocks)):] {
		row := blocks[:min(columns, len(blocks))]
		tallest := 0
		for _, b := range row {
			tallest = max(tallest, len(b))
		}
		for y := range tallest {
			s := ""
			for _, b := range row {
				if y < len(b) {
					s += b[y]
				} else {
					s += t.line(each, false).done()
				}
			}
			out = append(out, s+t.line(w-len(row)*each, false).done())
		}
	}
	return out
}

// message fills the screen with one message: nothing to show yet, or an error.
func (t *theme) message(k ink, word, text string, w, h int) []string {
	out := t.fill(nil, w, max(h/3, 0))
	l := t.line(w, false).skip(markerWidth).text(k, word)
	out = append(out, l.done())
	for _, row := range wrap(text, w-4, 6) {
		out = append(out, t.line(w, false).skip(markerWidth).text(inkPlain, row).done())
	}
	return t.fill(out, w, h)
}
