package ui

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// The findings: what is wrong, a line each, worst first.
//
//	─ [6] FINDINGS ─ 1 critical · 1 notice ─────────────────────────────────────
//	  SEVERITY    FINDING              CLAIM
//	▶  CRITICAL   port-exhaustion      127.0.0.1:4001 has no local port left: …
//	   NOTICE     server-closes-first  0.0.0.0:80 closes idle connections of 10.…

var findingColumns = []column[diagnosis.Finding]{
	{title: "SEVERITY", width: len(" CRITICAL "), priority: 1,
		draw: func(l *line, f *diagnosis.Finding, _ int) {
			mark, _ := badge(f.Severity)
			l.text(mark, " "+strings.ToUpper(f.Severity.String())+" ")
		}},
	{title: "FINDING", width: len(diagnosis.ServerClosesFirst), most: len(diagnosis.ReuseWithoutTimestamps), priority: 3,
		text: func(f *diagnosis.Finding) string { return string(f.ID) },
		ink:  func(*diagnosis.Finding) ink { return inkStrong }},
	{title: "CLAIM", width: 24, most: 150, priority: 2, fit: shortClaim},
}

// shortClaim is a claim that names only the far end of its destination where it
// would not fit otherwise.
func shortClaim(f *diagnosis.Finding, w int) string {
	if _, far, ok := strings.Cut(f.Subject, " → "); ok && width(f.Claim) > w {
		return strings.Replace(f.Claim, f.Subject, far, 1)
	}
	return f.Claim
}

// findingNote is how many rows of a high pane tell the finding under the cursor
// in full, and what helps first.
func findingNote(h int) int {
	if h < 12 {
		return 0
	}
	return 5
}

func (t *theme) findingNote(f *diagnosis.Finding, w, h int) []string {
	rows := findingNote(h)
	if rows == 0 || f == nil {
		return t.fill(nil, w, rows)
	}
	d := document{w: w}
	d.blank()
	_, k := badge(f.Severity)
	d.put(piece{}, k, f.Claim, 0)
	if len(f.Remedies) > 0 {
		d.put(piece{inkAccent, "1 "}, inkStrong, f.Remedies[0].Text, 0)
	}
	var out []string
	for i := range d.rows[:min(len(d.rows), rows)] {
		out = append(out, d.rows[i].line(t, w, false))
	}
	return t.fill(out, w, rows)
}

// findingsAbout counts findings by severity: "1 critical · 2 warnings".
func findingsAbout(all []diagnosis.Finding) string {
	if len(all) == 0 {
		return "none"
	}
	var counts [diagnosis.SeverityCritical + 1]int
	for i := range all {
		counts[min(all[i].Severity, diagnosis.SeverityCritical)]++
	}
	var parts []string
	for s := diagnosis.SeverityCritical; s > diagnosis.SeverityNone; s-- {
		switch n := counts[s]; {
		case n > 0 && s == diagnosis.SeverityCritical:
			parts = append(parts, commas(n)+" "+s.String())
		case n > 0:
			parts = append(parts, diagnosis.Plural(n, s.String()))
		}
	}
	return strings.Join(parts, " · ")
}

// noFinding is what the pane says where nothing is wrong: how much room there is.
func (f *frame) noFinding() string {
	if len(f.report.Destinations) == 0 {
		return "nothing is wrong: no destination holds a local port"
	}
	d := &f.report.Destinations[0]
	return fmt.Sprintf("nothing is wrong: the fullest destination, %s, has %s of %s free",
		endpoint(d.Remote, d.Device), free(d), diagnosis.Plural(d.Ports.Capacity, "port"))
}
