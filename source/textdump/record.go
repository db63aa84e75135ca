package textdump

import (
	"bytes"

	"github.com/359a26c5/twtop/source"
)

// record is a socket whose lines are being gathered: -i and -m print a second
// one, and a narrow terminal breaks a line anywhere.
type record struct {
	format Format
	line   int // where it begins
	text   []byte
	indent int  // of its first line
	full   bool // its last line is as long as the longest: a terminal may have cut it
}

func (r *record) open() bool { return r.format != FormatNone }

// continues reports whether a line that begins nothing is certainly part of
// the record: it is indented, as details are.
func (r *record) continues(l line) bool {
	return r.open() && r.format == FormatSS && l.indent > r.indent && len(l.body) > 0
}

// lacks reports whether columns of the record are still to come. A line that
// has them may look like the beginning of a socket.
func (r *record) lacks() bool {
	switch r.format {
	case FormatSS:
		return fields(r.text) < ssFields
	case FormatNetstat:
		return fields(r.text) < netstatFields
	}
	return false
}

const ssFields, netstatFields = 4, 6

func fields(b []byte) int {
	n := 0
	for b = trim(b); len(b) > 0; b = trim(b) {
		_, b = cut(b)
		n++
	}
	return n
}

// start begins a socket.
func (p *parser) start(l line, k kind) {
	p.flush()
	if p.section.format != k.format {
		state := p.section.state
		p.begin(k.format)
		p.section.state = state
	}
	r := &p.record
	r.format, r.line, r.indent = k.format, p.in.n, l.indent
	r.text = append(r.text[:0], l.body[k.at:]...)
	p.measure(l)
}

// measure notes whether l may have been cut by a terminal.
func (p *parser) measure(l line) {
	p.section.widest = max(p.section.widest, l.width)
	p.record.full = l.width >= p.section.widest && l.width >= minTerminal
}

// minTerminal is the narrowest terminal, in columns.
const minTerminal = 20

// goOn appends a line to the socket. A terminal breaks a line anywhere, also
// within a number; a program, and whoever mends lines, between fields.
func (p *parser) goOn(l line) {
	r := &p.record
	if len(r.text)+1+len(l.body) > maxLine {
		return
	}
	whole := len(r.text)
	glued := r.full && l.indent <= r.indent && whole > 0 && !isBlank(r.text[whole-1])
	if glued {
		r.text = append(r.text, l.body...)
		if glued = p.readable(r.format, r.text) || !p.readable(r.format, r.text[:whole]) && !p.spaced(l.body, whole); !glued {
			r.text = r.text[:whole]
		}
	}
	if !glued {
		r.text = append(append(r.text, ' '), l.body...)
	}
	p.measure(l)
}

// spaced reports whether the record can be read with a blank before body.
func (p *parser) spaced(body []byte, whole int) bool {
	b := append(append(bytes.Clone(p.record.text[:whole]), ' '), body...)
	return p.readable(p.record.format, b)
}

// readable reports whether a record can be read as it is.
func (p *parser) readable(f Format, b []byte) bool {
	timers := p.section.timers
	p.trying = true
	var e source.Entry
	fault := p.parse(f, b, &e)
	p.trying = false
	p.section.timers = timers
	return fault == ""
}

// flush ends the socket that is being gathered.
func (p *parser) flush() {
	r := &p.record
	if !r.open() {
		return
	}
	var e source.Entry
	if f := p.parse(r.format, r.text, &e); f != "" {
		p.bad.add(r.line, f)
	} else {
		p.add(&e)
	}
	r.format = FormatNone
}

func (p *parser) parse(f Format, b []byte, e *source.Entry) fault {
	switch f {
	case FormatSS:
		return p.ss(b, e)
	case FormatNetstat:
		return p.netstat(b, e)
	}
	return p.proc.read(b, e)
}
