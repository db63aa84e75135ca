package ui

import (
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// narrowWidth is below which a sentence with two addresses has no room.
const narrowWidth = 60

// narrowed is a headline for a narrow screen: of the destination it speaks of
// only the far end, shortened if need be.
func narrowed(h diagnosis.Headline, r *diagnosis.Report) diagnosis.Headline {
	if h.Destination >= 0 {
		d := &r.Destinations[h.Destination]
		h.Text = strings.Replace(h.Text, d.String(), squeeze(endpoint(d.Remote, d.Device), narrowAddress), 1)
	}
	return h
}

const narrowAddress = 26

// The first thing to read: how bad it is and where, with the figures.
//
//	┃ CRITICAL  127.0.0.1 → 127.0.0.1:4001 has no local port left
//	┃           28,104 of its 28,232 ports are in TIME-WAIT for up to 60 s
func (t *theme) headline(f *frame, w, rows int) []string {
	h := &f.headline
	if w < narrowWidth {
		h = &f.narrow
	}
	word := strings.ToUpper(h.Severity.String())
	mark, text := badge(h.Severity)
	indent := 2 + len(word) + 3
	if w < narrowWidth {
		indent = 2
	}
	first := w - 2 - len(word) - 3 - 1
	most := max(rows-1, 1)
	if w < narrowWidth || h.Evidence == "" {
		most = rows // the point of the sentence before its figures
	}
	lines := wrapAfter(h.Text, first, w-indent-1, most)
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
