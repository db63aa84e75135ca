package textdump

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// procLine reads lines of /proc/net/tcp and tcp6, one by one.
type procLine struct {
	text bytes.Reader
	in   *bufio.Reader // as long as ParseTCP wants its own to be, which it then uses
}

func newProcLine() *procLine { return &procLine{in: bufio.NewReaderSize(nil, maxLine)} }

func (p *procLine) read(b []byte, e *source.Entry) fault {
	p.text.Reset(b)
	p.in.Reset(&p.text)
	table, err := procnet.ParseTCP(p.in, func(got *source.Entry) bool {
		*e = *got
		return false
	})
	if err != nil || table.Sockets == 0 {
		return faultTable
	}
	if e.State >= source.NumStates {
		e.State = 0 // of a newer kernel
	}
	return ""
}

// orderVote is above 0 where e was read in the byte order of the kernel that
// printed it, below 0 where in the other one, 0 where that does not show. The
// kernel prints each four bytes of an address as a number of its own, and the
// text does not say how it keeps numbers; but loopback and link-local addresses
// look strange the other way round.
func orderVote(e *source.Entry) int {
	return telling(e.Local) + telling(e.Remote) - telling(swapped(e.Local)) - telling(swapped(e.Remote))
}

// otherOrder reports whether tables with these votes were printed by a machine
// of the other byte order than this one. Without votes it is taken for a
// little-endian one, as nearly all are.
func otherOrder(votes int) bool { return votes < 0 || votes == 0 && bigEndian }

var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

var (
	loopback4 = source.AddrFromV4(127<<24 | 1)
	loopback6 = source.AddrFromWords(0, 1)
)

func telling(a source.Addr) int {
	if a == loopback4 || a == loopback6 || a.IsLinkLocal6() {
		return 1
	}
	return 0
}

// swapped is the address in the other byte order.
func swapped(a source.Addr) source.Addr {
	hi, lo := a.Words()
	if a.Is4() {
		return source.AddrFromV4(bits.ReverseBytes32(uint32(lo)))
	}
	return source.AddrFromWords(swapWords(hi), swapWords(lo))
}

// swapWords turns the bytes of each half round.
func swapWords(v uint64) uint64 { return bits.RotateLeft64(bits.ReverseBytes64(v), 32) }

// procHeader6 reports whether the header is that of /proc/net/tcp6, whose
// columns are wider ("local_address                         remote_address").
func procHeader6(b []byte) bool { return bytes.Contains(b, []byte("remote_address")) }
