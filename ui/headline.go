package ui

import (
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// The first thing to read: how bad it is and where, with the figures.
//
//	┃ CRITICAL  127.0.0.1 → 127.0.0.1:4001 has no local port left
//	┃           28,104 of its 28,232 ports are in TIME-WAIT for up to 60 s
func (t *theme) headline(h *diagnosis.Headline, w, rows int) []string {
	word := strings.ToUpper(h.Severity.String())
	mark, text := badge(h.Severity)
	indent := 2 + len(word) + 3
	if w < 60 {
		indent = 2
	}
	first := w - 2 - len(word) - 3 - 1
	lines := wrapAfter(h.Text, first, w-indent-1, max(rows-1, 1))
	figures := wrap(h.Evidence, w-indent-1, rows-len(lines))
	var out []string
	for i, s := range append(lines, figures...) {
		l := t.line(w, false).text(text, "┃ ")
		if i == 0 {
			l.text(mark, " "+word+" ").skip(1).text(text, s)
		} else {
			k := inkPlain
			if i < len(lines) {
				k = text
			}
			l.skip(indent-2).text(k, s)
		}
		out = append(out, l.done())
	}
	return t.fill(out, w, rows)
}

// wrapAfter wraps s where the first row has less room than the others.
func wrapAfter(s string, first, others, rows int) []string {
	if rows <= 1 || width(s) <= first {
		return []string{cut(s, first)}
	}
	head := wrap(s, first, 2)
	if len(head) < 2 || len(head[0]) >= len(s) {
		return head
	}
	rest := s[len(head[0]):]
	for rest != "" && rest[0] == ' ' {
		rest = rest[1:]
	}
	return append(head[:1], wrap(rest, others, rows-1)...)
}
