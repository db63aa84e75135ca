package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func plainTheme() *theme { return newTheme(&palette{}, 0) }

func drawn(w int, draw func(l *line)) string {
	l := plainTheme().line(w, false)
	draw(l)
	return ansi.Strip(l.done())
}

func TestGauge(t *testing.T) {
	four := func(capacity, used, waiting, reusable int) diagnosis.PortUse {
		return diagnosis.PortUse{Capacity: capacity, Used: used, UsedTimeWait: waiting, Reusable: &reusable}
	}
	for _, c := range []struct {
		use  diagnosis.PortUse
		want string
	}{
		{four(20, 0, 0, 0), "▕          ┊         ▏"},
		{four(20, 20, 20, 0), "▕██████████┊█████████▏"},
		{four(20, 20, 10, 0), "▕██████████┊▓▓▓▓▓▓▓▓▓▏"},
		{four(20, 10, 8, 4), "▕████▓▓░░░░┊         ▏"},
		{four(28232, 412, 12, 0), "▕▓         ┊         ▏"},
		{four(28232, 3, 3, 0), "▕█         ┊         ▏"},
		{four(28232, 28231, 28231, 0), "▕██████████┊████████ ▏"},
		{four(0, 0, 0, 0), "▕                    ▏"},
		{diagnosis.PortUse{Capacity: 20, Used: 20, UsedTimeWait: 20}, "▕██████████┊█████████▏"},
	} {
		if got := drawn(22, func(l *line) { l.gauge(&c.use, 22) }); got != c.want {
			t.Errorf("%+v\n got %q\nwant %q", c.use, got, c.want)
		}
	}
}

// TestTooFewCells: what there is most of keeps its cell.
func TestTooFewCells(t *testing.T) {
	if got := divide([]int{190, 40, 3711}, 2); !slices.Equal(got, []int{1, 0, 1}) {
		t.Errorf("%v", got)
	}
	if got := divide([]int{40, 190, 3711}, 1); !slices.Equal(got, []int{0, 0, 1}) {
		t.Errorf("%v", got)
	}
}

func TestDivide(t *testing.T) {
	for w := range 60 {
		for _, counts := range [][]int{{1, 1, 1, 28229}, {0, 0, 0, 0}, {5, 5}, {-1, 7}, {28104, 128, 0}, {1 << 30, 1 << 20}} {
			sum, any := 0, false
			for i, n := range divide(counts, w) {
				if n < 0 || n > 0 && counts[i] <= 0 {
					t.Fatalf("divide(%v, %d) gives part %d %d cells", counts, w, i, n)
				}
				sum, any = sum+n, any || counts[i] > 0
			}
			if any && sum != w || !any && sum != 0 {
				t.Fatalf("divide(%v, %d) shares out %d", counts, w, sum)
			}
		}
	}
}

func TestSparkShowsPeaksOfOneSecond(t *testing.T) {
	var s diagnosis.Series
	s[7], s[59] = 1000, 1
	if got := drawn(15, func(l *line) { l.spark(inkBack, &s, 15) }); got != "▁▇▁▁▁▁▁▁▁▁▁▁▁▁▂" {
		t.Errorf("%q", got)
	}
	s = diagnosis.Series{}
	if got := drawn(10, func(l *line) { l.spark(inkBack, &s, 10) }); got != strings.Repeat("▁", 10) {
		t.Errorf("%q", got)
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		n, limit int
		want     string
	}{{0, 10, "    "}, {10, 10, "████"}, {5, 10, "██  "}, {1, 1_000_000, "▏   "}, {7, 8, "███▌"}, {3, 0, "    "}} {
		if got := drawn(4, func(l *line) { l.bar(inkPlain, c.n, c.limit, 4) }); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.n, c.limit, got, c.want)
		}
	}
}

func TestChart(t *testing.T) {
	var past, next diagnosis.Series
	for i := range 30 {
		past[30+i] = uint32(i + 1)
	}
	next[59] = 60
	got := chart{&past, &next}.rows(plainTheme(), 34, 4)
	want := []string{
		`      60/s▕          │         █  `,
		`          ▕        ▂▄│         █  `,
		`         0▕▁▁▁▁▁▂▅▇██│▁▁▁▁▁▁▁▁▁█  `,
		`           −60 s     │     +60 s  `,
	}
	for i := range got {
		if g := ansi.Strip(got[i]); strings.TrimRight(g, " ") != strings.TrimRight(want[i], " ") {
			t.Errorf("row %d\n got %q\nwant %q", i, g, want[i])
		}
		if w := ansi.StringWidth(got[i]); w != 34 {
			t.Errorf("row %d is %d cells wide", i, w)
		}
	}
}

func TestWrap(t *testing.T) {
	const s = "nginx wants at least 1,480 connections/s; 28,232 ports allow 470/s"
	for w := 1; w < 80; w++ {
		for rows := range 6 {
			out := wrap(s, w, rows)
			if len(out) > rows {
				t.Fatalf("%d rows, want at most %d", len(out), rows)
			}
			for _, r := range out {
				if width(r) > w {
					t.Fatalf("%q is wider than %d", r, w)
				}
			}
		}
	}
	if got := strings.Join(wrap(s, 30, 5), "|"); got != "nginx wants at least 1,480|connections/s; 28,232 ports|allow 470/s" {
		t.Errorf("%q", got)
	}
}

// However narrow the screen: the first thing to read says where and what.
func TestNarrowHeadline(t *testing.T) {
	for w := 30; w < narrowWidth; w++ {
		d := drive(t, "exhausted", w, 10, nil)
		rows := d.theme.headline(d.frame, w, 2)
		got := strings.Join(strings.Fields(strings.ReplaceAll(ansi.Strip(strings.Join(rows, " ")), "┃", "")), " ")
		if !strings.HasPrefix(got, "CRITICAL 127.0.0.1:4001 has no local port") {
			t.Errorf("%d cells: %q", w, got)
		}
		if d.find(exhaustion()); !strings.Contains(ansi.Strip(d.theme.headline(d.frame, w, 3)[2]), "now: set net.ipv4") {
			t.Errorf("%d cells: the third row does not say what to do", w)
		}
	}
}

// A sentence without evidence has all the rows, so that its figures are not cut.
func TestHeadlineWithoutEvidence(t *testing.T) {
	f := &frame{headline: diagnosis.Headline{Text: strings.Repeat("word ", 40) + "28,232"}}
	if got := strings.Join(plainTheme().headline(f, 80, 4), "\n"); !strings.Contains(got, "28,232") {
		t.Errorf("got\n%s", got)
	}
	f.headline.Evidence = "the evidence"
	if got := strings.Join(plainTheme().headline(f, 80, 4), "\n"); !strings.Contains(got, "the evidence") {
		t.Errorf("got\n%s", got)
	}
}

// TestWrapWholeBrackets: what has no room is left out by whole clauses, and brackets
// are not left open.
func TestWrapWholeBrackets(t *testing.T) {
	const s = "1,960 attempts get no answer. Opened by node (pid 50, shop.service): 100 % as nobody else connects to it."
	for w, want := range map[int]string{60: "1,960 attempts get no answer. Opened by node…", 120: s} {
		if got := strings.Join(wrapWhole(s, w, 1), "|"); got != want {
			t.Errorf("%d cells: %q, want %q", w, got, want)
		}
	}
}
