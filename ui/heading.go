package ui

import "strconv"

// heading is the first row of a pane: the key that leads to it, its name and
// what it shows. The rule is heavy where the focus is.
//
//	━ [2] DESTINATIONS ━ 12 · by PRESSURE ▼ ━━━━━━━━━━━━
func (t *theme) heading(w int, focused bool, number area, name, about string) string {
	rule, k, title := "─", inkDim, inkStrong
	if focused {
		rule, k, title = "━", inkAccent, inkAccent
	}
	l := t.line(w, false).text(k, rule)
	if number > 0 {
		l.text(k, " ["+strconv.Itoa(int(number))+"]")
	}
	l.text(title, " "+name+" ")
	if about != "" {
		l.text(k, rule).text(inkDim, " "+cut(about, max(l.left-3, 0))+" ")
	}
	return l.repeat(k, rule, max(l.left-1, 0)).done()
}
