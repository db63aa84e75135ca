package textdump

import "github.com/359a26c5/twtop/source"

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
		return fewer(r.text, ssFields)
	case FormatNetstat:
		return fewer(r.text, netstatFields)
	}
	return false
}

const ssFields, netstatFields = 4, 6

// fewer reports whether b has fewer fields than n.
func fewer(b []byte, n int) bool {
	for range n {
		var field []byte
		if field, b = cut(b); len(field) == 0 {
			return true
		}
	}
	return false
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
	if !p.glue(l) {
		r.text = append(append(r.text, ' '), l.body...)
	}
	p.measure(l)
}

// maxTried is up to which length it is tried how a record goes on: its columns
// and its timer are within.
const maxTried = 1 << 10

// glue appends a line without a blank where a terminal seems to have cut there.
func (p *parser) glue(l line) bool {
	r := &p.record
	whole := len(r.text)
	if !r.full || l.indent > r.indent || whole > 0 && isBlank(r.text[whole-1]) {
		return false
	}
	r.text = append(r.text, l.body...)
	if whole > maxTried || p.readable(r.format, r.text) {
		return true
	}
	// Not yet: unless it is with a blank, more lines are to come.
	spaced := append(append(r.text[:whole:whole], ' '), l.body...)
	if p.readable(r.format, spaced) {
		r.text = r.text[:whole]
		return false
	}
	return true
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
