package textdump

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/359a26c5/twtop/source"
)

// maxLine bounds a line, and a socket with all its lines, in bytes. The users
// of a socket are the longest there is: 30 bytes for each process that has it.
const maxLine = 64 << 10

// lines reads a text line by line.
type lines struct {
	in *bufio.Reader
	n  int // of the line that was read last; the first is 1
}

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, maxLine)} }

// next returns a line without its end. What is beyond maxLine is passed over.
// The line is good until the next call.
func (l *lines) next() ([]byte, error) {
	text, err := l.in.ReadSlice('\n')
	if len(text) == 0 && err != nil {
		return nil, err
	}
	l.n++
	switch {
	case err == nil:
		text = text[:len(text)-1]
	case errors.Is(err, bufio.ErrBufferFull):
		text = bytes.Clone(text)
		if err := l.skip(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return bytes.TrimRight(text, "\r"), nil
}

// skip reads to the end of a line that is longer than the buffer.
func (l *lines) skip() error {
	for {
		if _, err := l.in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// line is a line without what a terminal or a ticket adds to it.
type line struct {
	body   []byte // nothing but printable characters, blanks and tabs
	indent int    // columns before body
	width  int    // bytes of the whole line
}

// tidy takes escape sequences, control characters, quote marks and indentation
// off a line.
func tidy(text []byte) line {
	l := line{width: len(text)}
	indent := 0
	for {
		n := 0
		for n < len(text) && isBlank(text[n]) {
			indent++
			if text[n] == '\t' {
				indent += tabWidth - 1
			}
			n++
		}
		text = text[n:]
		if !quoted(text) {
			break
		}
		indent++
		text = text[1:]
	}
	if !printable(text) {
		text = []byte(source.Clean(string(text), maxLine))
		l.width = len(text)
	}
	l.body, l.indent = text, indent
	return l
}

const tabWidth = 8

// quoted reports whether b begins with a quote mark of a mail or a ticket.
func quoted(b []byte) bool {
	return len(b) > 0 && (b[0] == '>' || b[0] == '|') && (len(b) == 1 || isBlank(b[1]) || b[1] == b[0])
}

// printable reports whether b is visible ASCII, blanks and tabs.
func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}
