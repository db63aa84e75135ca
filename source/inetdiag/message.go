package inetdiag

import "encoding/binary"

// native is the byte order of every netlink field but ports and addresses.
var native = binary.NativeEndian

// struct nlmsghdr (include/uapi/linux/netlink.h).
const (
	sizeofHeader = 16

	headerLen   = 0 // u32, of the message with its header
	headerType  = 4 // u16
	headerFlags = 6 // u16
	headerSeq   = 8 // u32
)

// Message types: netlink's own, and sock_diag's (sock_diag.h, inet_diag.h).
const (
	typeNoop    = 1
	typeError   = 2
	typeDone    = 3
	typeOverrun = 4

	typeGetSock  = 18 // TCPDIAG_GETSOCK: request and answer of the old interface
	typeByFamily = 20 // SOCK_DIAG_BY_FAMILY
)

// Flags of struct nlmsghdr.
const (
	flagRequest  = 0x001
	flagDumpIntr = 0x010
	flagDump     = 0x300 // NLM_F_ROOT | NLM_F_MATCH
)

// struct inet_diag_sockid, which requests and answers share.
const (
	sizeofSockID = 48

	sockIDSport  = 0  // be16
	sockIDDport  = 2  // be16
	sockIDSrc    = 4  // be32[4]; IPv4 takes the first
	sockIDDst    = 20 // be32[4]
	sockIDIf     = 36 // u32
	sockIDCookie = 40 // u32[2]; all ones: any
)

// struct inet_diag_msg. The answer's attributes follow it without padding.
const (
	sizeofMsg = 72

	msgFamily  = 0 // u8
	msgState   = 1 // u8
	msgTimer   = 2 // u8
	msgRetrans = 3 // u8
	msgID      = 4
	msgExpires = 52 // u32, ms
	msgRQueue  = 56 // u32
	msgWQueue  = 60 // u32
	msgUID     = 64 // u32
	msgInode   = 68 // u32

	msgSport = msgID + sockIDSport
	msgDport = msgID + sockIDDport
	msgSrc   = msgID + sockIDSrc
	msgDst   = msgID + sockIDDst
	msgIf    = msgID + sockIDIf
)

// align rounds a netlink length up to the next message or attribute
// (NLMSG_ALIGN and NLA_ALIGN are the same).
func align(n int) int { return (n + 3) &^ 3 }

// next returns b without its first n bytes and their padding, which the last
// message and the last attribute may lack.
func next(b []byte, n int) []byte { return b[min(align(n), len(b)):] }
