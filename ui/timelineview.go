package ui

import (
	"strings"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// The timeline of a replay, below the panes and whatever is open: the pressure of
// the worst destination over the whole recording, and below it where findings
// begin (C W N) and end (c w n), how bad it is between them, and the place of
// the frame on the screen.
//
//	─ TIMELINE ─ 1:23 of 5:00 · port-pressure begins · C W N findings begin, c w n end ──
//	                    ▂▄▆████████▇▅▂
//	 ▁▁▁▁▁▁▁▁▁▁▁▁▁▂▃▅▇██████████████████▆▄▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁
//	              W───C━━━━▲━━━━━━━━c───w

// timelineRows is how many rows of a screen the timeline takes.
func timelineRows(h int) int {
	switch {
	case h < 12:
		return 0
	case h < mediumHeight:
		return 3
	case h < wideHeight:
		return 4
	}
	return 5
}

func (t *theme) timeline(l *timeline, w, h int) []string {
	if h <= 0 {
		return nil
	}
	out := []string{t.heading(w, false, 0, "TIMELINE", l.about)}
	for row := h - 3; row >= 0; row-- {
		out = append(out, t.pressureRow(l, w, row, h-2))
	}
	if h > 1 {
		out = append(out, t.markRow(l, w))
	}
	return t.fill(out, w, h)
}

// pressureRow draws one of rows rows of the graph, row 0 the lowest.
func (t *theme) pressureRow(l *timeline, w, row, rows int) string {
	out := t.line(w, false).skip(1)
	at := l.columnOf(l.at)
	for i := range l.columns {
		c := &l.columns[i]
		k, glyph := pressureAt(c, row, rows)
		if i == at && l.at >= 0 {
			out.under(t, inkStrong, glyph)
			continue
		}
		out.text(k, glyph)
	}
	return out.done()
}

func pressureAt(c *timelineColumn, row, rows int) (ink, string) {
	if !c.known {
		return inkPlain, " "
	}
	k := inkOK
	switch {
	case c.pressure >= diagnosis.CriticalPressure:
		k = inkCritical
	case c.pressure >= diagnosis.WarningPressure:
		k = inkWarning
	}
	e := level(int(c.pressure*10), 1000, rows*8)
	if e > 0 {
		e = max(e, 2) // apart from the axis
	}
	e -= row * 8
	switch {
	case e >= 8:
		return k, eighths[7]
	case e > 0:
		return k, eighths[e-1]
	case row == 0:
		return inkDim, eighths[0]
	}
	return inkPlain, " "
}

// The letters of marks: capital where a finding begins.
var markLetters = [...]string{diagnosis.SeverityNone: "·", diagnosis.SeverityNotice: "n", diagnosis.SeverityWarning: "w", diagnosis.SeverityCritical: "c"}

// The lines between marks.
var markLines = [...]string{diagnosis.SeverityNone: " ", diagnosis.SeverityNotice: "┄", diagnosis.SeverityWarning: "─", diagnosis.SeverityCritical: "━"}

var severityInks = [...]ink{diagnosis.SeverityNone: inkDim, diagnosis.SeverityNotice: inkNotice, diagnosis.SeverityWarning: inkWarning, diagnosis.SeverityCritical: inkCritical}

func (t *theme) markRow(l *timeline, w int) string {
	out := t.line(w, false).skip(1)
	at := l.columnOf(l.at)
	for i := range l.columns {
		c := &l.columns[i]
		switch {
		case i == at && l.at >= 0:
			out.text(inkStrong, "▲")
		case c.mark != nil:
			letter := markLetters[c.mark.Severity]
			if c.mark.Turn != diagnosis.TurnEnds {
				letter = strings.ToUpper(letter)
			}
			out.text(severityInks[c.mark.Severity], letter)
		default:
			out.text(severityInks[c.worst], markLines[c.worst])
		}
	}
	return out.done()
}

// under writes a cell as those of the row under the cursor are.
func (l *line) under(t *theme, k ink, s string) {
	if l.left < width(s) {
		return
	}
	l.use(inkNone)
	l.b.WriteString(t.lit[k].open + s + t.lit[k].close)
	l.left -= width(s)
}

// retime works the timeline out after something has changed.
func (m *Model) retime() {
	p := m.player
	if p == nil {
		return
	}
	p.line.frames(p.Tape.First(), p.Tape.Len(), p.head.at)
	p.line.about = strings.Join(m.timelineWords(), " · ")
	p.line.arrange(max(m.width-2, 0))
}

// timelineWords says where the replay is.
func (m *Model) timelineWords() []string {
	p := m.player
	l := &p.line
	if p.head.at < 0 || l.n == 0 {
		return []string{"no frame yet"}
	}
	begin, end, now := p.Tape.Taken(l.from), p.Tape.Taken(l.from+l.n-1), p.Tape.Taken(p.head.at)
	out := []string{clockWords(now.Sub(begin)) + " of " + clockWords(end.Sub(begin))}
	if mark := l.markAt(p.head.at); mark != nil {
		out = append(out, l.markWords(mark))
	}
	out = append(out, p.stateWords(now)...)
	if n := l.surveyed(); n < l.n {
		out = append(out, percent(float64(100*n)/float64(l.n))+" looked through")
	}
	if l.more {
		out = append(out, "not all findings are marked")
	}
	if len(l.marks) > 0 {
		out = append(out, "C W N findings begin, c w n end")
	}
	if m.frame != nil && len(m.frame.report.Destinations) > 0 {
		out = append(out, "pressure of the worst destination")
	}
	return out
}

// stateWords says how the replay goes on, where it does not simply do so.
func (p *player) stateWords(now time.Time) (out []string) {
	note := ""
	if n := p.Tape.Note(); n != "" {
		note = ": " + clean(n)
	}
	switch {
	case p.ended():
		out = append(out, "the recording ends here"+note)
	case p.Tape.Ended() && note != "":
		out = append(out, "not complete"+note)
	case !p.Tape.Ended() && p.head.quiet > 0:
		out = append(out, "nothing has come for "+clockWords(p.head.quiet))
	case !p.Tape.Ended() && p.head.following:
		out = append(out, "follows the stream")
	case !p.Tape.Ended():
		out = append(out, "the stream goes on")
	}
	if first := p.line.from; first > 0 {
		out = append(out, "what was before is not kept")
	}
	return out
}
