package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// timelineOf has a frame for each digit, which is its pressure in tenths; a
// space is one that is not known.
func timelineOf(digits string, spans ...diagnosis.Span) *timeline {
	l := new(timeline)
	msg := foundMsg{spans: spans}
	for i, d := range digits {
		m := diagnosis.Moment{Known: d != ' ', Pressure: 100 * float32(d-'0') / 9}
		for _, s := range spans {
			if i >= s.From && (s.Open || i < s.To) {
				m.Worst = max(m.Worst, s.Worst)
			}
		}
		msg.moments = append(msg.moments, m)
	}
	l.take(&msg)
	l.frames(0, len(digits), 0)
	return l
}

func pictureOf(l *timeline, w, h int) string {
	l.arrange(w - 2)
	var out []string
	for _, row := range plainTheme().timeline(l, w, h)[1:] {
		out = append(out, strings.TrimRight(ansi.Strip(row), " "))
	}
	return strings.Join(out, "\n")
}

func TestTimelinePictures(t *testing.T) {
	warning := diagnosis.Span{ID: diagnosis.PortPressure, From: 4, To: 16, Begun: diagnosis.SeverityWarning, Worst: diagnosis.SeverityCritical, WorstAt: 7}
	notice := diagnosis.Span{ID: diagnosis.ServerClosesFirst, From: 18, Open: true, Begun: diagnosis.SeverityNotice, Worst: diagnosis.SeverityNotice, WorstAt: 18}
	const all = "0123456789987654321000"
	for name, c := range map[string]struct {
		digits string
		spans  []diagnosis.Span
		at     int
		w, h   int
		want   string
	}{
		"a frame a column": {all, []diagnosis.Span{warning, notice}, 10, 24, 4, `
      ▁▃▄▆██▆▄▃▁
 ▁▂▄▅▇██████████▇▅▄▂▁▁▁
     W━━C━━▲━━━━━c N┄┄┄`},
		"two frames a column": {all, []diagnosis.Span{warning, notice}, 0, 13, 4, `
   ▁▄██▄▁
 ▂▅██████▅▂▁
 ▲ WC━━━━cN┄`},
		"wider than the frames": {"09 9", nil, 3, 18, 3, `
 ▁▁▁▁████    ████
             ▲`},
		"one row": {all, []diagnosis.Span{warning}, 21, 24, 3, `
 ▁▂▂▃▄▄▅▆▇██▇▆▅▄▄▃▂▂▁▁▁
     W━━C━━━━━━━━c    ▲`},
		"nothing": {"", nil, -1, 20, 3, ``},
	} {
		t.Run(name, func(t *testing.T) {
			l := timelineOf(c.digits, c.spans...)
			l.at = c.at
			if got := pictureOf(l, c.w, c.h); strings.Trim(got, "\n") != strings.Trim(c.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

// TestColumns: each column has a frame that leads back to it, each frame a column.
func TestColumns(t *testing.T) {
	for n := 1; n < 90; n++ {
		for w := 1; w < 90; w++ {
			l := &timeline{from: 7, n: n, w: w}
			for c := range w {
				f := l.frameOf(c)
				if f < 7 || f >= 7+n || l.columnOf(f) > c || w <= n && l.columnOf(f) != c {
					t.Fatalf("%d frames in %d columns: column %d is frame %d, which is column %d", n, w, c, f, l.columnOf(f))
				}
			}
			for f := 8; f < 7+n; f++ {
				if l.columnOf(f) < l.columnOf(f-1) || l.columnOf(f) >= w {
					t.Fatalf("%d frames in %d columns: frame %d is column %d", n, w, f, l.columnOf(f))
				}
			}
		}
	}
}

func TestClockWords(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", 83 * time.Second: "1:23", -time.Second: "0:00", 3723 * time.Second: "1:02:03", 1 << 62: "1,281,023:53:38"} {
		if got := clockWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
