package inetdiag

import "github.com/359a26c5/twtop/source"

// Address families of sock_diag, Linux's numbers on every system.
const (
	FamilyIPv4 = 2
	FamilyIPv6 = 10
)

// ExtInfo asks for INET_DIAG_INFO, struct tcp_info. idiag_ext is a byte with
// bit (attribute − 1) per attribute, so those after INET_DIAG_SHUTDOWN (8)
// cannot be asked for: the kernel sends INET_DIAG_SKV6ONLY (of listeners and
// bound-inactive sockets), INET_DIAG_CGROUP_ID and INET_DIAG_SOCKOPT unasked.
const ExtInfo uint8 = 1 << (attrInfo - 1)

// AllStates has the bits of all states but TCP_BOUND_INACTIVE, which has to be
// asked for by name because it makes the kernel walk a second table.
const AllStates = uint32(1<<source.StateBoundInactive - 1<<source.StateEstablished)

const protocolTCP = 6

// Request asks for a dump of the TCP sockets of a network namespace.
type Request struct {
	// Compat asks by TCPDIAG_GETSOCK, the interface from before Linux 3.3:
	// one walk of the hash table gives both families, and Family is ignored
	// (inet_diag_dump_compat). Its answers carry the same attributes as those
	// of SOCK_DIAG_BY_FAMILY, which wants a Family and refuses 0 by ENOENT.
	Compat bool
	Family uint8
	States uint32 // source.State.Mask of the states that are wanted
	Ext    uint8  // attributes that are wanted
}

// The lengths of struct inet_diag_req and struct inet_diag_req_v2.
const (
	sizeofReq   = 4 + sizeofSockID + 8
	sizeofReqV2 = 8 + sizeofSockID
)

// AppendTo appends the netlink message that asks for r to b. The kernel
// repeats seq in every part of its answer; give it to Parser.Reset too.
func (r Request) AppendTo(b []byte, seq uint32) []byte {
	if r.Compat {
		b = appendHeader(b, typeGetSock, sizeofReq, seq)
		b = append(b, r.Family, 0, 0, r.Ext) // family, src_len, dst_len, ext
		b = append(b, make([]byte, sizeofSockID)...)
		b = native.AppendUint32(b, r.States)
		return native.AppendUint32(b, 0) // idiag_dbs
	}
	b = appendHeader(b, typeByFamily, sizeofReqV2, seq)
	b = append(b, r.Family, protocolTCP, r.Ext, 0)
	b = native.AppendUint32(b, r.States)
	return append(b, make([]byte, sizeofSockID)...)
}

// appendHeader appends the header of a dump request with n bytes of payload.
func appendHeader(b []byte, typ uint16, n, seq uint32) []byte {
	b = native.AppendUint32(b, sizeofHeader+n)
	b = native.AppendUint16(b, typ)
	b = native.AppendUint16(b, flagRequest|flagDump)
	b = native.AppendUint32(b, seq)
	return native.AppendUint32(b, 0) // port id: the kernel's
}
