package ui

import (
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func millis(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// view draws the detail into w × h cells. The rows above the table depend on
// the size and the kind of subject only.
func (d *detailPane) view(t *theme, f *frame, w, h int) []string {
	about := "gone: no connection is left"
	if d.rows.index >= 0 {
		about = commas(d.rows.total) + " sockets"
	}
	out := []string{t.heading(w, true, 0, d.subject.name(), about)}
	out = append(out, d.account(t, f, w, h)...)
	if h >= 12 {
		out = append(out, d.commands(t, f, w)...)
	}
	counts := d.states(f.report)
	note := stateWords(&counts)
	if d.rows.total > len(d.rows.sockets) {
		note = "the first " + commas(len(d.rows.sockets)) + " · " + note
	}
	out = append(out, t.heading(w, false, 0, "SOCKETS", note))
	d.head = len(out)
	d.table.setSize(w, h-len(out))
	return t.fill(append(out, d.table.lines(t, true)...), w, h)
}

// account is what the subject's figures say.
func (d *detailPane) account(t *theme, f *frame, w, h int) []string {
	if d.subject.kind == subjectService {
		return []string{d.serviceAccount(t, f, w)}
	}
	minutes := 0
	switch {
	case h >= 30:
		minutes = 9
	case h >= 16:
		minutes = 2
	}
	if d.rows.index < 0 {
		return t.fill(nil, w, 2+minutes)
	}
	x := &f.report.Destinations[d.rows.index]
	gauge := t.line(w, false).skip(markerWidth)
	gauge.gauge(&x.Ports, min(gauge.left-1, 124))
	out := []string{t.destAccount(x, w), gauge.done()}
	if minutes > 0 {
		out = append(out, t.minutes(x, w, minutes)...)
	}
	return t.fill(out, w, 2+minutes)
}

func (t *theme) destAccount(x *diagnosis.Destination, w int) string {
	l := t.line(w, false).skip(markerWidth)
	pair := func(name string, k ink, value string) { l.text(inkDim, name+" ").text(k, value).skip(3) }
	pair("used", inkStrong, commas(x.Ports.Used)+" of "+commas(x.Ports.Capacity))
	pair("free", freeInk(x), free(x))
	pair("pressure", pressureInk(x), percent(x.Ports.Pressure))
	pair("reusable", inkPlain, optional(x.Ports.Reusable))
	pair("closes/s", inkPlain, closesPerSecond(x))
	if x.Ports.SlowConnect {
		l.text(inkWarning, "connect() is slow")
	}
	return l.done()
}

func (d *detailPane) serviceAccount(t *theme, f *frame, w int) string {
	l := t.line(w, false).skip(markerWidth)
	if d.rows.index < 0 {
		return l.done()
	}
	s := &f.report.Services[d.rows.index]
	l.text(inkDim, "waiting for accept() ").text(queueInk(s), queue(s)).text(inkDim, " of ").text(inkPlain, optional(s.Backlog)).skip(3)
	l.text(inkDim, "listening sockets ").text(inkPlain, commas(s.Sockets))
	return l.done()
}

func (d *detailPane) commands(t *theme, f *frame, w int) []string {
	r := d.recipe(f)
	row := func(name, command, key string) string {
		l := t.line(w, false).skip(markerWidth).text(inkAccent, key).text(inkDim, " copies ")
		return l.text(inkPlain, command).done()
	}
	return []string{row("ss", r.ss, "c"), row("tcpdump", r.tcpdump, "t")}
}
