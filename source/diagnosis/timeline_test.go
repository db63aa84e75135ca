package diagnosis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

var byLetter = map[string]Severity{"n": SeverityNotice, "w": SeverityWarning, "c": SeverityCritical}

// score adds a frame a second; each string is a finding: "w:slow-connect".
func score(t *Timeline, from int, frames ...string) {
	began := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	for i, found := range frames {
		r := &Report{Snapshot: &source.Snapshot{}}
		for _, f := range strings.Fields(found) {
			sev, id, _ := strings.Cut(f, ":")
			r.Findings = append(r.Findings, Finding{ID: ID(id), Severity: byLetter[sev]})
		}
		t.Add(from+i, began.Add(time.Duration(from+i)*time.Second), r)
	}
}

func marksOf(t *Timeline) string {
	spans := t.Spans()
	var out []string
	for _, m := range MarksOf(spans) {
		out = append(out, fmt.Sprintf("%d %s %s %v", m.Frame, spans[m.Span].ID, [...]string{"ends", "worsens", "begins"}[m.Turn], m.Severity))
	}
	return strings.Join(out, ", ")
}

func TestMarks(t *testing.T) {
	for name, c := range map[string]struct {
		frames []string
		want   string
	}{
		"nothing":     {[]string{"", "", ""}, ""},
		"goes on":     {[]string{"", "w:a", "w:a"}, "1 a begins warning"},
		"ends":        {[]string{"", "w:a", "w:a", "", "", "", "", "", ""}, "1 a begins warning, 3 a ends warning"},
		"away for 4s": {[]string{"w:a", "", "", "", "w:a", "w:a"}, "0 a begins warning"},
		"again":       {[]string{"w:a", "", "", "", "", "", "w:a"}, "0 a begins warning, 1 a ends warning, 6 a begins warning"},
		"worsens":     {[]string{"w:a", "c:a", "w:a", "c:a"}, "0 a begins warning, 1 a worsens critical"},
		"one for the other": {[]string{"c:a", "w:b", "w:b", "w:b", "w:b", "w:b", "w:b"},
			"0 a begins critical, 1 a ends critical, 1 b begins warning"},
		"worst first": {[]string{"n:a c:b"}, "0 b begins critical, 0 a begins notice"},
	} {
		t.Run(name, func(t *testing.T) {
			var line Timeline
			score(&line, 0, c.frames...)
			if got := marksOf(&line); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestMoments(t *testing.T) {
	var line Timeline
	score(&line, 7, "w:a")
	line.Miss(8)
	r := &Report{Snapshot: &source.Snapshot{}, Destinations: []Destination{{Ports: PortUse{Pressure: 3}}, {Ports: PortUse{Pressure: 41}}}}
	line.Add(10, time.Time{}, r)
	want := []Moment{{Worst: SeverityWarning}, {}, {}, {Pressure: 41, Known: true}}
	if got := line.Moments(); line.First() != 7 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("from %d: %v", line.First(), got)
	}
}

// TestHostileMarks: a recording that makes findings up does not make a Timeline
// keep them all.
func TestHostileMarks(t *testing.T) {
	var line Timeline
	for i := range 3 * maxSpans {
		score(&line, i, fmt.Sprintf("w:f%d", i))
	}
	if n := len(line.Spans()); n != maxSpans || !line.Unmarked() {
		t.Errorf("%d spans, unmarked %v", n, line.Unmarked())
	}
	line.Forget(3*maxSpans - 5)
	if n := len(line.Spans()); n != 0 || len(line.Moments()) != 5 || !line.Unmarked() {
		t.Errorf("forgotten: %d spans, %d moments, unmarked %v", n, len(line.Moments()), line.Unmarked())
	}
	score(&line, 3*maxSpans, "w:a", "w:b")
	if got, want := marksOf(&line), "12288 a begins warning, 12289 b begins warning"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	line.Forget(3 * maxSpans)
	if line.Unmarked() {
		t.Error("every finding that is left is marked")
	}
}

// TestForget drops what has ended, and goes on with what has not.
func TestForget(t *testing.T) {
	var line Timeline
	score(&line, 0, "w:a n:b", "w:a", "w:a", "w:a", "w:a", "w:a", "w:a n:c", "w:a")
	given := line.Moments()
	line.Forget(5)
	line.Forget(4) // is forgotten already
	score(&line, 8, "c:a", "n:c", "", "", "", "", "n:d")
	const want = "0 a begins warning, 6 c begins notice, 8 a worsens critical, 9 a ends critical, 10 c ends notice, 14 d begins notice"
	if got := marksOf(&line); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if line.First() != 5 || len(line.Moments()) != 10 || line.Moments()[3].Worst != SeverityCritical {
		t.Errorf("from %d: %v", line.First(), line.Moments())
	}
	if len(given) != 8 || given[7].Worst != SeverityWarning {
		t.Errorf("what was given became %v", given)
	}
	line.Forget(100)
	score(&line, 120, "n:e")
	if line.First() != 120 || len(line.Moments()) != 1 {
		t.Errorf("from %d: %v", line.First(), line.Moments())
	}
}
