package procnet

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/359a26c5/twtop/source"
)

// msPerTick: the kernel prints times in USER_HZ, 100 to the second on every
// architecture that twtop is built for.
const msPerTick = 10

// columns walks over a line of net/tcp from field to field. After something
// that it cannot read, bad is set and everything is 0.
type columns struct {
	b   []byte
	bad bool
}

// hex reads up to 16 digits and the separator behind them; 0 ends the line or
// stands for blanks.
func (c *columns) hex(digits int, separator byte) (v uint64) {
	n := 0
	for n < len(c.b) && n < 16 {
		d := hexDigit(c.b[n])
		if d < 0 {
			break
		}
		v, n = v<<4|uint64(d), n+1
	}
	if n == 0 || digits > 0 && n != digits {
		c.bad = true
	}
	c.b = c.b[n:]
	c.separator(separator)
	return v
}

func (c *columns) decimal() (v uint64) {
	n := 0
	for n < len(c.b) && '0' <= c.b[n] && c.b[n] <= '9' && v < math.MaxUint64/10-1 {
		v, n = v*10+uint64(c.b[n]-'0'), n+1
	}
	c.bad = c.bad || n == 0
	c.b = c.b[n:]
	c.separator(0)
	return v
}

func (c *columns) separator(separator byte) {
	switch {
	case separator == 0:
		if len(c.b) > 0 && c.b[0] != ' ' {
			c.bad = true
		}
		c.blanks()
	case len(c.b) == 0 || c.b[0] != separator:
		c.bad = true
	default:
		c.b = c.b[1:]
	}
}

func (c *columns) blanks() {
	for len(c.b) > 0 && c.b[0] == ' ' {
		c.b = c.b[1:]
	}
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// wordOrder is the byte order of the kernel that printed a table: it takes
// each four bytes of an address for a number of the machine's.
type wordOrder bool

const (
	littleEndian wordOrder = false
	bigEndian    wordOrder = true
)

var nativeOrder = wordOrder(binary.NativeEndian.Uint16([]byte{0, 1}) == 1)

// network returns what was printed as a number in network order.
func (o wordOrder) network(printed uint32) uint32 {
	if o == bigEndian {
		return printed
	}
	return bits.ReverseBytes32(printed)
}

// endpoint reads "0100007F:0FA1", or 32 digits of an IPv6 address.
func (c *columns) endpoint(order wordOrder) (source.Addr, uint16) {
	if len(c.b) > 8 && c.b[8] == ':' {
		v4 := c.word(order)
		c.separator(':')
		return source.AddrFromV4(v4), uint16(c.hex(4, 0))
	}
	hi := uint64(c.word(order))<<32 | uint64(c.word(order))
	lo := uint64(c.word(order))<<32 | uint64(c.word(order))
	c.separator(':')
	return source.AddrFromWords(hi, lo), uint16(c.hex(4, 0))
}

// word reads four bytes of an address in eight digits, whatever follows them.
func (c *columns) word(order wordOrder) uint32 {
	if len(c.b) < 8 {
		c.bad = true
		return 0
	}
	digits := columns{b: c.b[:8]}
	v := digits.hex(8, 0)
	c.bad = c.bad || digits.bad
	c.b = c.b[8:]
	return order.network(uint32(v))
}

// parseTCPLine reads one line into e and reports whether it could:
//
//	sl: local remote st tx:rx tr:when retrnsmt uid timeout inode …
func parseTCPLine(line []byte, order wordOrder, e *source.Entry) bool {
	c := columns{b: line}
	for len(c.b) > 0 && c.b[0] != ':' {
		c.b = c.b[1:]
	}
	c.separator(':')
	c.blanks()
	*e = source.Entry{}
	e.Local, e.LocalPort = c.endpoint(order)
	e.Remote, e.RemotePort = c.endpoint(order)
	e.State = source.State(c.hex(2, 0))
	tx, rx := c.hex(8, ':'), c.hex(8, 0)
	e.Timer = timer(c.hex(2, ':'))
	// Up to 16 digits: a long.
	e.Expires = uint32(min(c.hex(0, 0), math.MaxUint32/msPerTick) * msPerTick)
	retrans, uid := c.hex(8, 0), c.decimal()
	c.decimal() // probes, or 0
	inode := c.decimal()
	if c.bad {
		return false
	}
	if !e.Mini() {
		e.Detail = tcpDetail(e.State, uint32(tx), uint32(rx), retrans, uid, inode)
	}
	return true
}

func timer(v uint64) source.Timer {
	return source.Timer(min(v, uint64(source.TimerUnknown)))
}

// tcpDetail fills in what a full socket has. The queues of a listener are left
// out because its backlog is not there; those and the inode of a connection
// request are zeros put there by get_openreq4.
func tcpDetail(s source.State, tx, rx uint32, retrans, uid, inode uint64) source.Detail {
	d := source.Detail{
		Has:     source.HasRetrans | source.HasUID,
		Retrans: uint8(min(retrans, math.MaxUint8)),
		UID:     uint32(min(uid, math.MaxUint32)),
	}
	if inode == 0 && (s == source.StateSynRecv || s == source.StateNewSynRecv) {
		return d
	}
	d.Has |= source.HasInode
	d.Inode = uint32(min(inode, math.MaxUint32))
	if s != source.StateListen {
		d.Has |= source.HasQueues
		d.SendQ, d.RecvQ = tx, rx
	}
	return d
}
