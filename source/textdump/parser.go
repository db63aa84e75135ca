package textdump

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/359a26c5/twtop/source"
)

// maxSockets bounds what is kept: some 100 bytes each.
const maxSockets = 1 << 22

// parser reads a text once, from beginning to end.
type parser struct {
	in      *lines
	cfg     Config
	section *section // the table that is being read
	all     []*section
	record  record
	trying  bool // what is parsed is thrown away

	sockets int
	surplus int // beyond maxSockets and maxPerPort
	bad     lineCount
	stray   lineCount
	// shortened counts sockets whose addresses netstat may have cut.
	shortened int
	again     repeats

	facts   facts
	asked   []string // the sysctls whose values are to come
	addrs   endpoints
	devices map[string]uint32
	proc    *procLine
	after   what // the kind of the line before
}

// lineCount counts lines and remembers the first.
type lineCount struct {
	n, first int
	why      fault
}

func (c *lineCount) add(line int, why fault) {
	if c.n == 0 {
		c.first, c.why = line, why
	}
	c.n++
}

// repeats counts tables that tell again what others told, and their sockets
// that were left out.
type repeats struct {
	tables, sockets int
	line            int // where the first of them begins
}

func (r *repeats) add(line, sockets int) {
	if r.tables == 0 {
		r.line = line
	}
	r.tables++
	r.sockets += sockets
}

func newParser(r io.Reader, cfg Config) *parser {
	p := &parser{in: newLines(r), cfg: cfg, devices: map[string]uint32{}, proc: newProcLine()}
	p.facts = facts{sysctls: map[string]string{}, names: map[int]string{}}
	p.begin(FormatNone)
	return p
}

// begin ends the table that is being read, if there is any, and begins another.
func (p *parser) begin(f Format) {
	p.flush()
	s := p.section
	switch {
	case s != nil && s.rows.n == 0 && !s.header:
		s.format, s.line = f, p.in.n
		return
	case len(p.all) == maxSections:
		return
	}
	p.section = &section{format: f, line: p.in.n}
	p.all = append(p.all, p.section)
}

// maxSections bounds how many tables a text may have.
const maxSections = 1 << 10

// run reads the text.
func (p *parser) run() error {
	for {
		text, err := p.in.next()
		switch {
		case errors.Is(err, io.EOF):
			p.flush()
			return nil
		case err != nil:
			return fmt.Errorf("behind line %d: %w", p.in.n, err)
		}
		p.line(tidy(text))
	}
}

func (p *parser) line(l line) {
	cutOK := !p.record.lacks()
	if p.record.continues(l) && p.rowStart(l.body, cutOK) == FormatNone {
		p.goOn(l)
		return
	}
	k := p.classify(l.body, cutOK)
	before := p.after
	p.after = k.is
	switch k.is {
	case isEmpty:
		p.flush()
	case isRow:
		p.start(l, k)
	case isHeader:
		p.header(l, k.format)
	case isForeign:
		p.flush()
	case isCommand:
		p.command(l.body)
	case isFact:
		p.fact(l.body)
	case isStray:
		p.after = before
		p.strayLine(l)
	}
}

// header begins a table. netstat prints two such lines.
func (p *parser) header(l line, f Format) {
	state := p.section.state
	p.begin(f)
	p.section.header, p.section.widest = true, l.width
	p.section.all = f == FormatProc || bytes.Contains(l.body, []byte("(servers and established)"))
	first, _ := cut(l.body)
	p.section.bare = string(first) == "Recv-Q"
	if p.section.bare {
		p.section.state = state
	}
	p.section.v6 = f == FormatProc && procHeader6(l.body)
}

// strayLine takes what is no beginning of anything: what a socket goes on
// with, the value of a sysctl, or something else.
func (p *parser) strayLine(l line) {
	switch {
	case p.record.open():
		p.goOn(l)
	case p.answer(l.body), p.after == isForeign, p.after == isHeader && len(l.body) < maxHeaderRest:
	default:
		p.stray.add(p.in.n, "")
	}
}

// maxHeaderRest is how much of a header a terminal may put on the next line.
const maxHeaderRest = 40

// add keeps a socket.
func (p *parser) add(e *source.Entry) {
	if p.sockets >= maxSockets {
		p.surplus++
		return
	}
	p.sockets++
	e.Expires = min(e.Expires, math.MaxInt32) // beyond that it would be in the past
	p.section.rows.add(e)
	p.section.note(e)
}
