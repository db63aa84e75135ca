package inetdiag

import "github.com/359a26c5/twtop/source"

// Attributes of an answer (enum in include/uapi/linux/inet_diag.h).
const (
	attrInfo     = 2  // struct tcp_info
	attrProtocol = 10 // u8
	attrV6Only   = 11 // u8
	attrCgroupID = 21 // u64
	attrSockopt  = 22 // struct inet_diag_sockopt

	lastAttr = attrSockopt // the last one that this package knows
)

// struct nlattr.
const (
	sizeofAttr   = 4
	attrTypeMask = 0x3fff // less NLA_F_NESTED and NLA_F_NET_BYTEORDER
)

// struct tcp_info (include/uapi/linux/tcp.h) as far as it is read. It has had
// these fields since Linux 2.6, then 104 bytes long, and only grown.
const (
	infoOptions      = 5  // u8
	infoLastDataSent = 44 // u32, ms
	infoLastDataRecv = 52 // u32, ms
	infoLastAckRecv  = 56 // u32, ms
	infoRTT          = 68 // u32, µs

	sizeofInfoRead = 72
)

// AttrCounts counts attributes by type. Index 0 counts all types from 64 on.
type AttrCounts [64]uint32

// Total is the number of attributes of all types.
func (c *AttrCounts) Total() int {
	n := 0
	for _, v := range c {
		n += int(v)
	}
	return n
}

func (c *AttrCounts) add(typ uint16) {
	if int(typ) >= len(c) {
		typ = 0
	}
	c[typ]++
}

// attributes reads the attributes of a full socket into p.entry and reports
// whether it is a TCP socket. Those of known types that twtop has no use for
// are skipped without a count.
func (p *Parser) attributes(b []byte) (tcp bool) {
	tcp = true
	for len(b) >= sizeofAttr {
		n, typ := int(native.Uint16(b)), native.Uint16(b[2:])&attrTypeMask
		if n < sizeofAttr || n > len(b) {
			p.Short++
			return tcp
		}
		switch v := b[sizeofAttr:n]; {
		case typ == attrInfo:
			p.info(v)
		case typ == attrV6Only:
			p.v6Only(v)
		case typ == attrCgroupID:
			p.cgroup(v)
		case typ == attrProtocol:
			tcp = len(v) == 0 || v[0] == protocolTCP
		case typ == 0 || typ > lastAttr:
			p.UnknownAttrs.add(typ)
		}
		b = next(b, n)
	}
	return tcp
}

// info reads struct tcp_info. It is left out where it says nothing of a
// connection: the kernel leaves it empty for a listener but for two fields
// (tcp_get_info), that of a socket without a connection speaks of the one
// before, and in SYN_SENT no option is agreed upon and the times are since boot.
func (p *Parser) info(v []byte) {
	d := &p.entry.Detail
	switch s := p.entry.State; {
	case s == source.StateListen || s == source.StateBoundInactive || s == source.StateSynSent:
		return
	case len(v) < sizeofInfoRead:
		p.Short++
		return
	}
	d.Has |= source.HasInfo
	d.Options = v[infoOptions]
	d.LastDataSent = native.Uint32(v[infoLastDataSent:])
	d.LastDataRecv = native.Uint32(v[infoLastDataRecv:])
	d.LastAckRecv = native.Uint32(v[infoLastAckRecv:])
	d.RTT = native.Uint32(v[infoRTT:])
}

func (p *Parser) v6Only(v []byte) {
	if len(v) < 1 {
		p.Short++
		return
	}
	p.entry.Detail.Has |= source.HasV6Only
	p.entry.Detail.V6Only = v[0] != 0
}

func (p *Parser) cgroup(v []byte) {
	if len(v) < 8 {
		p.Short++
		return
	}
	p.entry.Detail.Has |= source.HasCgroup
	p.entry.Detail.Cgroup = native.Uint64(v)
}
