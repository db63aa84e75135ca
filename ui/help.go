package ui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
)

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

// helpRows is every binding by groups, in columns, then how to read the screen.
func (t *theme) helpRows(k *keyMap, gaps []string, w int) []string {
	legend := legend
	if k.markOn.Enabled() {
		legend = append(slices.Clone(legend), timelineLegend...)
	}
	var blocks [][]string
	groups := slices.DeleteFunc(k.groups(), func(g keyGroup) bool { return !slices.ContainsFunc(g.bindings, key.Binding.Enabled) })
	columns := max(min(w/helpColumn, len(groups)), 1)
	each := min((w-1)/columns, 40)
	for _, g := range groups {
		blocks = append(blocks, t.helpGroup(g, each))
	}
	out := t.beside(blocks, columns, each, w)
	for _, note := range legend {
		for i, row := range wrap(note[1], w-13, 3) {
			l := t.line(w, false).skip(markerWidth)
			if i == 0 {
				l.text(inkAccent, note[0])
			}
			out = append(out, l.skip(12-(w-l.left)).text(inkDim, row).done())
		}
	}
	if len(gaps) > 0 {
		out = append(out, t.line(w, false).done(), t.line(w, false).skip(1).text(inkStrong, "NOT READ").done())
	}
	for _, g := range gaps {
		for _, row := range wrap(g, w-3, 2) {
			out = append(out, t.line(w, false).skip(markerWidth).text(inkWarning, row).done())
		}
	}
	return out
}

const helpColumn = 26

// legend is how to read the screen.
var legend = [][2]string{
	{"1–7", "states, destinations, services, sysctls, local ports, findings, owners"},
	{"pressure", "ports in use that are not reusable, of all a destination can have"},
	{"free", "connect() calls that the kernel grants now; ≤ an upper bound"},
	{"reusable", "TIME-WAITs that the kernel hands out again (tcp_tw_reuse)"},
	{"filter", "10.0.0.0/8  :4001  127.0.0.1:4001  state:time-wait  word  !word  pid:2872  comm:nginx  unit:nginx.service  container:3f2a"},
	{unknown, "not known; never zero"},
}

// timelineLegend is how to read the timeline of a replay.
var timelineLegend = [][2]string{
	{"timeline", "pressure of the worst destination, from 0 to 100 %"},
	{"C W N", "there a finding begins, or becomes critical, warning, notice"},
	{"c w n", "there one ends; between them ━ critical  ─ warning  ┄ notice"},
}

// helpView shows the help from some row on: on a small screen it scrolls.
func (m *Model) helpView(rows int) []string {
	all := m.theme.helpRows(&m.keys, m.gaps(), m.width)
	about := "any other key goes back"
	if len(all) <= rows-1 {
		about = "any key goes back"
	}
	if v := clean(m.options.Version); v != "" {
		about = "twtop " + v + " · " + about
	}
	out := []string{m.theme.heading(m.width, true, 0, "HELP", about)}
	return m.theme.fill(append(out, all[min(m.helpFrom, max(len(all)-rows+1, 0)):]...), m.width, rows)
}

// scrollHelp takes the movements while the help does not fit; any other key
// closes it.
func (m *Model) scrollHelp(mo motion) {
	n, page := len(m.theme.helpRows(&m.keys, m.gaps(), m.width)), m.height-3
	by := map[motion]int{motionUp: -1, motionDown: 1, motionPageUp: -page, motionPageDown: page, motionHome: -n, motionEnd: n}[mo]
	if by == 0 || n <= page {
		m.help = false
		return
	}
	m.helpFrom = max(min(m.helpFrom+by, n-page), 0)
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
