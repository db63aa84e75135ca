package ui

import (
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// narrowWidth is below which a sentence with two addresses has no room.
const narrowWidth = 60

// cleanHeadline makes the headline of a report fit to be shown. What it points
// to is -1 where that is not there.
func cleanHeadline(r *diagnosis.Report) diagnosis.Headline {
	h := r.Headline
	h.Text, h.Evidence, h.Action = clean(h.Text), clean(h.Evidence), clean(h.Action)
	if h.Destination < 0 || h.Destination >= len(r.Destinations) {
		h.Destination = -1
	}
	if h.Finding < 0 || h.Finding >= len(r.Findings) {
		h.Finding = -1
	}
	return h
}

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

// withPlan names the key to the plan after what helps now.
func withPlan(action string) string {
	now, cure, two := strings.Cut(action, " · ")
	switch {
	case !strings.HasPrefix(now, "now: "):
		return action
	case two:
		return now + " [a] plan · " + cure
	}
	return now + " [a] plan"
}

// pointer says which key leads to the findings. Of those that the headline does
// not tell, long has the ids, short the number; both are "" where there is none.
type pointer struct{ long, short string }

func pointTo(h *diagnosis.Headline, all []diagnosis.Finding) pointer {
	switch n := len(all); {
	case n == 0:
		return pointer{}
	case h.Finding < 0:
		s := "[6] " + diagnosis.Plural(n, "finding")
		return pointer{s, s}
	case n == 1:
		return pointer{"[6] how", "[6] how"}
	default:
		return pointer{"[6] how · also " + strings.Join(otherIDs(h, all), ", "),
			"[6] how · +" + diagnosis.Plural(n-1, "more finding")}
	}
}

// otherIDs are those of the findings that the headline does not tell, once each.
func otherIDs(h *diagnosis.Headline, all []diagnosis.Finding) []string {
	var ids []string
	for i := range all {
		if id := string(all[i].ID); i != h.Finding && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// The first thing to read: how bad it is and where, with the figures, and what
// to do.
//
//	┃ CRITICAL  127.0.0.1 → 127.0.0.1:4001 has no local port left
//	┃           28,104 of its 28,232 ports are in TIME-WAIT for up to 60 s
//	┃           now: net.ipv4.tcp_tw_reuse 0 → 1 · cure: keepalive
//	┃                                       [6] how · also slow-connect
func (t *theme) headline(f *frame, w, rows int) []string {
	h := &f.headline
	if w < narrowWidth {
		h = &f.narrow
	}
	word := strings.ToUpper(h.Severity.String())
	mark, text := badge(h.Severity)
	p := planHeadline(h, w, rows, width(word))
	var lines []*line
	add := func(k ink, rows []string) {
		for _, s := range rows {
			l := t.line(w, false).text(text, "┃ ")
			if len(lines) == 0 {
				l.text(mark, " "+word+" ").skip(1).text(text, s)
			} else {
				l.skip(p.indent-2).text(k, s)
			}
			lines = append(lines, l)
		}
	}
	add(text, p.text)
	add(inkPlain, p.evidence)
	add(inkAccent, p.action)
	if n := len(lines); f.pointer.long != "" && n > 0 && n < rows && !lines[n-1].hasRoom(f.pointer.long) {
		add(inkPlain, []string{""})
	}
	if !point(lines, f.pointer.long) {
		point(lines, f.pointer.short)
	}
	out := make([]string, 0, rows)
	for _, l := range lines {
		out = append(out, l.done())
	}
	return t.fill(out, w, rows)
}

// point writes s at the right end of the last row that has room for it, if one
// has.
func point(lines []*line, s string) bool {
	for i := len(lines) - 1; i >= 0 && s != ""; i-- {
		if l := lines[i]; l.hasRoom(s) {
			l.skip(l.left-width(s)-1).text(inkDim, s)
			return true
		}
	}
	return false
}

// hasRoom reports whether s has room at the right end, apart from what is there.
func (l *line) hasRoom(s string) bool { return l.left >= width(s)+3 }

// headlinePlan is the rows of a headline, wrapped.
type headlinePlan struct {
	indent                 int
	text, evidence, action []string
}

// planHeadline shares rows out: what to do comes first, then what it is, and
// the evidence has what is left.
func planHeadline(h *diagnosis.Headline, w, rows, word int) headlinePlan {
	p := headlinePlan{indent: 2 + word + 3}
	first := w - p.indent - 1
	if w < narrowWidth {
		p.indent = 2
	}
	room := w - p.indent - 1
	acts := 2
	switch {
	case w < narrowWidth && rows < 3:
		acts = 0 // of two short rows the sentence needs both
	case rows < 4:
		acts = min(rows-1, 1)
	}
	p.action = actionRows(h.Action, room, acts)
	rows -= len(p.action)
	most := max(rows-1, 1)
	if w < narrowWidth || h.Evidence == "" {
		most = rows // the point of the sentence before its figures
	}
	p.text = wrapAfter(h.Text, first, room, most)
	p.evidence = wrapWhole(h.Evidence, room, rows-len(p.text))
	return p
}

// actionRows wraps what to do into at most n rows: where one is too short,
// between what helps now and what cures it if that does.
func actionRows(s string, w, n int) []string {
	now, cure, two := strings.Cut(s, " · ")
	if two && n == 2 && width(s) > w && width(now) <= w && width(cure) <= w {
		return []string{now, cure}
	}
	return wrap(s, w, n)
}

// wrapWhole wraps s into at most n rows; what is too much is left out by whole
// clauses, so that no figure loses what it counts.
func wrapWhole(s string, w, n int) []string {
	out := wrap(s, w, n+1)
	for len(out) > n {
		at := max(strings.LastIndex(s, ", "), strings.LastIndex(s, "; "))
		if at < 0 {
			return wrap(s, w, n)
		}
		s = s[:at]
		if open := strings.LastIndexByte(s, '('); open > strings.LastIndexByte(s, ')') {
			s = strings.TrimRight(s[:open], " ") // nor half of what is in brackets
		}
		out = wrap(s+"…", w, n+1)
	}
	return out
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
