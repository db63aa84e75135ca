package inetdiag

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// The kernel's structs, field by field.
type (
	nlMsgHdr struct {
		Len         uint32
		Type, Flags uint16
		Seq, Pid    uint32
	}
	nlAttr         struct{ Len, Type uint16 }
	inetDiagSockID struct {
		Sport, Dport [2]byte
		Src, Dst     [16]byte
		If           uint32
		Cookie       [2]uint32
	}
	inetDiagMsg struct {
		Family, State, Timer, Retrans uint8
		ID                            inetDiagSockID
		Expires, RQueue, WQueue       uint32
		UID, Inode                    uint32
	}
	inetDiagReq struct {
		Family, SrcLen, DstLen, Ext uint8
		ID                          inetDiagSockID
		States, DBs                 uint32
	}
	inetDiagReqV2 struct {
		Family, Protocol, Ext, Pad uint8
		States                     uint32
		ID                         inetDiagSockID
	}
	// tcpInfo is struct tcp_info as Linux 2.6 had it, without the last words.
	tcpInfo struct {
		State, CAState, Retransmits, Probes, Backoff, Options, WScale, Flags uint8
		RTO, ATO, SndMSS, RcvMSS                                             uint32
		Unacked, Sacked, Lost, Retrans, Fackets                              uint32
		LastDataSent, LastAckSent, LastDataRecv, LastAckRecv                 uint32
		PMTU, RcvSSThresh, RTT                                               uint32
	}
)

// verdict is all that a Parser says about a datagram.
type verdict struct {
	entries       []source.Entry
	done          bool
	errno         int // of the error, 0 for none
	interrupted   bool
	short, stale  int
	foreign       int
	unknownStates int
	unknownAttrs  AttrCounts
}

// oracle decodes a datagram the slow, obvious way.
type oracle struct {
	seq uint32
	verdict
}

// read takes a struct off the front of b.
func read[T any](b []byte) (v T, rest []byte, ok bool) {
	n := binary.Size(v)
	if len(b) < n {
		return v, b, false
	}
	if err := binary.Read(bytes.NewReader(b), binary.NativeEndian, &v); err != nil {
		panic(err)
	}
	return v, b[n:], true
}

// pieces cuts b into messages or attributes: off the front, at the lengths
// that length reads, each at the next multiple of four. ok is false where a
// length is a lie.
func pieces(b []byte, header int, length func([]byte) int) (out [][]byte, ok bool) {
	for pos := 0; pos < len(b); pos = (pos + 3) / 4 * 4 {
		if len(b)-pos < header {
			return out, false
		}
		n := length(b[pos:])
		if n < header || n > len(b)-pos {
			return out, false
		}
		out = append(out, b[pos:pos+n])
		pos += n
	}
	return out, true
}

func (o *oracle) datagram(b []byte) {
	messages, ok := pieces(b, 16, func(b []byte) int { return int(binary.NativeEndian.Uint32(b)) })
	for _, m := range messages {
		h, payload, _ := read[nlMsgHdr](m)
		if h.Seq != o.seq {
			o.stale++
			continue
		}
		o.interrupted = o.interrupted || h.Flags&0x10 != 0
		switch h.Type {
		case 1: // NLMSG_NOOP
		case 2, 3: // NLMSG_ERROR, NLMSG_DONE
			o.end(h.Type == 3, payload)
			if o.done || o.errno != 0 {
				return
			}
		case 4: // NLMSG_OVERRUN
			o.interrupted = true
		case 18, 20:
			o.socket(payload)
		default:
			o.foreign++
		}
	}
	if !ok {
		o.short++
	}
}

func (o *oracle) end(done bool, payload []byte) {
	n, _, ok := read[int32](payload)
	o.done = done
	switch {
	case ok && n < 0:
		o.errno = int(-int64(n))
	case !ok && !done:
		o.short++
	}
}

func (o *oracle) socket(b []byte) {
	m, rest, ok := read[inetDiagMsg](b)
	switch {
	case !ok:
		o.short++
		return
	case m.Family != 2 && m.Family != 10:
		o.foreign++
		return
	}
	e := source.Entry{
		Local: oracleAddr(m.Family, m.ID.Src), Remote: oracleAddr(m.Family, m.ID.Dst),
		LocalPort: binary.BigEndian.Uint16(m.ID.Sport[:]), RemotePort: binary.BigEndian.Uint16(m.ID.Dport[:]),
		State: source.State(m.State), Timer: source.Timer(m.Timer), Expires: m.Expires, Device: m.ID.If,
	}
	if m.Timer > 4 {
		e.Timer = source.TimerUnknown
	}
	if e.State == source.StateClose {
		e.State = source.StateBoundInactive
	}
	if mini := m.State == 6 || m.State == 5 && m.Timer == 3; !mini {
		if e.State == 0 || e.State > source.StateBoundInactive {
			o.unknownStates++
		}
		e.Detail = oracleDetail(&m)
		if !o.attributes(&e, rest) {
			o.foreign++
			return
		}
	}
	o.entries = append(o.entries, e)
}

func oracleAddr(family uint8, b [16]byte) source.Addr {
	if family == 2 {
		return source.AddrFrom(netip.AddrFrom4([4]byte(b[:4])))
	}
	return source.AddrFrom(netip.AddrFrom16(b))
}

func oracleDetail(m *inetDiagMsg) source.Detail {
	d := source.Detail{Has: source.HasRetrans, Retrans: m.Retrans}
	if request := (m.State == 3 || m.State == 12) && m.Inode == 0; !request {
		d.Has |= source.HasQueues | source.HasUID | source.HasInode
		d.RecvQ, d.SendQ, d.UID, d.Inode = m.RQueue, m.WQueue, m.UID, m.Inode
	}
	return d
}

// attributes reports whether the socket is one of TCP.
func (o *oracle) attributes(e *source.Entry, b []byte) bool {
	// Less than a header at the end is nobody's attribute.
	b, tcp := slices.Clone(b), true
	list, ok := pieces(b, 4, func(b []byte) int { return int(binary.NativeEndian.Uint16(b)) })
	if !ok {
		tail := b
		for _, a := range list {
			tail = tail[min((len(a)+3)/4*4, len(tail)):]
		}
		if len(tail) >= 4 {
			o.short++
		}
	}
	for _, a := range list {
		h, v, _ := read[nlAttr](a)
		switch typ := h.Type &^ 0xc000; typ {
		case 2:
			o.info(e, v)
		case 10:
			tcp = len(v) == 0 || v[0] == 6
		case 11:
			if v, _, ok := read[uint8](v); ok {
				e.Detail.Has, e.Detail.V6Only = e.Detail.Has|source.HasV6Only, v != 0
			} else {
				o.short++
			}
		case 21:
			if v, _, ok := read[uint64](v); ok {
				e.Detail.Has, e.Detail.Cgroup = e.Detail.Has|source.HasCgroup, v
			} else {
				o.short++
			}
		case 1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22:
		default:
			if typ >= 64 {
				typ = 0
			}
			o.unknownAttrs[typ]++
		}
	}
	return tcp
}

func (o *oracle) info(e *source.Entry, b []byte) {
	switch e.State {
	case source.StateListen, source.StateBoundInactive, source.StateSynSent:
		return
	}
	i, _, ok := read[tcpInfo](b)
	if !ok {
		o.short++
		return
	}
	d := &e.Detail
	d.Has |= source.HasInfo
	d.Options, d.RTT = i.Options, i.RTT
	d.LastDataSent, d.LastDataRecv, d.LastAckRecv = i.LastDataSent, i.LastDataRecv, i.LastAckRecv
}
