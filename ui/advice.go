package ui

import (
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/explain"
)

// The detail of a finding: what is wrong, what shows it, what helps in which
// order, and below that the pages that tell how.
//
//	━ port-exhaustion ━ 127.0.0.1 → 127.0.0.1:4001 ━━━━━━━━━━━━━━━━━━━━━━━━━━━
//	   CRITICAL  127.0.0.1 → 127.0.0.1:4001 has no local port left
//	  certain: the kernel's own figures say so
//
//	  WHAT SHOWS IT
//	  · 28,104 of 28,232 ports are in TIME-WAIT
//
//	  WHAT HELPS, IN THIS ORDER
//	  1  set net.ipv4.tcp_tw_reuse to 1 (now 0)
//	     sysctl · enough · 28,118/s are borne, 640/s wanted
//	▶    sysctl -w net.ipv4.tcp_tw_reuse=1

// advicePane shows one finding, as it was last seen.
type advicePane struct {
	list
	shown bool
	gone  bool // the last frame has it no more
	f     diagnosis.Finding
	space namespace
	doc   document
	w     int
	netns string // the namespace's file, if it has to be entered by that
	look  func(id string) (explain.Page, bool)
}

func newAdvicePane(netns string) *advicePane {
	return &advicePane{netns: netns, look: explain.Lookup}
}

func (a *advicePane) isOpen() bool { return a.shown }

// open shows a finding of a frame from its first row; nil is none.
func (a *advicePane) open(f *diagnosis.Finding, in *frame) {
	if f == nil || in == nil {
		return
	}
	*a = advicePane{netns: a.netns, look: a.look, w: a.w, list: list{height: a.height}, shown: true, f: *f}
	a.space = namespace{path: a.netns, name: in.netns}
	a.write()
}

func (a *advicePane) close() { a.shown = false }

// setFrame takes the finding's figures of a new frame.
func (a *advicePane) setFrame(in *frame) {
	if !a.shown {
		return
	}
	a.gone = true
	for i := range in.findings {
		if keyOfFinding(&in.findings[i]) == keyOfFinding(&a.f) {
			a.f, a.gone = in.findings[i], false
			a.write()
			return
		}
	}
}

func (a *advicePane) setSize(w, h int) {
	if w != a.w {
		a.w = w
		a.write()
	}
	a.resize(h - 1)
}

// write makes the rows anew. Who reads the pages stays there, however long the
// evidence has become.
func (a *advicePane) write() {
	if !a.shown {
		return
	}
	before := a.doc.pages
	a.doc = adviceOn(&a.f, a.space, a.w)
	a.doc.pages = len(a.doc.rows)
	for _, id := range pagesOf(&a.f) {
		if p, ok := a.look(id); ok {
			a.doc.page(&p)
		}
	}
	a.n = len(a.doc.rows)
	if by := a.doc.pages - before; a.cursor >= before && before > 0 {
		a.offset += by
		a.cursor += by
	}
	a.clamp()
	a.moveTo(a.cursor)
}

func (a *advicePane) navigate(m motion) {
	page := max(a.height-1, 1)
	switch m {
	case motionUp:
		a.moveTo(a.cursor - 1)
	case motionDown:
		a.moveTo(a.cursor + 1)
	case motionPageUp:
		a.scroll(-page)
		a.moveTo(a.cursor - page)
	case motionPageDown:
		a.scroll(page)
		a.moveTo(a.cursor + page)
	case motionHome:
		a.moveTo(0)
	case motionEnd:
		a.moveTo(a.n - 1)
	}
}

// click puts the cursor on a row; y counts from the heading.
func (a *advicePane) click(y int) {
	if i := a.offset + y - 1; y > 0 && i < a.n {
		a.moveTo(i)
	}
}

// command is what the cursor is on, or else the first command of the finding.
func (a *advicePane) command() string { return a.doc.copyable(a.cursor) }

func (a *advicePane) view(t *theme) []string {
	about := a.f.Subject
	if a.gone {
		about = "gone: it is not found any more · " + about
	}
	out := []string{t.heading(a.w, true, 0, string(a.f.ID), about)}
	for i := a.offset; i < min(a.offset+a.height, a.n); i++ {
		out = append(out, a.doc.rows[i].line(t, a.w, i == a.cursor))
	}
	return t.fill(out, a.w, a.height+1)
}

// sureness says in words how sure a finding is.
var sureness = map[diagnosis.Confidence]string{
	diagnosis.Certain:  "certain: the kernel's own figures say so",
	diagnosis.Likely:   "likely: the figures fit nothing else that is usual",
	diagnosis.Possible: "possible: the figures fit this, and other things as well",
}

// adviceOn writes a finding for w cells.
func adviceOn(f *diagnosis.Finding, space namespace, w int) document {
	d := document{w: w}
	mark, text := badge(f.Severity)
	d.put(piece{mark, " " + strings.ToUpper(f.Severity.String()) + " "}, text, f.Claim, 0)
	d.put(piece{}, inkDim, sureness[f.Confidence], 0)
	d.title("WHAT SHOWS IT")
	for _, e := range f.Evidence {
		d.put(piece{inkDim, "·"}, inkPlain, e, 0)
	}
	d.title("WHAT HELPS, IN THIS ORDER")
	for i := range f.Remedies {
		d.remedy(i+1, &f.Remedies[i], space)
		if page := f.Remedies[i].Page; page != "" && page != string(f.ID) {
			d.put(piece{}, inkDim, "below, and in twtop explain "+page, remedyIndent)
		}
	}
	return d
}

// pagesOf are the pages of the remedies, and the finding's own, each once.
func pagesOf(f *diagnosis.Finding) []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for i := range f.Remedies {
		add(f.Remedies[i].Page)
	}
	add(string(f.ID))
	return out
}

const remedyIndent = 3 // of what stands below a remedy's number

// remedy writes what to do, what it would do here, and the command for it.
func (d *document) remedy(n int, r *diagnosis.Remedy, space namespace) {
	d.put(piece{inkAccent, commas(n) + " "}, inkStrong, r.Text, 0)
	k, word := enough(r)
	mark, effect := string(r.Kind), r.Effect
	if word != "" {
		mark += " · " + word
		effect = strings.TrimPrefix(strings.TrimPrefix(effect, word), ": ")
	}
	if effect != "" {
		effect = "· " + effect
	}
	d.put(piece{k, mark}, inkPlain, effect, remedyIndent)
	if command := sysctlCommand(r, space); command != "" {
		d.code(command, command, remedyIndent)
	}
}

// enough is the words for whether a remedy ends the trouble, "" where that
// cannot be said of it.
func enough(r *diagnosis.Remedy) (ink, string) {
	switch {
	case r.Enough == nil && r.Kind == diagnosis.RemedySysctl:
		return inkDim, "not known whether enough"
	case r.Enough == nil:
		return inkDim, ""
	case *r.Enough:
		return inkOK, "enough"
	}
	return inkWarning, "not enough"
}

// sysctlCommand sets what the remedy asks for, "" where it names no value.
func sysctlCommand(r *diagnosis.Remedy, space namespace) string {
	v, ok := shellWord(r.Value)
	if r.Kind != diagnosis.RemedySysctl || r.Key == "" || r.Value == "" || !ok {
		return ""
	}
	return space.enter("sysctl -w " + r.Key + "=" + v)
}

// firstCommand is the first sysctl of a finding.
func firstCommand(f *diagnosis.Finding, space namespace) string {
	for i := range f.Remedies {
		if c := sysctlCommand(&f.Remedies[i], space); c != "" {
			return c
		}
	}
	return ""
}
