package diagnosis

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// headlines are the worlds that a person may find himself in.
var headlines = []struct {
	name     string
	make     func(w *world)
	severity Severity
	text     string // the whole of it
	evidence []string
}{
	{"exhausted by TIME_WAIT", func(w *world) {
		for i := range 14116 {
			w.waiting(lo, 32768+2*i, backend, 57_000*i/14116)
			w.waiting(lo, 32769+2*i, backend, 57_000*i/14116)
		}
	}, SeverityCritical, "127.0.0.1 → 127.0.0.1:4001 has no local port left: connect() fails now (errno 99)",
		[]string{"wanted, 28,232 ports allow 471/s: 28,232 TIME-WAIT;", "first back in 4 s, 5,446 by 14 s"}},
	{"exhausted by live connections", func(w *world) {
		for i := range 28232 {
			w.live(lo, 32768+i, backend, true)
		}
	}, SeverityCritical, "127.0.0.1 → 127.0.0.1:4001 has no local port left: connect() fails now (errno 99)",
		[]string{"28,232 ESTAB", "each comes back when its connection ends"}},
	{"exhausted, and nobody knows of reuse", func(w *world) {
		w.sysctls = set("tcp_tw_reuse", "1")
		for i := range 28232 {
			w.waiting("10.0.0.1", 32768+i, away, 5000)
		}
	}, SeverityCritical, "10.0.0.1 → 10.0.0.9:5432 has no free port: connect() may fail (errno 99), as reuse of TIME-WAITs is not known",
		[]string{"28,232 TIME-WAIT"}},
	{"nearly exhausted", func(w *world) {
		for i := range 26000 {
			w.live(lo, 32768+i, backend, true)
		}
	}, SeverityCritical, "127.0.0.1 → 127.0.0.1:4001 has 2,232 of 28,232 local ports left, and how many more are wanted is not known",
		[]string{"26,000 of 28,232 ports in use: 26,000 ESTAB"}},
	{"running out", func(w *world) {
		for i := range 10000 {
			w.waiting(lo, 32768+2*i, backend, i)
		}
	}, SeverityWarning, "127.0.0.1 → 127.0.0.1:4001 runs out of local ports in about 19 s at this rate",
		[]string{"1,000 connections/s wanted, 28,232 ports allow 471/s; 10,000 in use: 10,000 TIME-WAIT", "first back in 51 s, 10,000 by 60 s"}},
	{"most of them held, and nobody knows what is wanted", func(w *world) {
		for i := range 25000 {
			w.live(lo, 32768+i, backend, true)
		}
	}, SeverityNotice, "127.0.0.1 → 127.0.0.1:4001 holds 25,000 of 28,232 local ports (88 %), and how many more are wanted is not known",
		[]string{"25,000 ESTAB; each comes back when its connection ends"}},
	{"most of them held, and no timers", func(w *world) {
		w.kernel = "4.1.0" // whose connect() knows no halves
		for i := range 22000 {
			w.conn(lo, 32768+i, backend, source.StateTimeWait).Timer = source.TimerUnknown
		}
	}, SeverityNotice, "127.0.0.1 → 127.0.0.1:4001 holds 22,000 of 28,232 local ports (77 %), and how many more are wanted is not known", nil},
	{"most of them held, and slow", func(w *world) {
		for i := range 14116 {
			w.live(lo, 32768+2*i, backend, true)
		}
		for i := range 9000 {
			w.live(lo, 32769+2*i, backend, true)
		}
	}, SeverityWarning, "127.0.0.1 → 127.0.0.1:4001 has 5,116 of 28,232 ports left; connect() is slow, it searches the taken half first", nil},
	{"most of them held, and as many come back as go", func(w *world) {
		w.kernel = "4.1.0"
		for i := range 22000 {
			w.waiting(lo, 32768+i, backend, 60_000*i/22000)
		}
	}, SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4001, holds 22,000 of 28,232 local ports (77 %), and comes to about 22,367 at this rate", nil},
	{"most of them held, many by connections that nobody saw being opened", func(w *world) {
		w.kernel = "4.1.0"
		for i := range 15000 {
			w.waiting(lo, 32768+i, backend, 59_000*i/15000)
		}
		for i := range 7000 {
			w.live(lo, 47768+i, backend, true)
		}
	}, SeverityNotice, "127.0.0.1 → 127.0.0.1:4001 holds 22,000 of 28,232 local ports (77 %), and at least 254/s more are wanted", nil},
	{"slow", func(w *world) {
		for i := range 14116 {
			w.live(lo, 32768+2*i, backend, true)
		}
	}, SeverityWarning, "127.0.0.1 → 127.0.0.1:4001: connect() is slow, it searches the half of the local ports that is taken first", nil},
	{"an accept queue that is full", func(w *world) {
		w.live(lo, 32768, backend, true)
		w.listen("0.0.0.0:80").Detail = source.Detail{Has: source.HasQueues, RecvQ: 129, SendQ: 128}
	}, SeverityWarning, "0.0.0.0:80 accepts too slowly: its accept queue is full, and further connections would be dropped",
		[]string{"129 connections wait to be accepted; the backlog is 128, and the kernel queues one more."}},
	{"a full accept queue that is not over", func(w *world) {
		w.live(lo, 32768, backend, true)
		w.listen("0.0.0.0:80").Detail = source.Detail{Has: source.HasQueues, RecvQ: 128, SendQ: 128}
	}, SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4001, holds 1 of 28,232 ports", nil},
	{"reuse at work", func(w *world) {
		w.sysctls = set("tcp_tw_reuse", "1")
		for i := range 14116 {
			w.waiting(lo, 32768+2*i, backend, 9_400*i/14116)
		}
	}, SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4001, holds 14,116 of 28,232 ports, 12,614 of them reusable now", nil},
	{"reuse at work, and nobody knows it", func(w *world) {
		w.sysctls = set("tcp_tw_reuse", "1")
		for i := range 14116 {
			w.waiting("10.0.0.1", 32768+2*i, away, 9_400*i/14116)
		}
	}, SeverityNone, "No trouble found: the fullest destination, 10.0.0.1 → 10.0.0.9:5432, holds 14,116 of 28,232 ports", nil},
	{"reuse not at work, as the other half shows", func(w *world) {
		w.sysctls = set("tcp_tw_reuse", "1")
		for i := range 14116 {
			w.waiting("10.0.0.1", 32768+2*i, away, 9_400*i/14116)
		}
		w.waiting("10.0.0.1", 32769, away, 1)
	}, SeverityWarning, "10.0.0.1 → 10.0.0.9:5432 runs out of local ports in about 10 s at this rate", nil},
	{"reuse at work, at a high rate", func(w *world) {
		w.sysctls = set("tcp_tw_reuse", "1")
		for i := range 14116 {
			w.waiting(lo, 32768+2*i, backend, 1_700*i/14116)
		}
	}, SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4001, holds 14,116 of 28,232 ports, 5,812 of them reusable now", nil},
	{"a third of the ports, and as many come back as go", func(w *world) {
		for i := range 9000 {
			w.waiting(lo, 32768+2*i, backend, 60_000*i/9000)
		}
	}, SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4001, holds 9,000 of 28,232 ports", nil},
	{"thousands of TIME_WAITs on the service's port", func(w *world) {
		w.listen("0.0.0.0:80")
		for i := range 20000 {
			w.waiting("10.0.0.1", 80, source.AddrFromV4(0x0a010000+uint32(i)).IP().String()+":50000", 5000)
		}
	}, SeverityNone, "No trouble found: no outgoing connections, all 28,232 local ports are free", nil},
	{"a client that binds", func(w *world) {
		w.live(lo, 32769, backend, true)
		w.live(lo, 32768, "127.0.0.1:4002", true)
		w.live(lo, 32770, "127.0.0.1:4002", true)
	},
		SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4002, holds 2 of 28,232 ports",
		[]string{"bind their port before connect()"}},
	{"the range is assumed", func(w *world) { w.frame.RangeKnown = false; w.live(lo, 32768, backend, true) },
		SeverityNone, "No trouble found: the fullest destination, 127.0.0.1 → 127.0.0.1:4001, holds 1 of 28,232 ports",
		[]string{"32768–60999 is assumed"}},
	{"every port reserved", func(w *world) { w.frame.Reserved.AddRange(source.DefaultPortRange) },
		SeverityCritical, "No local port can be given out: all of 32768–60999 are reserved or bound", []string{"28,232 reserved"}},
}

func headlineWorld(makeIt func(w *world)) *world {
	w := newWorld()
	w.frame.Range = source.DefaultPortRange
	makeIt(w)
	return w
}

func TestHeadline(t *testing.T) {
	for _, tc := range headlines {
		t.Run(tc.name, func(t *testing.T) {
			r := assess(headlineWorld(tc.make))
			h := r.Headline
			if h.Severity != tc.severity || h.Text != tc.text {
				t.Errorf("%v: %s\n%s\nwant %v: %s", h.Severity, h.Text, h.Evidence, tc.severity, tc.text)
			}
			for _, want := range tc.evidence {
				if !strings.Contains(h.Evidence, want) {
					t.Errorf("evidence %q does not say %q", h.Evidence, want)
				}
			}
			if d := h.Destination; d >= 0 && !strings.Contains(h.Text, r.Destinations[d].String()) {
				t.Errorf("it speaks of another destination than %v", &r.Destinations[d])
			}
		})
	}
}

// forbidden is false, or no help, as far as it could slip into a headline.
var forbidden = regexp.MustCompile(`(?i)fin_timeout|tw_recycle|tw_buckets|too many time.?wait|65,?535|connection refused|incoming`)

func TestHeadlineSaysNothingFalse(t *testing.T) {
	for _, tc := range headlines {
		h := assess(headlineWorld(tc.make)).Headline
		if s := forbidden.FindString(h.Text + " " + h.Evidence); s != "" {
			t.Errorf("%s: it says %q", tc.name, s)
		}
		if strings.Count(h.Evidence, ". ") > 0 || strings.ContainsAny(h.Text+h.Evidence, "\n\r\t") {
			t.Errorf("%s: more than one sentence: %q", tc.name, h.Evidence)
		}
	}
}

// TestProspect: what is said of a destination that is nearly full. It is never
// nothing.
func TestProspect(t *testing.T) {
	seconds := func(n int) *time.Duration { d := time.Duration(n) * time.Second; return &d }
	level, wanted := 25000, &Demand{PerSecond: 1234.5}
	for _, c := range []struct {
		demand   *Demand
		forecast *Forecast
		want     string // "" where it is calm
	}{
		{nil, nil, "how many more are wanted is not known"},
		{nil, &Forecast{}, "how many more are wanted is not known"},
		{wanted, nil, "how many more are wanted is not known"},
		{wanted, &Forecast{}, "whether the others will do is not known"},
		{wanted, &Forecast{Outlook: Outlook{Exhausted: seconds(90)}}, "runs out of them in about 90 s at this rate"},
		{wanted, &Forecast{Outlook: Outlook{Settles: &level, AtTheEdge: true}}, "at the edge of what they allow"},
		{&Demand{PerSecond: 1234.5, AtLeast: true}, &Forecast{Outlook: Outlook{Settles: &level}}, "at least 1,235/s more are wanted"},
		{wanted, &Forecast{Outlook: Outlook{Settles: &level}}, ""},
	} {
		d := Destination{Ports: PortUse{Used: 24000, Free: 4232, FreeExact: true, Capacity: 28232, Pressure: 85}, Demand: c.demand, Forecast: c.forecast}
		h := headline(&Report{Ports: PortTotals{Capacity: 28232}, Destinations: []Destination{d}})
		if (h.Severity == SeverityNone) != (c.want == "") || !strings.Contains(h.Text, c.want) || !strings.Contains(h.Text, "24,000 of 28,232 local ports (85 %)") {
			t.Errorf("%v: %s; want %q", h.Severity, h.Text, c.want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 28232: "28,232", 1000000: "1,000,000", -1234: "-1,234"} {
		if got := Grouped(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestDestinationWithDevice(t *testing.T) {
	w := newWorld()
	w.conn("fe80::1", 20000, "[fe80::2]:80", source.StateEstablished).Device = 3
	if got := assess(w).Destinations[0].String(); got != "fe80::1%3 → [fe80::2]:80" {
		t.Error(got)
	}
}

// TestOneSocketOverflows: eight SO_REUSEPORT sockets, one of them full. The
// kernel spreads connections by their addresses, so the room of the others is
// of no use.
func TestOneSocketOverflows(t *testing.T) {
	w := newWorld()
	for i := range 8 {
		l := w.listen("10.0.0.1:80")
		l.Detail = source.Detail{Has: source.HasQueues, SendQ: 511}
		if i == 3 {
			l.Detail.RecvQ = 512
		}
	}
	busy := w.listen("10.0.0.1:443")
	busy.Detail = source.Detail{Has: source.HasQueues, RecvQ: 500, SendQ: 511}
	r := assess(w)
	s := &r.Services[0]
	if s.Local.Port() != 80 || show(s.WorstQueue) != "512" || show(s.WorstBacklog) != "511" || show(s.AcceptQueue) != "512" || show(s.Backlog) != "4088" {
		t.Errorf("%v: worst %s of %s, all %s of %s", s.Local, show(s.WorstQueue), show(s.WorstBacklog), show(s.AcceptQueue), show(s.Backlog))
	}
	const text, evidence = "10.0.0.1:80 accepts too slowly: its accept queue is full, and further connections would be dropped",
		"512 connections wait to be accepted; at one of 8 listening sockets (SO_REUSEPORT) the backlog is 511, and the kernel queues one more."
	if h := r.Headline; h.Severity != SeverityWarning || h.Text != text || h.Evidence != evidence {
		t.Errorf("%v: %s\n%s", h.Severity, h.Text, h.Evidence)
	}
}

// TestClaimsAreShort: a claim is read in one glance.
func TestClaimsAreShort(t *testing.T) {
	for _, tc := range headlines {
		for _, f := range assess(headlineWorld(tc.make)).Findings {
			if n := len([]rune(f.Claim)); n > 115 {
				t.Errorf("%s: %d characters: %s", tc.name, n, f.Claim)
			}
		}
	}
}

// TestFirstBack: seconds are rounded up, and what is about to come back is told
// as what comes back.
func TestFirstBack(t *testing.T) {
	burst := func(n ...uint32) *Series {
		var s Series
		copy(s[:], n)
		return &s
	}
	var late Series
	late[59] = 40
	for _, c := range []struct {
		ms       int // -1 for none
		releases *Series
		first    int
		want     string
	}{
		{-1, nil, 0, "each comes back when its connection ends"},
		{-5000, burst(90, 10), 0, "100 come back within 10 s"},
		{99, burst(700, 71), 0, "771 come back within 10 s"},
		{100, burst(700, 71), 1, "first back in 1 s, 771 by 11 s"},
		{3200, burst(0, 0, 0, 8, 700, 90, 0, 0, 0, 0, 0, 0, 0, 5, 100), 4, "first back in 4 s, 803 by 14 s"},
		{3000, burst(0, 0, 0, 8), 3, "first back in 3 s, 8 by 13 s"},
		{59_900, &late, 60, "first back in 60 s, 40 by 61 s"},
		{55_500, &late, 56, "first back in 56 s, 40 by 60 s"},
		{7000, burst(0, 0, 0, 0, 0, 0, 0, 1), 7, "the first comes back in 7 s"},
		{7000, nil, 7, "the first comes back in 7 s"},
		{0, nil, 0, "the first comes back now"},
	} {
		d := Destination{Releases: c.releases}
		if c.ms != -1 {
			next := time.Duration(c.ms) * time.Millisecond
			d.NextRelease = &next
		}
		first, ok := d.FirstBack()
		if got := comeback(&d); got != c.want || first != c.first || ok != (c.ms != -1) {
			t.Errorf("%d ms: %q, %d; want %q, %d", c.ms, got, first, c.want, c.first)
		}
	}
}

// TestFate: what is said of ports that are not at an end.
func TestFate(t *testing.T) {
	soon, level := 30*time.Second, 900
	wanted := &Demand{PerSecond: 20}
	for want, c := range map[string]struct {
		demand *Demand
		o      Outlook
	}{
		"how many more are wanted is not known":     {nil, Outlook{Settles: &level}},
		"they run out in about 30 s":                {wanted, Outlook{Exhausted: &soon}},
		"they may run out in about 30 s":            {wanted, Outlook{Exhausted: &soon, AtTheEdge: true}},
		"that is at the edge":                       {wanted, Outlook{Settles: &level, AtTheEdge: true}},
		"they do not run out at this rate":          {wanted, Outlook{Settles: &level}},
		"they do not run out unless more is wanted": {&Demand{PerSecond: 20, AtLeast: true}, Outlook{Settles: &level}},
		"whether they will do is not known":         {wanted, Outlook{}},
	} {
		if got := fate(&Destination{Demand: c.demand, Forecast: &Forecast{Outlook: c.o}}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestNoticesLeaveTheCalm: what takes no port, or may be something else, does not
// take the place of the calm line; it is only counted there.
func TestNoticesLeaveTheCalm(t *testing.T) {
	notice := func(id ID, c Confidence) Finding {
		return Finding{ID: id, Severity: SeverityNotice, Confidence: c, Claim: string(id), Destination: -1, Service: -1}
	}
	warning := Finding{ID: Orphans, Severity: SeverityWarning, Confidence: Possible, Claim: "orphans", Destination: -1, Service: -1}
	const calm = "No trouble found: no outgoing connections, all 28,232 local ports are free"
	for _, c := range []struct {
		findings []Finding
		severity Severity
		at       int
		text     string
	}{
		{nil, SeverityNone, -1, calm},
		{[]Finding{notice(IdleOutlivesNAT, Possible)}, SeverityNone, -1, calm + " · 1 notice"},
		{[]Finding{notice(ServerClosesFirst, Possible), notice(IdleOutlivesNAT, Possible)}, SeverityNone, -1, calm + " · 2 notices"},
		{[]Finding{notice(BindBeforeConnect, Possible)}, SeverityNone, -1, calm + " · 1 notice"},
		{[]Finding{notice(CureNotAtWork, Possible)}, SeverityNone, -1, calm + " · 1 notice"},
		{[]Finding{notice(BindBeforeConnect, Likely)}, SeverityNotice, 0, "bind-before-connect"},
		{[]Finding{notice(ServerClosesFirst, Possible), notice(CureNotAtWork, Likely)}, SeverityNotice, 1, "cure-not-at-work"},
		{[]Finding{notice(ServerClosesFirst, Likely), notice(IdleOutlivesNAT, Possible)}, SeverityNotice, 0, "server-closes-first"},
		{[]Finding{warning, notice(CureNotAtWork, Likely)}, SeverityWarning, 0, "orphans"},
	} {
		h := headline(&Report{Ports: PortTotals{Capacity: 28232}, Findings: c.findings})
		if h.Severity != c.severity || h.Finding != c.at || h.Text != c.text {
			t.Errorf("%v %d: %s; want %v %d: %s", h.Severity, h.Finding, h.Text, c.severity, c.at, c.text)
		}
	}
}

// TestHoldersHoldPorts: connections on ports outside the range, as there are
// after it was made narrower, hold none of those that are counted.
func TestHoldersHoldPorts(t *testing.T) {
	w := newWorld()
	w.frame.Range = source.PortRange{Low: 32768, High: 33767}
	for i := range 466 {
		w.waiting(lo, 32768+2*i, backend, 100*i)
	}
	for i := range 3261 {
		w.waiting(lo, 20000+i, backend, 10*i)
	}
	for i := range 20 {
		w.live(lo, 32769+2*i, backend, true)
	}
	d := only(assess(w))
	if got := holders(d); got != "466 TIME-WAIT, 20 open" || d.Ports.Used != 486 {
		t.Errorf("%d in use: %s", d.Ports.Used, got)
	}
}
