package source

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address as two big-endian numbers, without pointers, so that a
// million flows cost the garbage collector nothing. IPv4 is kept as IPv4-mapped
// IPv6: a connection of an IPv6 socket to ::ffff:10.0.0.1 uses the same tuples
// as one of an IPv4 socket to 10.0.0.1, and compares equal here.
//
// The wildcards stay apart: 0.0.0.0 is ::ffff:0.0.0.0, and :: is the zero Addr.
type Addr struct{ hi, lo uint64 }

const mappedPrefix = 0xffff << 32 // the upper half of lo in an IPv4-mapped address

// AddrFromV4 returns the Addr of an IPv4 address as a big-endian number.
func AddrFromV4(v uint32) Addr { return Addr{0, mappedPrefix | uint64(v)} }

// AddrFromWords returns the Addr of an IPv6 address as two big-endian numbers.
func AddrFromWords(hi, lo uint64) Addr { return Addr{hi, lo} }

// AddrFrom returns the Addr of ip, without its zone.
func AddrFrom(ip netip.Addr) Addr {
	b := ip.As16()
	return Addr{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// IP returns the address unmapped: 127.0.0.1, never ::ffff:127.0.0.1.
func (a Addr) IP() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return netip.AddrFrom16(b).Unmap()
}

// Words returns the address as two big-endian numbers.
func (a Addr) Words() (hi, lo uint64) { return a.hi, a.lo }

// Is4 reports whether the address is IPv4, mapped or not.
func (a Addr) Is4() bool { return a.hi == 0 && a.lo>>32 == 0xffff }

// IsUnspecified reports whether the address is a wildcard, 0.0.0.0 or ::.
func (a Addr) IsUnspecified() bool { return a.hi == 0 && (a.lo == 0 || a.lo == mappedPrefix) }

// IsLoopback reports whether the address is in 127.0.0.0/8 or is ::1.
func (a Addr) IsLoopback() bool { return a.hi == 0 && (a.lo>>24 == 0xffff7f || a.lo == 1) }

// IsLinkLocal6 reports whether the address is in fe80::/10, where the same
// address may exist behind every device.
func (a Addr) IsLinkLocal6() bool { return a.hi>>54 == 0xfe80>>6 }

// Compare orders addresses as numbers, IPv4 between ::fffe:ffff:ffff and
// ::1:0:0:0, and returns -1, 0 or 1.
func (a Addr) Compare(b Addr) int {
	switch {
	case a == b:
		return 0
	case a.hi < b.hi || a.hi == b.hi && a.lo < b.lo:
		return -1
	}
	return 1
}
