package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

func TestPortExhaustion(t *testing.T) {
	all := func(w *world, n, age int) {
		for i := range n {
			w.waiting("10.0.0.1", 20000+i, away, age)
		}
	}
	const dest = "10.0.0.1 → 10.0.0.9:5432"
	for _, c := range []struct {
		name       string
		make       func(w *world)
		subject    string // "" for no exhaustion
		confidence Confidence
		claim      string
	}{
		{"all in TIME_WAIT", func(w *world) { all(w, 100, 5000) }, dest, Certain, "no local port left"},
		{"all but one", func(w *world) { all(w, 99, 5000) }, "", "", ""},
		{"all open", func(w *world) {
			for i := range 100 {
				w.live("10.0.0.1", 20000+i, away, true)
			}
		}, dest, Certain, "no local port left"},
		{"nobody knows of timestamps", func(w *world) { w.sysctls = set("tcp_tw_reuse", "1"); all(w, 100, 5000) }, dest, Likely, "may fail (errno 99), as reuse of TIME-WAITs is not known"},
		{"timestamps are known, and all may be reused", func(w *world) {
			w.sysctls = set("tcp_tw_reuse", "1")
			all(w, 99, 5000)
			w.live("10.0.0.1", 20099, away, true)
		}, "", "", ""},
		{"all are too young to be reused", func(w *world) {
			w.sysctls = set("tcp_tw_reuse", "1")
			all(w, 99, 500)
			w.live("10.0.0.1", 20099, away, true)
		}, dest, Certain, "no local port left"},
		{"mode 2 does not reach elsewhere", func(w *world) { w.sysctls = set("tcp_tw_reuse", "2"); all(w, 100, 5000) }, dest, Certain, "no local port left"},
		{"the other ones reserved", func(w *world) {
			w.frame.Reserved.AddRange(source.PortRange{Low: 20010, High: 20099})
			all(w, 10, 5000)
		}, dest, Certain, "no local port left"},
		{"every port reserved, with connections", func(w *world) {
			w.frame.Reserved.AddRange(w.frame.Range)
			all(w, 10, 5000)
		}, "every destination", Certain, "all of 20000–20099 are reserved or bound"},
		{"every port reserved, and the range assumed", func(w *world) {
			w.frame.Reserved.AddRange(w.frame.Range)
			w.frame.RangeKnown = false
		}, "every destination", Possible, "all of 20000–20099"},
	} {
		w := newWorld()
		c.make(w)
		r := assess(w)
		got := 0
		for _, f := range r.Findings {
			if f.ID != PortExhaustion {
				continue
			}
			got++
			if f.Severity != SeverityCritical || f.Subject != c.subject || f.Confidence != c.confidence || !strings.Contains(f.Claim, c.claim) {
				t.Errorf("%s: %v %s, about %s: %s", c.name, f.Severity, f.Confidence, f.Subject, f.Claim)
			}
		}
		if (got == 1) != (c.subject != "") || got > 1 {
			t.Errorf("%s: %q", c.name, portFindings(r))
		}
		if got > 0 && (len(r.Findings) != 1 || r.Headline.Finding != 0 || r.Headline.Text != r.Findings[0].Claim || r.Headline.Action == "") {
			t.Errorf("%s: %q, %+v", c.name, portFindings(r), r.Headline)
		}
	}
}
