package textdump

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// PowerShell's ">" writes UTF-16 with a byte order mark.

// byteOrder is that of UTF-16 text, nil for what is none.
func byteOrder(head []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return binary.BigEndian
	}
	return nil
}

// decoded is r as UTF-8.
func decoded(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	head, _ := in.Peek(2) // an error comes again
	if order := byteOrder(head); order != nil {
		return &utf16Reader{in: in, order: order}
	}
	return in
}

func decodeHead(head []byte) []byte {
	order := byteOrder(head)
	if order == nil {
		return head
	}
	text, _ := io.ReadAll(&utf16Reader{in: bufio.NewReader(bytes.NewReader(head)), order: order})
	return text
}

// utf16Reader turns UTF-16 into UTF-8. Half a character at the end is dropped.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	out   [utf8.UTFMax]byte
	rest  []byte // of out, not yet taken
}

func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.rest) == 0 {
			r, err := u.char()
			if err != nil {
				return n, err
			}
			u.rest = utf8.AppendRune(u.out[:0], r)
		}
		k := copy(p[n:], u.rest)
		u.rest = u.rest[k:]
		n += k
	}
	return n, nil
}

func (u *utf16Reader) char() (rune, error) {
	r, err := u.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	low, err := u.unit()
	return utf16.DecodeRune(r, low), err
}

func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	_, err := io.ReadFull(u.in, b[:])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return rune(u.order.Uint16(b[:])), err
}
