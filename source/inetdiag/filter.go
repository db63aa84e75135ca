package inetdiag

import (
	"encoding/binary"

	"github.com/359a26c5/twtop/source"
)

// Target is a far end that a Filter lets through.
type Target struct {
	Remote source.Addr
	Port   uint16
}

// Attributes of a request, and the operations of its filter (inet_diag.h).
const (
	attrBytecode = 1 // INET_DIAG_REQ_BYTECODE

	opJump     = 1 // INET_DIAG_BC_JMP
	opRemote   = 8 // INET_DIAG_BC_D_COND
	sizeofOp   = 4 // struct inet_diag_bc_op: code u8, yes u8, no u16, both in bytes from here
	sizeofCond = 8 // struct inet_diag_hostcond: family u8, prefix_len u8, port int; then the address
)

// AppendFilter appends a filter to a request that AppendTo made, which is all
// of msg: the kernel sends only sockets towards one of the targets. It still
// walks its whole table. Without targets msg stays as it is.
//
// The filter is a program (inet_diag_bc_run in net/ipv4/inet_diag.c): per target
// a condition, and where it holds a jump to the end, which accepts; past the end
// is a refusal.
func AppendFilter(msg []byte, to []Target) []byte {
	if len(to) == 0 {
		return msg
	}
	left := 0
	for i := range to {
		left += conditionLen(&to[i])
	}
	msg = native.AppendUint16(msg, uint16(sizeofAttr+left))
	msg = native.AppendUint16(msg, attrBytecode)
	for i := range to {
		n := conditionLen(&to[i])
		refused := n // on to the next condition,
		if left == n {
			refused = n + sizeofOp // or past the end
		}
		msg = appendCondition(msg, &to[i], refused)
		left -= n - sizeofOp
		msg = appendOp(msg, opJump, sizeofOp, left)
		left -= sizeofOp
	}
	native.PutUint32(msg[headerLen:], uint32(len(msg)))
	return msg
}

// conditionLen is the length of a condition with the jump after it.
func conditionLen(t *Target) int {
	if t.Remote.Is4() {
		return sizeofOp + sizeofCond + 4 + sizeofOp
	}
	return sizeofOp + sizeofCond + 16 + sizeofOp
}

func appendCondition(b []byte, t *Target, refused int) []byte {
	b = appendOp(b, opRemote, conditionLen(t)-sizeofOp, refused)
	hi, lo := t.Remote.Words()
	if t.Remote.Is4() { // the kernel compares mapped addresses of IPv6 sockets too
		b = append(b, FamilyIPv4, 32, 0, 0)
		b = native.AppendUint32(b, uint32(t.Port))
		return binary.BigEndian.AppendUint32(b, uint32(lo))
	}
	b = append(b, FamilyIPv6, 128, 0, 0)
	b = native.AppendUint32(b, uint32(t.Port))
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, hi), lo)
}

func appendOp(b []byte, code byte, yes, no int) []byte {
	return native.AppendUint16(append(b, code, byte(yes)), uint16(no))
}
