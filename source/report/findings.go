package report

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func writeHeadline(p *page, r *diagnosis.Report) {
	h := &r.Headline
	p.wrap("", strings.ToUpper(h.Severity.String())+": "+h.Text)
	if h.Evidence != "" {
		p.wrap("  ", h.Evidence)
	}
	writeAction(p, h.Action)
}

// actionLabels are the beginnings of the parts of an action, and how a line
// begins that tells such a part.
var actionLabels = [][2]string{{"now: ", "Do now: "}, {"cure: ", "The cure: "}, {"", "Do: "}}

// writeAction writes each part of an action on a line of its own.
func writeAction(p *page, action string) {
	for part := range strings.SplitSeq(action, " · ") {
		for _, l := range actionLabels {
			if rest, ok := strings.CutPrefix(part, l[0]); ok && part != "" {
				p.wrap("", l[1]+rest)
				break
			}
		}
	}
}

// writeFindings tells the worst finding, which the headline is of, in full, and
// of the others what they are and what to do first.
func writeFindings(p *page, r *diagnosis.Report) {
	if len(r.Findings) == 0 {
		return
	}
	p.title("Findings, worst first")
	full := max(r.Headline.Finding, 0)
	for i := range r.Findings {
		f := &r.Findings[i]
		p.wrap("  ", fmt.Sprintf("%s, %s (%s): %s", strings.ToUpper(f.Severity.String()), f.ID, f.Confidence, f.Claim))
		if i == full {
			writeEvidence(p, f)
		} else if len(f.Remedies) > 0 {
			p.wrap("      ", "first: "+f.Remedies[0].Text)
		}
	}
	p.wrap("  ", "twtop explain "+string(r.Findings[min(full, len(r.Findings)-1)].ID)+" says what it means and how to do what helps")
}

func writeEvidence(p *page, f *diagnosis.Finding) {
	for _, e := range f.Evidence {
		p.wrap("      ", e)
	}
	if len(f.Remedies) > 0 {
		p.line("      What helps, in this order:")
	}
	for i := range f.Remedies {
		s := remedyWords(&f.Remedies[i])
		if page := f.Remedies[i].Page; page != "" && page != string(f.ID) {
			s += " (twtop explain " + page + ")"
		}
		p.wrap("      ", fmt.Sprintf("%d. %s", i+1, s))
	}
}

// remedyWords is what to do, and whether that is enough.
func remedyWords(m *diagnosis.Remedy) string {
	s := m.Text
	effect := m.Effect
	switch word := enough(m); {
	case word == "" || strings.HasPrefix(effect, word):
	case effect == "":
		effect = word
	default:
		effect = word + ": " + effect
	}
	if effect != "" {
		s += "; " + effect
	}
	return s
}

// enough is the words for whether a remedy ends the trouble, "" where that
// cannot be said of it.
func enough(m *diagnosis.Remedy) string {
	switch {
	case m.Enough == nil && m.Kind == diagnosis.RemedySysctl:
		return "not known whether enough"
	case m.Enough == nil:
		return ""
	case *m.Enough:
		return "enough"
	}
	return "not enough"
}
