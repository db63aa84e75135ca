package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func render(t *testing.T, r *diagnosis.Report, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) {
	golden.RequireEqual(t, []byte(render(t, incident(), Width)))
}

func TestTextGoldenIPv4(t *testing.T) {
	r := incident()
	r.Destinations = r.Destinations[:1]
	golden.RequireEqual(t, []byte(render(t, r, Width)))
}

func TestTextFits(t *testing.T) {
	r := incident()
	r.Snapshot.Host.Name = strings.Repeat("ホスト", 60)
	r.Snapshot.Sysctls["net.ipv4.tcp_tw_reuse"] = strings.Repeat("9,", 4000)
	r.Gaps = append(r.Gaps, strings.Repeat("word ", 100), strings.Repeat("x", 500))
	r.Destinations = append(crowd(30).Destinations, r.Destinations...)
	for _, width := range []int{60, 80, 81, 132} {
		for line := range strings.Lines(render(t, r, width)) {
			if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("%d cells in a line for %d: %s", w, width, line)
			}
		}
	}
}

func TestTextSaysTheWorstFirst(t *testing.T) {
	text := render(t, incident(), Width)
	if !strings.HasPrefix(text, "CRITICAL: 127.0.0.1 → 127.0.0.1:4001 has no local port left") {
		t.Errorf("it begins with %.80q", text)
	}
	titles := []string{"CRITICAL", "Do now: set net.ipv4.tcp_tw_reuse to 1", "The cure: ", "web-3", "Findings,", "Sockets by state", "Local ports", "Destinations, worst first", "Services,", "Not known"}
	var at []int
	for _, title := range titles {
		at = append(at, strings.Index(text, title))
	}
	if at[0] != 0 || !slices.IsSorted(at) {
		t.Errorf("%q are at %v", titles, at)
	}
}

// TestTextOfFindings: of the worst everything, of the others the first step.
func TestTextOfFindings(t *testing.T) {
	text := render(t, incident(), Width)
	for want, n := range map[string]int{
		"CRITICAL, port-exhaustion (certain): 127.0.0.1": 1, "WARNING, listen-overflow (certain): 0.0.0.0:4001": 1,
		"1. set net.ipv4.tcp_tw_reuse to 1 (now 0); enough: 28,104/s": 1, "open; enough: 126": 1, "not enough": 2,
		"(now 0); not known whether enough": 1, "5. give the backend a second address\n": 1, "first: accept faster": 1,
		"twtop explain port-exhaustion says": 1, "300 connections wait": 0, "second\n": 0,
	} {
		if got := strings.Count(text, want); got != n {
			t.Errorf("%q is there %d times, want %d, in\n%s", want, got, n, text)
		}
	}
}

// TestTextOfCalm: nothing found is no section, and nothing to do is no line.
func TestTextOfCalm(t *testing.T) {
	r := incident()
	r.Findings, r.Headline = nil, diagnosis.Headline{Text: "all is well", Finding: -1, Destination: -1}
	text := render(t, r, Width)
	if !strings.HasPrefix(text, "OK: all is well\n\nweb-3") || strings.Contains(text, "Findings") {
		t.Errorf("it is\n%s", text)
	}
}

func TestTextOfAction(t *testing.T) {
	for in, want := range map[string]string{
		"now: a · cure: b": "Do now: a\nThe cure: b\n", "cure: b": "The cure: b\n", "wait": "Do: wait\n", "": "",
	} {
		var b bytes.Buffer
		p := newPage(&b, Width)
		writeAction(p, in)
		if err := p.end(); err != nil || b.String() != want {
			t.Errorf("%q became %q, want %q", in, b.String(), want)
		}
	}
}

func TestTextCutsLongTables(t *testing.T) {
	text := render(t, crowd(100), Width)
	if !strings.Contains(text, "and 80 more destinations; --json has them all") {
		t.Error(text)
	}
	if n := strings.Count(text, "from 127.0.0.1\n"); n != rowsShown {
		t.Errorf("%d rows, want %d", n, rowsShown)
	}
}

func TestTextOfUpperBound(t *testing.T) {
	r := incident()
	r.Destinations = []diagnosis.Destination{atEase()}
	text := render(t, r, Width)
	for _, want := range []string{"how many were closed from here, and when, is not known", "at most 27,818 free", "unknown reusable now", "<=27,818"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"ab cd", 5, []string{"ab cd"}},
		{"ab cde", 5, []string{"ab", "cde"}},
		{"abcdefgh ij", 3, []string{"abc", "def", "gh", "ij"}},
		{"ホスト", 4, []string{"ホス", "ト"}},
		{"a ホスト", 4, []string{"a", "ホス", "ト"}},
	} {
		if got := fold(c.in, c.width); !slices.Equal(got, c.want) {
			t.Errorf("fold(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

func TestCount(t *testing.T) {
	for in, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := count(in); got != want {
			t.Errorf("count(%d) = %q, want %q", in, got, want)
		}
	}
}
