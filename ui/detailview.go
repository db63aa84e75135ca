package ui

import (
	"strings"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func millis(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// setSize works out how many rows stand above the sockets: that depends on the
// size and the subject only.
func (d *detailPane) setSize(f *frame, w, h int) {
	d.w, d.h = w, h
	d.head = 2 + d.accountRows() + d.findingRows() + len(d.commands(f))
	d.table.setSize(w, h-d.head)
}

// minuteRows are the rows for the two minutes of a destination.
func (d *detailPane) minuteRows() int {
	switch {
	case d.subject.kind != subjectDest || d.h < 16:
		return 0
	case d.h >= 30:
		return 9
	}
	return 2
}

// findingRows are the rows for what is wrong with the subject.
func (d *detailPane) findingRows() int {
	switch {
	case d.h < 16:
		return 0
	case d.h >= 30:
		return 2
	}
	return 1
}

func (d *detailPane) accountRows() int {
	if d.subject.kind == subjectService {
		return 1
	}
	return 2 + d.minuteRows()
}

// view draws the detail.
func (d *detailPane) view(t *theme, f *frame) []string {
	about := "gone: no connection is left"
	if d.rows.index >= 0 {
		about = sockets(d.rows.total)
	}
	out := []string{t.heading(d.w, true, 0, d.subject.name(), about)}
	out = append(out, t.fill(d.account(t, f), d.w, d.accountRows())...)
	out = append(out, d.findings(t, f)...)
	for _, c := range d.commands(f) {
		out = append(out, c.line(t, d.w))
	}
	counts := d.states(f.report)
	note := stateWords(&counts)
	if d.rows.total > len(d.rows.sockets) {
		note = "the first " + commas(len(d.rows.sockets)) + " · " + note
	}
	out = append(out, t.heading(d.w, false, 0, "SOCKETS", note))
	return t.fill(append(out, d.table.lines(t, true, "no connections")...), d.w, d.h)
}

// account is what the subject's figures say.
func (d *detailPane) account(t *theme, f *frame) []string {
	switch {
	case d.rows.index < 0:
		return nil
	case d.subject.kind == subjectService:
		return []string{t.serviceAccount(&f.report.Services[d.rows.index], d.w)}
	}
	x := &f.report.Destinations[d.rows.index]
	gauge := t.line(d.w, false).skip(markerWidth)
	gauge.gauge(&x.Ports, min(gauge.left-1, 124))
	out := []string{t.destAccount(x, d.w), gauge.done()}
	if n := d.minuteRows(); n > 0 {
		out = append(out, t.minutes(x, d.w, n)...)
	}
	return out
}

// findings is what is wrong with the subject, worst first, a row each; the
// second says how many more there are where it is not enough.
func (d *detailPane) findings(t *theme, f *frame) []string {
	rows := d.findingRows()
	var out []string
	left := 0
	for i := range f.findings {
		if x := &f.findings[i]; !d.isAbout(x) {
			continue
		} else if len(out) < rows {
			out = append(out, t.findingRow(x, d.w))
		} else {
			left++
		}
	}
	switch {
	case rows > 0 && len(out) == 0:
		out = append(out, t.line(d.w, false).skip(markerWidth).text(inkDim, "no finding").done())
	case left > 0 && rows > 1:
		out[rows-1] = t.line(d.w, false).skip(markerWidth).text(inkDim, "+"+diagnosis.Plural(left+1, "more finding")).done()
	}
	return t.fill(out, d.w, rows)
}

func (d *detailPane) isAbout(x *diagnosis.Finding) bool {
	switch {
	case d.rows.index < 0:
		return false
	case d.subject.kind == subjectService:
		return x.Service == d.rows.index
	}
	return x.Destination == d.rows.index
}

func (t *theme) findingRow(x *diagnosis.Finding, w int) string {
	mark, text := badge(x.Severity)
	l := t.line(w, false).skip(1).text(mark, " "+strings.ToUpper(x.Severity.String())+" ").skip(1)
	return l.text(text, string(x.ID)).skip(2).text(inkPlain, x.Claim).done()
}

// ownerRoom is what the owner needs, half of it around the name.
const ownerRoom = 28

func (t *theme) destAccount(x *diagnosis.Destination, w int) string {
	l := t.line(w, false).skip(markerWidth)
	pair := func(name string, k ink, value string) { l.text(inkDim, name+" ").text(k, value).skip(2) }
	pair("used", inkStrong, commas(x.Ports.Used)+" of "+commas(x.Ports.Capacity))
	pair("free", freeInk(x), free(x))
	pair("pressure", pressureInk(x), percent(x.Ports.Pressure))
	pair("closes/s", inkPlain, closesPerSecond(x))
	pair("reusable", inkPlain, optional(x.Ports.Reusable))
	if x.Ports.SlowConnect {
		l.text(inkWarning, "connect() is slow").skip(2)
	}
	if who, share := x.OwnerWords(); who != "" && l.left > ownerRoom {
		pair("owner", inkPlain, cut(clean(who), l.left-ownerRoom/2)+" "+percent(100*share))
	}
	return l.done()
}

func (t *theme) serviceAccount(s *diagnosis.Service, w int) string {
	l := t.line(w, false).skip(markerWidth)
	waiting := "waiting for accept() "
	if s.Sockets > 1 {
		waiting = "waiting for accept() at the fullest "
	}
	l.text(inkDim, waiting).text(queueInk(s), queue(s)).text(inkDim, " of ").text(inkPlain, optional(s.WorstBacklog)).skip(3)
	l.text(inkDim, "listening sockets ").text(inkPlain, commas(s.Sockets))
	if s.Sockets > 1 {
		l.text(inkDim, ", together ").text(inkPlain, optional(s.AcceptQueue)).text(inkDim, " of ").text(inkPlain, optional(s.Backlog))
	}
	return l.done()
}

// commandRow is one row of a recipe, the first one with the key that copies it.
type commandRow struct{ key, text string }

const copies = "c copies "

func (c commandRow) line(t *theme, w int) string {
	l := t.line(w, false).skip(markerWidth)
	if c.key == "" {
		l.skip(len(copies))
	} else {
		l.text(inkAccent, c.key).text(inkDim, copies[1:])
	}
	return l.text(inkPlain, c.text).done()
}

// commands are the recipes in full, wrapped: who cannot copy must read them.
func (d *detailPane) commands(f *frame) []commandRow {
	if d.h < 12 || f == nil {
		return nil
	}
	r := d.recipe(f)
	var out []commandRow
	add := func(key, command string) {
		for _, row := range wrap(command, d.w-markerWidth-len(copies)-1, 3) {
			out = append(out, commandRow{key, row})
			key = ""
		}
	}
	add("c", r.ss)
	add("t", r.tcpdump)
	return out
}
