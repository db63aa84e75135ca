package diagnosis

import (
	"fmt"
	"testing"
)

// talker is a rule that finds so many things.
type talker struct {
	n        int
	severity Severity
}

func (r talker) look(*scene) (out []Finding) {
	for i := range r.n {
		out = append(out, Finding{Severity: r.severity, Subject: fmt.Sprint(i)})
	}
	return out
}

// TestFindingsAreBounded: a rule is not heard beyond its first five, and what is
// worse goes before.
func TestFindingsAreBounded(t *testing.T) {
	got := ""
	for _, f := range findings([]rule{talker{9, SeverityNotice}, talker{0, SeverityCritical}, talker{6, SeverityWarning}, talker{2, SeverityNotice}}, &scene{}) {
		got += f.Severity.String()[:1] + f.Subject + " "
	}
	if want := "w0 w1 w2 w3 w4 n0 n1 n2 n3 n4 n0 n1 "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
