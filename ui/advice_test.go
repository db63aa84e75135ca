package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/explain"
)

func yes() *bool { b := true; return &b }
func no() *bool  { return new(bool) }

// exhaustion is what is wrong in the scenario of that name.
func exhaustion() diagnosis.Finding {
	return diagnosis.Finding{
		ID: diagnosis.PortExhaustion, Severity: diagnosis.SeverityCritical, Confidence: diagnosis.Certain,
		Subject: "127.0.0.1 → 127.0.0.1:4001", Destination: 0, Service: -1,
		Claim: "127.0.0.1 → 127.0.0.1:4001 has no local port left: connect() fails now (errno 99)",
		Evidence: []string{
			"28,104 of 28,232 ports are in TIME-WAIT, which lasts 60 s and cannot be tuned.",
			"At least 1,480 connections/s are wanted; 28,232 ports allow 470/s.",
		},
		Remedies: []diagnosis.Remedy{
			{Kind: diagnosis.RemedySysctl, Text: "set net.ipv4.tcp_tw_reuse to 1 (now 0)", Effect: "enough: 28,104/s are borne, at least 1,480/s wanted",
				Enough: yes(), Key: "net.ipv4.tcp_tw_reuse", Value: "1"},
			{Kind: diagnosis.RemedyApplication, Text: "keep nginx's upstream connections open", Effect: "128 ports instead of 28,232", Enough: yes(), Page: "nginx"},
			{Kind: diagnosis.RemedySysctl, Text: "widen net.ipv4.ip_local_port_range to 10240 65535 (now 32768 60999)", Effect: "not enough: buys 18 s at this rate",
				Enough: no(), Key: "net.ipv4.ip_local_port_range", Value: "10240 65535"},
			{Kind: diagnosis.RemedySystem, Text: "give the backend a second address", Page: string(diagnosis.PortExhaustion)},
		},
	}
}

func troubles() []diagnosis.Finding {
	return []diagnosis.Finding{exhaustion(), {
		ID: diagnosis.CloseWaitLeak, Severity: diagnosis.SeverityWarning, Confidence: diagnosis.Likely,
		Subject: "10.0.2.4 → 203.0.113.14:443", Destination: 5, Service: -1,
		Claim:    "10.0.2.4 → 203.0.113.14:443: connections that the other side has closed are not closed here",
		Remedies: []diagnosis.Remedy{{Kind: diagnosis.RemedyApplication, Text: "close each connection after its last read", Page: "python"}},
	}, {
		ID: diagnosis.ServerClosesFirst, Severity: diagnosis.SeverityNotice, Confidence: diagnosis.Possible,
		Subject: "0.0.0.0:80", Destination: -1, Service: 1,
		Claim: "0.0.0.0:80 closes idle connections before its clients do",
	}}
}

const action = "now: set net.ipv4.tcp_tw_reuse to 1, enough at this rate · cure: keep nginx's upstream connections open"

// somePages stand for those of explain, whose words may change.
func somePages(id string) (explain.Page, bool) {
	switch id {
	case "nginx":
		return explain.Page{ID: id, Title: "keep the connections to an upstream open", Blocks: []explain.Block{
			{Kind: explain.Paragraph, Text: "Put keepalive into the upstream block, and speak HTTP/1.1 without a Connection header: without both, nginx closes each connection."},
			{Kind: explain.Heading, Text: "The configuration"},
			{Kind: explain.Code, Text: "upstream backend {"},
			{Kind: explain.Code, Text: "    server 127.0.0.1:4001;"},
			{Kind: explain.Code, Text: "    keepalive 64;"},
			{Kind: explain.Code, Text: "}"},
			{Kind: explain.Paragraph, Text: "Mind these:"},
			{Kind: explain.Item, Text: "without the keepalive line nginx closes each connection"},
			{Kind: explain.Item, Text: "a reload takes effect only once ports come back"},
		}}, true
	case string(diagnosis.PortExhaustion):
		return explain.Page{ID: id, Title: "no local port is left", Finding: true, Blocks: []explain.Block{{Text: "connect() fails with errno 99."}}}, true
	}
	return explain.Page{}, false
}

// find shows the frame again as if the rules had found something in it.
func (d *driver) find(found ...diagnosis.Finding) {
	d.t.Helper()
	d.advice.look = somePages
	r := *d.frame.report
	r.Findings = found
	r.Headline.Finding = -1
	if len(found) > 0 {
		r.Headline = diagnosis.Headline{Severity: found[0].Severity, Text: found[0].Claim, Evidence: r.Headline.Evidence, Action: action,
			Destination: found[0].Destination}
	}
	f := newFrame(&r, d.reader.catalogue, d.reader.tuned)
	f.order = d.Model.view.arrange(&r)
	d.send(frameMsg{frame: f})
}

func TestFindingScreens(t *testing.T) {
	for name, keys := range map[string][]string{"first": nil, "pane": {"6", "j"}, "detail": {"6", "enter"}, "destination": {"enter"}} {
		for _, s := range sizes {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				d := drive(t, "exhausted", s.w, s.h, nil)
				d.find(troubles()...)
				d.press(keys...)
				d.wantShape()
				golden.RequireEqual(t, d.text()+"\n")
			})
		}
	}
}

// What to do is on every screen in full, whatever else has to give way.
func TestActionIsNeverCutAway(t *testing.T) {
	for _, s := range sizes[:3] {
		d := drive(t, "exhausted", s.w, s.h, nil)
		f := exhaustion()
		f.Claim = strings.Repeat(f.Claim+" ", 3)
		d.find(f)
		now, cure, _ := strings.Cut(action, " · ")
		d.wantText(now, cure)
	}
	d := drive(t, "exhausted", 40, 10, nil)
	d.find(exhaustion())
	d.wantText("now: set net.ipv4.tcp_tw_reuse to 1")
}

// What helps now and what cures it have a row each where one is too short.
func TestActionRows(t *testing.T) {
	for _, c := range []struct {
		w, n int
		want string
	}{{40, 2, "now: abc def · cure: ghi jkl"}, {24, 2, "now: abc def|cure: ghi jkl"}, {24, 1, "now: abc def · cure: gh…"}, {10, 2, "now: abc|def · cur…"}, {24, 0, ""}} {
		if got := strings.Join(actionRows("now: abc def · cure: ghi jkl", c.w, c.n), "|"); got != c.want {
			t.Errorf("%d rows of %d: %q, want %q", c.n, c.w, got, c.want)
		}
	}
}

// A figure of the evidence that has no room goes with what it counts.
func TestWrapWhole(t *testing.T) {
	const s = "28,104 TIME-WAIT, 128 ESTAB; the first comes back in 27 s, 14,798 within 36 s."
	for _, c := range []struct {
		w, n int
		want string
	}{{80, 1, s}, {66, 1, "28,104 TIME-WAIT, 128 ESTAB; the first comes back in 27 s…"}, {30, 1, "28,104 TIME-WAIT, 128 ESTAB…"},
		{17, 1, "28,104 TIME-WAIT…"}, {10, 1, "28,104 TI…"}, {40, 0, ""}} {
		if got := strings.Join(wrapWhole(s, c.w, c.n), "|"); got != c.want {
			t.Errorf("%d rows of %d: %q, want %q", c.n, c.w, got, c.want)
		}
	}
}

// The rows of the headline do not depend on how much it says.
func TestHeadlineKeepsItsRows(t *testing.T) {
	for _, s := range sizes {
		d := drive(t, "exhausted", s.w, s.h, nil)
		before := d.layout
		d.find(troubles()...)
		d.find()
		if d.layout != before {
			t.Errorf("%s: the layout has changed", s.name)
		}
	}
}

func TestPointer(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.find()
	d.wantNoText("[6] how")
	d.find(exhaustion())
	d.wantText("[6] how ")
	d.wantNoText("more finding", "also")
	d.find(troubles()...)
	d.wantText("[6] how · also close-wait-leak, server-closes-first")
	counted := 0
	for w := 60; w < 120; w++ { // where there is no room for the ids
		d.resize(w, 24)
		d.find(troubles()...)
		d.wantShape()
		counted += strings.Count(d.text(), "[6] how · +2 more findings")
	}
	if counted == 0 {
		t.Error("no size has the number")
	}
	d.resize(120, 40)
	d.find(append(troubles(), troubles()[1:]...)...)
	d.wantText("[6] how · also close-wait-leak, server-closes-first")
}

func TestFindingsPane(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.find(troubles()...)
	d.press("6")
	d.wantText("━ [6] FINDINGS ━ 1 critical · 1 warning · 1 notice", "CRITICAL", "WARNING", "NOTICE", "port-exhaustion")
	d.press("tab", "tab")
	d.wantText("━ [1] STATES")
	d.press("shift+tab", "shift+tab", "j")
	d.wantRow(" WARNING    close-wait-leak")
	more := troubles()
	d.find(append([]diagnosis.Finding{{ID: diagnosis.TWRecycle, Severity: diagnosis.SeverityCritical, Claim: "recycled", Destination: -1, Service: -1}}, more...)...)
	d.wantRow(" WARNING    close-wait-leak")
	d.press("c")
	if want := more[1].Claim; len(d.copied) != 1 || d.copied[0] != want {
		t.Errorf("copied %q, want %q", d.copied, want)
	}
	d.press("g", "j", "c")
	if want := "sysctl -w net.ipv4.tcp_tw_reuse=1"; d.copied[1] != want {
		t.Errorf("copied %q, want %q", d.copied[1], want)
	}
}

func TestShortClaim(t *testing.T) {
	f := exhaustion()
	for w, want := range map[int]string{
		200: f.Claim, 48: "127.0.0.1:4001 has no local port left: connect() fails now (errno 99)",
	} {
		if got := shortClaim(&f, w); got != want {
			t.Errorf("%d cells: %q, want %q", w, got, want)
		}
	}
	f.Subject = "this host"
	if got := shortClaim(&f, 20); got != f.Claim {
		t.Errorf("%q, want %q", got, f.Claim)
	}
}

func TestFindingsAreCounted(t *testing.T) {
	of := func(all ...diagnosis.Severity) (out []diagnosis.Finding) {
		for _, s := range all {
			out = append(out, diagnosis.Finding{Severity: s})
		}
		return out
	}
	const n, w, c = diagnosis.SeverityNotice, diagnosis.SeverityWarning, diagnosis.SeverityCritical
	for want, all := range map[string][]diagnosis.Finding{
		"none": nil, "2 critical · 1 notice": of(c, c, n), "2 warnings · 2 notices": of(w, w, n, n), "1 warning": of(w),
	} {
		if got := findingsAbout(all); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNoFindings(t *testing.T) {
	d := drive(t, "healthy", 120, 40, nil)
	d.find()
	d.wantText("─ [6] FINDINGS ─ none", "nothing is wrong: the fullest destination, 10.0.3.7:5432, has 27,814 of 28,232 ports free")
	d.press("6", "enter", "c")
	d.wantText("━ [6] FINDINGS", "nothing to copy")
	d = drive(t, "nothing", 80, 24, nil)
	d.find()
	d.press("6")
	d.wantText("nothing is wrong: no destination holds a local port")
}

func TestAdvice(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.find(troubles()...)
	d.press("6", "enter")
	d.wantText("━ port-exhaustion ━ 127.0.0.1 → 127.0.0.1:4001", "certain: the kernel's own figures say so",
		"1  set net.ipv4.tcp_tw_reuse to 1 (now 0)", "sysctl · enough · 28,104/s are borne", "sysctl -w net.ipv4.tcp_tw_reuse=1",
		"application · enough · 128 ports instead of 28,232", "below, and in twtop explain nginx")
	d.wantNoText("explain port-exhaustion") // the page that it has anyhow
	d.press("c")
	if want := "sysctl -w net.ipv4.tcp_tw_reuse=1"; len(d.copied) != 1 || d.copied[0] != want {
		t.Errorf("copied %q, want %q", d.copied, want)
	}
	d.press("G", "pgup")
	d.wantShape()
	d.find(exhaustion()) // a new frame leaves it open
	d.wantText("━ port-exhaustion ━ 127.0.0.1")
	d.find()
	d.wantText("━ port-exhaustion ━ gone: it is not found any more · 127.0.0.1")
	d.press("q")
	if d.quit {
		t.Fatal("q in a detail ended the program")
	}
	d.wantText("━ [6] FINDINGS")
}

func TestAdviceCopiesWhatTheCursorIsOn(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, func(o *Options) { o.NetNSPath = "/run/netns/a b" })
	d.find(exhaustion())
	d.press("6", "enter")
	for !strings.Contains(d.row(), "ip_local_port_range=") {
		before := d.advice.cursor
		if d.press("j"); d.advice.cursor == before {
			t.Fatalf("no command for the range:\n%s", d.text())
		}
	}
	d.press("c", "G", "k", "k", "k", "k", "k", "k", "k", "c")
	if want := "upstream backend {\n    server 127.0.0.1:4001;\n    keepalive 64;\n}"; len(d.copied) != 2 || d.copied[1] != want {
		t.Errorf("copied %q, want %q", d.copied, want)
	}
	d.wantText("copied  4 lines: upstream backend { …")
	if want := "nsenter --net='/run/netns/a b' sysctl -w net.ipv4.ip_local_port_range='10240 65535'"; d.copied[0] != want {
		t.Errorf("copied %q, want %q", d.copied[0], want)
	}
}

// Enough, not enough and unknown are told in words.
func TestEnoughInWords(t *testing.T) {
	for _, c := range []struct {
		enough *bool
		effect string
		want   string
	}{
		{yes(), "enough: 28,104/s are borne", "system · enough · 28,104/s are borne"},
		{yes(), "", "system · enough"},
		{no(), "buys 18 s", "system · not enough · buys 18 s"},
		{nil, "then 40 ports are in use", "system · then 40 ports are in use"},
	} {
		f := diagnosis.Finding{Remedies: []diagnosis.Remedy{{Kind: diagnosis.RemedySystem, Text: "x", Enough: c.enough, Effect: c.effect}}}
		d := adviceOn(&f, namespace{}, 80)
		var got []string
		for _, r := range d.rows {
			got = append(got, strings.TrimSpace(r.mark.text+" "+r.text.text))
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, c.want) {
			t.Errorf("%q is missing in\n%s", c.want, all)
		}
	}
}

// A destination's and a service's detail tell what is wrong with them.
func TestDetailTellsItsFindings(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.find(troubles()...)
	d.press("enter")
	d.wantText("CRITICAL  port-exhaustion  127.0.0.1 → 127.0.0.1:4001 has no local port left")
	d.wantNoText("close-wait-leak", "no finding")
	d.press("esc", "j", "enter")
	d.wantText("no finding")
	d.press("esc", "3", "j", "enter")
	d.wantText("NOTICE  server-closes-first")
	d.press("esc", "2", "g")
	d.find(exhaustion(), exhaustion(), exhaustion(), exhaustion())
	d.press("enter")
	d.wantText("+3 more findings")
}

func TestMouseOnFindings(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.find(troubles()...)
	d.mouseAt(1, 10, d.layout.rects[areaFindings].y+2+1)
	d.wantRow(" WARNING    close-wait-leak")
	d.press("k", "enter")
	d.mouseAt(1, 10, 1+1+3)
	if d.advice.cursor != 3 {
		t.Errorf("row %d is selected, want 3", d.advice.cursor)
	}
	d.mouseAt(5, 10, 10) // the wheel
	d.wantShape()
}

// Names of processes reach the screen through findings.
func TestHostileFindings(t *testing.T) {
	const bad = "\x1b]0;pwned\x07\x1b[2Jevil\u202etxt\u200b\r\n\tend\x9b31m"
	d := drive(t, "exhausted", 80, 24, nil)
	f := exhaustion()
	f.Subject, f.Claim, f.Evidence = f.Subject+bad, bad, []string{bad}
	f.Remedies = append(f.Remedies, diagnosis.Remedy{Kind: diagnosis.RemedySysctl, Text: bad, Effect: bad, Key: "net.ipv4.x", Value: bad})
	for _, keys := range [][]string{nil, {"6"}, {"enter"}, {"G"}} {
		d.find(f)
		d.press(keys...)
		d.wantShape()
		screen := d.View()
		for _, b := range []string{"\x1b]", "\x1b[2J", "\u202e", "\u200b", "\r", "\t", "\x07", "\u009b", "\x9b31m"} {
			if strings.Contains(screen, b) {
				t.Errorf("%v: %q is on the screen", keys, b)
			}
		}
	}
	for i := range d.advice.n {
		d.advice.moveTo(i)
		if c := d.advice.command(); strings.Contains(c, "net.ipv4.x") {
			t.Errorf("%q can be copied", c)
		}
	}
}

// Whoever reads the pages stays at the same line when the evidence above grows.
func TestReadingIsNotMoved(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.find(exhaustion())
	d.press("6", "enter", "G")
	before := d.row()
	f := exhaustion()
	for i := range 5 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("evidence %d", i))
	}
	d.find(f)
	if d.row() != before {
		t.Errorf("the cursor went from\n%s to\n%s", before, d.row())
	}
}

func TestFindingsAtEverySize(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.find(troubles()...)
	for _, keys := range [][]string{nil, {"6"}, {"enter"}, {"G"}, {"esc", "2", "enter"}} {
		d.press(keys...)
		for w := 1; w < 210; w += 23 {
			for h := 1; h < 64; h += 5 {
				d.resize(w, h)
				d.drawn = ""
				d.wantShape()
			}
		}
	}
}
