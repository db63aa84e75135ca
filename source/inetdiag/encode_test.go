package inetdiag

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// message is the netlink message of the fields of struct nlmsghdr that matter,
// with what v says behind it.
func message(typ, flags uint16, seq uint32, v ...any) []byte {
	body := encode(v...)
	return append(encode(nlMsgHdr{uint32(16 + len(body)), typ, flags, seq, 4321}), body...)
}

// encode writes structs in the machine's byte order, and bytes as they are.
func encode(v ...any) []byte {
	var b bytes.Buffer
	for _, v := range v {
		if err := binary.Write(&b, binary.NativeEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

// attr is an attribute, padded.
func attr(typ uint16, v ...any) []byte {
	body := encode(v...)
	b := append(encode(nlAttr{uint16(4 + len(body)), typ}), body...)
	return append(b, make([]byte, -len(b)&3)...)
}

// diag is struct inet_diag_msg of a socket between two addresses.
func diag(state uint8, local, remote string) inetDiagMsg {
	l, r := netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote)
	m := inetDiagMsg{Family: FamilyIPv4, State: state}
	binary.BigEndian.PutUint16(m.ID.Sport[:], l.Port())
	binary.BigEndian.PutUint16(m.ID.Dport[:], r.Port())
	if l.Addr().Is4() {
		copy(m.ID.Src[:], l.Addr().AsSlice())
		copy(m.ID.Dst[:], r.Addr().AsSlice())
		return m
	}
	m.Family, m.ID.Src, m.ID.Dst = FamilyIPv6, l.Addr().As16(), r.Addr().As16()
	return m
}

// timeWait is the message of a TIME_WAIT that has ms left.
func timeWait(seq uint32, local, remote string, ms uint32) []byte {
	m := diag(6, local, remote)
	m.Timer, m.Expires = 3, ms
	return message(typeByFamily, 2, seq, m)
}
