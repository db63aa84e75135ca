package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// TestAction: what the headline says is to be done, where ports are short.
func TestAction(t *testing.T) {
	waved := func(pairs ...string) func() *world {
		return func() *world {
			w := wave(lo, backend)
			w.sysctls = set(pairs...)
			return w
		}
	}
	const cure = " · cure: keep connections open"
	for _, c := range []struct {
		name string
		make func() *world
		want string
	}{
		{"reuse", waved(), "now: tcp_tw_reuse 0 → 1, enough for 50/s" + cure},
		{"reuse and timestamps", func() *world {
			w := newWorld() // where a wider range is not enough either
			w.frame.Range = source.DefaultPortRange
			w.sysctls = set("tcp_timestamps", "0")
			for i := range 14000 {
				w.waiting(lo, 32768+2*i, backend, i/2)
			}
			return w
		}, "now: tcp_timestamps 0 → 1 and tcp_tw_reuse 0 → 1, enough for 2,000/s" + cure},
		{"timestamps", func() *world {
			w := newWorld()
			w.frame.Range = source.DefaultPortRange
			w.sysctls = set("tcp_timestamps", "0", "tcp_tw_reuse", "1")
			for i := range 14000 {
				w.waiting(lo, 32768+2*i, backend, i/2)
			}
			return w
		}, "now: tcp_timestamps 0 → 1, enough for 2,000/s" + cure},
		{"a wider range is enough, and reuse is not to be had", func() *world {
			w := wave("10.0.0.1", away)
			w.live("10.0.0.1", 20998, away, false)
			return w
		}, "now: widen ip_local_port_range, enough for 50/s" + cure},
		{"a wider range, for some time", func() *world {
			w := newWorld()
			w.frame.Range = source.DefaultPortRange
			for i := range 12000 {
				w.waiting("10.0.0.1", 32768+2*i, away, i/2)
			}
			w.live("10.0.0.1", 60998, away, false)
			return w
		}, "now: widen ip_local_port_range, not enough: buys 14 s" + cure},
		{"both, where neither is enough", func() *world {
			w := newWorld()
			w.frame.Range = source.PortRange{Low: 20000, High: 21499}
			for i := range 1450 {
				w.waiting(lo, 20000+2*i%1500+i/750, backend, i/3)
			}
			return w
		}, "now: tcp_tw_reuse 0 → 1 and widen ip_local_port_range, enough for the 1,450/s seen" + cure},
		{"nobody knows the sysctls", func() *world {
			w := newWorld()
			w.sysctls = nil
			for i := range 95 {
				w.waiting(lo, 20000+i, backend, 100*i)
			}
			return w
		}, "now: tcp_tw_reuse=1" + cure},
		{"open connections", held100(source.StateEstablished), "now: widen ip_local_port_range · cure: open fewer connections at once"},
		{"a peer that does not answer", held100(source.StateSynSent), "now: check that 127.0.0.1:4001 is up and no firewall drops it · cure: give connect() a time-out of a few seconds"},
		{"a leak", held100(source.StateCloseWait), "now: restart the client that holds them · cure: close the socket when a read returns 0"},
		{"a server that does not close", held100(source.StateFinWait2), "now: look for CLOSE-WAIT at 127.0.0.1:4001, and restart the server that holds them · cure: find out why the server does not close"},
		{"reuse on loopback only", func() *world {
			w := wave("10.0.0.1", away)
			w.live("10.0.0.1", 20998, away, true)
			w.sysctls = set("tcp_tw_reuse", "2")
			return w
		}, "now: tcp_tw_reuse 2 → 1 (2 is for loopback only), enough for 50/s" + cure},
		{"all is well", func() *world { return newWorld() }, ""},
	} {
		h := assess(c.make()).Headline
		if h.Action != c.want {
			t.Errorf("%s: %q, want %q\n%s", c.name, h.Action, c.want, h.Evidence)
		}
		if (h.Finding >= 0) != (c.want != "") {
			t.Errorf("%s: finding %d", c.name, h.Finding)
		}
	}
}

// TestVerdict: the headline of any finding.
func TestVerdict(t *testing.T) {
	no := false
	r := &Report{
		Snapshot: &source.Snapshot{Sysctls: map[string]string{"net.core.somaxconn": "128"}},
		Findings: []Finding{{
			ID: ListenOverflow, Severity: SeverityWarning, Claim: "the claim", Evidence: []string{"the first.", "the second."}, Destination: -1, Service: 0,
			Remedies: []Remedy{
				{Kind: RemedyApplication, Text: "listen with a longer backlog (its own limit)"},
				{Kind: RemedySysctl, Key: "net.core.somaxconn", Value: "4096", Enough: &no},
				{Kind: RemedySystem, Text: "more processors"},
			},
		}},
	}
	want := Headline{
		Severity: SeverityWarning, Text: "the claim", Evidence: "the first.", Destination: -1, Finding: 0,
		Action: "now: somaxconn 128 → 4096, not enough · cure: listen with a longer backlog", BySysctl: true,
	}
	if h := headline(r); h != want {
		t.Errorf("%+v, want %+v", h, want)
	}
	f := &r.Findings[0]
	f.Evidence, f.Remedies = nil, f.Remedies[2:]
	if h := headline(r); h.Action != "now: more processors" || h.Evidence != "" || h.BySysctl {
		t.Errorf("%+v", h)
	}
	f.Remedies = nil
	if h := headline(r); h.Action != "" {
		t.Errorf("%+v", h)
	}
	f.Remedies = []Remedy{{Kind: RemedySysctl, Key: sysctl.LocalReservedPorts, Text: "reserve the ports (of services)"}}
	if h := headline(r); h.Action != "now: reserve the ports" || !h.BySysctl {
		t.Errorf("%+v", h)
	}
}

// TestNoticesAndCalm: a notice about ports is told where nothing worse is, but
// for a destination that is nearly full.
func TestNoticesAndCalm(t *testing.T) {
	notice := Finding{ID: BindBeforeConnect, Severity: SeverityNotice, Confidence: Likely, Claim: "a notice", Destination: -1, Service: -1}
	calm := &Report{Ports: PortTotals{Capacity: 100}, Findings: []Finding{notice}}
	if h := headline(calm); h.Text != "a notice" || h.Finding != 0 {
		t.Errorf("%+v", h)
	}
	full := &Report{Ports: PortTotals{Capacity: 100}, Findings: []Finding{notice}, Destinations: []Destination{{
		Ports: PortUse{Capacity: 100, Used: 80, Free: 20, FreeExact: true, Pressure: 80},
	}}}
	if h := headline(full); h.Finding != -1 || h.Destination != 0 || !strings.Contains(h.Text, "80 of 100") {
		t.Errorf("%+v", h)
	}
}

// TestHeadlineFitsASmallScreen: what is most important stands in few words: at
// 80 columns the rows are 66 cells, and there are six of them.
func TestHeadlineFitsASmallScreen(t *testing.T) {
	for _, tc := range headlines {
		h := assess(headlineWorld(tc.make)).Headline
		rows := 0
		for _, s := range []string{h.Text, h.Evidence, h.Action} {
			rows += (len([]rune(s)) + 65) / 66
		}
		if rows > 7 {
			t.Errorf("%s: %d rows: %s | %s | %s", tc.name, rows, h.Text, h.Evidence, h.Action)
		}
	}
}

// TestReuseAtWork: nobody waits a minute for ports that are reused after one second.
func TestReuseAtWork(t *testing.T) {
	w := newWorld()
	w.sysctls = set("tcp_tw_reuse", "1")
	for i := range 100 {
		w.waiting(lo, 20000+i, backend, 5*i)
	}
	r := assess(w)
	if h := r.Headline; h.Severity != SeverityCritical || !strings.HasSuffix(h.Evidence, "100 TIME-WAIT; TIME-WAITs are reused when they are old enough.") || strings.Contains(h.Action, "tcp_tw_reuse") {
		t.Errorf("%+v", h)
	}
}
