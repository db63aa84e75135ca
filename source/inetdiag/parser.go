package inetdiag

import (
	"encoding/binary"
	"syscall"

	"github.com/359a26c5/twtop/source"
)

// Parser turns the datagrams of one dump after another into Entries, in place
// and without an allocation. The zero Parser expects sequence number 0.
//
// What a kernel sends that this package does not understand is counted and
// passed over, so that one odd message does not cost the dump.
type Parser struct {
	// Interrupted says that the table changed under the dump so that sockets
	// may be missing or twice in it: NLM_F_DUMP_INTR on any message, or an
	// NLMSG_OVERRUN.
	Interrupted bool
	// Sockets counts the entries emitted.
	Sockets int
	// Short counts datagrams, messages and attributes that end before they
	// should, or lie about their length.
	Short int
	// Stale counts messages of another sequence number: an earlier dump that
	// was given up. They are ignored.
	Stale int
	// Foreign counts messages that are no TCP socket over IP.
	Foreign int
	// UnknownStates counts entries in a state that source.State has no name
	// for. They are emitted as they are; State may be source.NumStates or more.
	UnknownStates int
	// UnknownAttrs counts attributes of full sockets by their type.
	UnknownAttrs AttrCounts

	seq   uint32
	dirty bool // entry.Detail is not zero
	entry source.Entry
}

// Reset makes p ready for the answer to a request sent with seq, and zeroes
// its counts.
func (p *Parser) Reset(seq uint32) { *p = Parser{seq: seq} }

// Parse reads one datagram, as recvmsg returned it, and calls emit for each
// socket in it. The Entry is p's own and changes with the next socket.
//
// done says that the dump is complete. An error is the kernel's, of type
// *Error, and ends the dump as well; the sockets emitted before it stand.
//
// A socket that the kernel reports in TCP_CLOSE becomes StateBoundInactive. In
// an answer to a request without that bit it is a socket that was closed
// between the kernel's filter and its report, and the caller should drop it.
func (p *Parser) Parse(datagram []byte, emit func(*source.Entry)) (done bool, err error) {
	for b := datagram; len(b) > 0; {
		if len(b) < sizeofHeader {
			p.Short++
			return false, nil
		}
		n := native.Uint32(b)
		if n < sizeofHeader || uint64(n) > uint64(len(b)) {
			p.Short++
			return false, nil
		}
		msg := b[:n]
		b = next(b, int(n))
		if native.Uint32(msg[headerSeq:]) != p.seq {
			p.Stale++
			continue
		}
		if native.Uint16(msg[headerFlags:])&flagDumpIntr != 0 {
			p.Interrupted = true
		}
		typ := native.Uint16(msg[headerType:])
		if typ == typeByFamily || typ == typeGetSock {
			p.socket(msg[sizeofHeader:], emit)
			continue
		}
		if done, err = p.control(typ, msg[sizeofHeader:]); done || err != nil {
			return done, err
		}
	}
	return false, nil
}

// control handles the messages that are no socket.
func (p *Parser) control(typ uint16, payload []byte) (done bool, err error) {
	switch typ {
	case typeNoop:
	case typeOverrun:
		p.Interrupted = true
	case typeDone:
		// Without a number, or with 0 or more, it is a good end.
		return true, p.errno(payload)
	case typeError:
		if len(payload) < 4 {
			p.Short++
		}
		return false, p.errno(payload) // 0 is an acknowledgement
	default:
		p.Foreign++
	}
	return false, nil
}

// errno returns the negative errno at the start of payload as an *Error, nil
// where there is none.
func (p *Parser) errno(payload []byte) error {
	if len(payload) < 4 {
		return nil
	}
	// Errnos end at 4095 (MAX_ERRNO); what is beyond is kept, so that it is
	// an error that ends the dump and not a 0.
	if n := int32(native.Uint32(payload)); n < 0 {
		return &Error{Errno: syscall.Errno(uint32(-n)), Partial: p.Sockets > 0}
	}
	return nil
}

// socket reads struct inet_diag_msg and what follows it, and emits it.
func (p *Parser) socket(b []byte, emit func(*source.Entry)) {
	if len(b) < sizeofMsg {
		p.Short++
		return
	}
	m := (*[sizeofMsg]byte)(b)
	if !p.entryOf(m) {
		p.Foreign++
		return
	}
	e := &p.entry
	switch {
	case e.Mini():
		p.mini()
	case !p.full(m, b[sizeofMsg:]):
		p.Foreign++
		return
	}
	p.Sockets++
	emit(e)
}

// entryOf reads what every kind of socket has and reports whether it is of an
// IP family.
func (p *Parser) entryOf(m *[sizeofMsg]byte) bool {
	e := &p.entry
	switch m[msgFamily] {
	case FamilyIPv4:
		e.Local = source.AddrFromV4(binary.BigEndian.Uint32(m[msgSrc:]))
		e.Remote = source.AddrFromV4(binary.BigEndian.Uint32(m[msgDst:]))
	case FamilyIPv6:
		e.Local = addr6(m[msgSrc : msgSrc+16])
		e.Remote = addr6(m[msgDst : msgDst+16])
	default:
		return false
	}
	e.LocalPort = binary.BigEndian.Uint16(m[msgSport:])
	e.RemotePort = binary.BigEndian.Uint16(m[msgDport:])
	e.State = source.State(m[msgState])
	e.Timer = min(source.Timer(m[msgTimer]), source.TimerUnknown)
	e.Expires = native.Uint32(m[msgExpires:])
	e.Device = native.Uint32(m[msgIf:])
	return true
}

// addr6 returns the address of 16 bytes in network order.
func addr6(b []byte) source.Addr {
	return source.AddrFromWords(binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]))
}

// mini finishes a timewait mini-socket: all it has is the tuple, the timer and
// the device (inet_twsk_diag_fill); the one attribute it may have is
// INET_DIAG_MARK.
func (p *Parser) mini() {
	if p.dirty {
		p.entry.Detail = source.Detail{}
		p.dirty = false
	}
}

// full finishes any other socket and reports whether it is one of TCP.
func (p *Parser) full(m *[sizeofMsg]byte, attrs []byte) (tcp bool) {
	e := &p.entry
	switch {
	case e.State == source.StateClose:
		e.State = source.StateBoundInactive
	case e.State == 0 || e.State >= source.NumStates:
		p.UnknownStates++
	}
	p.dirty = true
	e.Detail = source.Detail{
		Has:     source.HasRetrans,
		Retrans: m[msgRetrans],
	}
	inode := native.Uint32(m[msgInode:])
	// A connection request is no full socket either: its queues, uid and
	// inode are zeros put there by inet_req_diag_fill.
	if inode != 0 || e.State != source.StateSynRecv && e.State != source.StateNewSynRecv {
		e.Detail.Has |= source.HasQueues | source.HasUID | source.HasInode
		e.Detail.RecvQ = native.Uint32(m[msgRQueue:])
		e.Detail.SendQ = native.Uint32(m[msgWQueue:])
		e.Detail.UID = native.Uint32(m[msgUID:])
		e.Detail.Inode = inode
	}
	return p.attributes(attrs)
}
