package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestBindBeforeConnect has bound ports in a range of 10,000.
func TestBindBeforeConnect(t *testing.T) {
	bound := func(w *world, n int, remote string) {
		for i := range n {
			w.live(lo, 20001+2*i, remote, true)
		}
	}
	plain := func(w *world, n int, remote string) {
		for i := range n {
			w.live(lo, 20000+2*i, remote, true)
		}
	}
	for _, c := range []struct {
		name string
		make func(w *world)
		want string // severity and confidence
	}{
		{"99 of 10,000", func(w *world) { bound(w, 99, backend) }, ""},
		{"100 of 10,000", func(w *world) { bound(w, 100, backend) }, "notice likely"},
		{"100, most others plain", func(w *world) { bound(w, 100, backend); plain(w, 901, backend) }, "notice possible"},
		{"100 plain ones", func(w *world) { plain(w, 100, backend) }, ""},
		{"nine on a host that is short of ports", func(w *world) { bound(w, 9, "127.0.0.1:4002"); shortOfPorts(w) }, ""},
		{"ten on a host that is short of ports", func(w *world) { bound(w, 10, "127.0.0.1:4002"); shortOfPorts(w) }, "warning likely"},
		{"the destination that is short", func(w *world) { bound(w, 4900, backend); plain(w, 4200, backend) }, "warning likely"},
	} {
		w := newWorld()
		w.frame.Range = source.PortRange{Low: 20000, High: 29999}
		c.make(w)
		got := ""
		r := assess(w)
		for _, f := range r.Findings {
			if f.ID == BindBeforeConnect {
				got = strings.TrimSpace(got + " " + f.Severity.String() + " " + string(f.Confidence))
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q (%q)", c.name, got, c.want, portFindings(r))
		}
	}
}

// shortOfPorts takes 9,100 of 10,000 ports, as connect() would.
func shortOfPorts(w *world) {
	for i := range 5000 {
		w.live(lo, 20000+2*i, backend, true)
	}
	for i := range 4100 {
		w.live(lo, 20001+2*i, backend, true)
	}
}

// TestBindBeforeConnectWords: most ports first, their parity is named, and no
// sysctl is advised.
func TestBindBeforeConnectWords(t *testing.T) {
	w := newWorld()
	w.frame.Range = source.PortRange{Low: 20001, High: 21000}
	for i := range 40 {
		w.live(lo, 20002+2*i, backend, true)
	}
	for i := range 60 {
		w.live(lo, 20102+2*i, "127.0.0.1:4002", true)
	}
	for i := range 100 {
		w.live(lo, 20401+2*i, backend, true)
	}
	r := assess(w)
	if len(r.Findings) != 2 || r.Findings[0].Subject != toOther || r.Findings[1].Subject != toBackend {
		t.Fatalf("%+v", r.Findings)
	}
	const want = "40 of its 140 ports are even: bind() takes those first, connect() the odd ones; they are 4.0 % of all 1,000."
	if f := &r.Findings[1]; f.Evidence[0] != want || !strings.Contains(f.Claim, "40 ports from all destinations") {
		t.Errorf("%s\n%s", f.Claim, f.Evidence[0])
	}
	for _, m := range r.Findings[0].Remedies {
		if m.Kind != RemedyApplication || m.Page != PageBindAddressNoPort {
			t.Errorf("%+v", m)
		}
	}
	if h := r.Headline; h.Severity != SeverityNotice || h.Finding != 0 || h.Action != "cure: set IP_BIND_ADDRESS_NO_PORT before bind(), or do not bind" || r.Needs() != nil {
		t.Errorf("%+v, needs %v", h, r.Needs())
	}
}

// TestSubjectsByFigure keeps the greatest, and the order of equals.
func TestSubjectsByFigure(t *testing.T) {
	figures := []int{3, 9, 9, 1, 7, 8, 2, 9, 10}
	var s subjects
	for i := range figures {
		s.addBy(i, func(at int) int { return figures[at] })
	}
	if s.at != [maxSubjects]int{8, 1, 2, 7, 5} || s.n != len(figures) {
		t.Errorf("%+v", s)
	}
}
