package capture

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/359a26c5/twtop/source"
)

// out writes what in reads.
type out struct{ b []byte }

func (o *out) uint(v uint64) { o.b = binary.AppendUvarint(o.b, v) }
func (o *out) int(v int64)   { o.b = binary.AppendVarint(o.b, v) }
func (o *out) byte(v byte)   { o.b = append(o.b, v) }
func (o *out) bool(v bool)   { o.b = append(o.b, bit(v)) }

// text writes a text, or what a reader believes of it.
func (o *out) text(s string) {
	s = s[:min(len(s), maxText)]
	o.uint(uint64(len(s)))
	o.b = append(o.b, s...)
}

func (o *out) addr(a source.Addr) {
	hi, lo := a.Words()
	o.b = binary.LittleEndian.AppendUint64(o.b, hi)
	o.b = binary.LittleEndian.AppendUint64(o.b, lo)
}

// moment writes a point in time to the nanosecond, which may be unknown.
func (o *out) moment(t time.Time) {
	o.bool(!t.IsZero())
	if !t.IsZero() {
		o.int(t.Unix())
		o.uint(uint64(t.Nanosecond()))
	}
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

// moment is in UTC, and in a year that has four digits.
func (i *in) moment() time.Time {
	if !i.bool() {
		return time.Time{}
	}
	sec, nsec := i.int(), i.uint()
	if sec < minMoment || sec > maxMoment || nsec >= 1e9 {
		i.fail()
		return time.Time{}
	}
	return time.Unix(sec, int64(nsec)).UTC()
}

// The years 0 to 9999: what JSON can say, in seconds since 1970.
const (
	minMoment = -62167219200
	maxMoment = 253402300799
)

// row reads one thing of a list, which has its length: what a later version
// added to it stays unread.
func (i *in) row(read func(*in)) {
	n := i.uint()
	if n > uint64(len(i.b)) {
		i.fail()
		return
	}
	r := in{b: i.b[:n]}
	i.b = i.b[n:]
	if read(&r); r.err != nil {
		i.b, i.err = nil, r.err
	}
}

// more reports whether there is more to read.
func (i *in) more() bool { return i.err == nil && len(i.b) > 0 }
