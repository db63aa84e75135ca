package capture

import (
	"encoding/binary"
	"errors"

	"github.com/359a26c5/twtop/source"
)

// out writes what in reads.
type out struct{ b []byte }

func (o *out) uint(v uint64) { o.b = binary.AppendUvarint(o.b, v) }
func (o *out) int(v int64)   { o.b = binary.AppendVarint(o.b, v) }
func (o *out) byte(v byte)   { o.b = append(o.b, v) }
func (o *out) bool(v bool)   { o.b = append(o.b, bit(v)) }

func (o *out) text(s string) {
	o.uint(uint64(len(s)))
	o.b = append(o.b, s...)
}

func (o *out) addr(a source.Addr) {
	hi, lo := a.Words()
	o.b = binary.LittleEndian.AppendUint64(o.b, hi)
	o.b = binary.LittleEndian.AppendUint64(o.b, lo)
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// errShort: a section ends before what it promises.
var errShort = errors.New("a section is cut short")

// in reads what out wrote. Past the end, or at nonsense, it gives zeros and
// keeps the error.
type in struct {
	b   []byte
	err error
}

func (i *in) fail() {
	i.b, i.err = nil, errShort
}

func (i *in) uint() uint64 {
	if len(i.b) > 0 && i.b[0] < 0x80 {
		v := i.b[0]
		i.b = i.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(i.b)
	if n <= 0 {
		i.fail()
		return 0
	}
	i.b = i.b[n:]
	return v
}

func (i *in) int() int64 {
	v := i.uint()
	return int64(v>>1) ^ -int64(v&1)
}

func (i *in) byte() byte {
	if len(i.b) == 0 {
		i.fail()
		return 0
	}
	v := i.b[0]
	i.b = i.b[1:]
	return v
}

func (i *in) bool() bool { return i.byte() != 0 }

// text is cleaned: whoever wrote the capture may have been anybody.
func (i *in) text() string {
	n := i.uint()
	if n > uint64(len(i.b)) || n > maxText {
		i.fail()
		return ""
	}
	s := string(i.b[:n])
	i.b = i.b[n:]
	return source.Clean(s, maxText)
}

func (i *in) addr() source.Addr {
	if len(i.b) < 16 {
		i.fail()
		return source.Addr{}
	}
	hi, lo := binary.LittleEndian.Uint64(i.b), binary.LittleEndian.Uint64(i.b[8:])
	i.b = i.b[16:]
	return source.AddrFromWords(hi, lo)
}

// row writes one thing of a list, with its length: later versions may add to it.
func (o *out) row(write func(*out)) {
	var r out
	write(&r)
	o.uint(uint64(len(r.b)))
	o.b = append(o.b, r.b...)
}

// row reads one; what a later version added stays unread.
func (i *in) row(read func(*in)) {
	n := i.uint()
	if n > uint64(len(i.b)) {
		i.fail()
		return
	}
	r := in{b: i.b[:n]}
	i.b = i.b[n:]
	if read(&r); r.err != nil {
		i.err = r.err
	}
}

// more reports whether there is more to read.
func (i *in) more() bool { return i.err == nil && len(i.b) > 0 }
