package source

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address in 16 bytes without pointers, so that a million flows
// cost the garbage collector nothing. IPv4 is kept as IPv4-mapped IPv6: a
// connection of an IPv6 socket to ::ffff:10.0.0.1 uses the same tuples as one
// of an IPv4 socket to 10.0.0.1, and compares equal here.
//
// The wildcards stay apart: 0.0.0.0 is ::ffff:0.0.0.0, and :: is the zero Addr.
type Addr [16]byte

const mappedPrefix = 0xffff // bytes 10 and 11 of an IPv4-mapped address

// AddrFrom4 returns the Addr of four IPv4 bytes in network order.
func AddrFrom4(b [4]byte) Addr {
	return Addr{10: 0xff, 11: 0xff, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}
}

// AddrFrom returns the Addr of ip, without its zone.
func AddrFrom(ip netip.Addr) Addr { return Addr(ip.As16()) }

// IP returns the address unmapped: 127.0.0.1, never ::ffff:127.0.0.1.
func (a Addr) IP() netip.Addr { return netip.AddrFrom16(a).Unmap() }

// Is4 reports whether the address is IPv4, mapped or not.
func (a Addr) Is4() bool {
	hi, lo := a.words()
	return hi == 0 && lo>>32 == mappedPrefix
}

// IsUnspecified reports whether the address is a wildcard, 0.0.0.0 or ::.
func (a Addr) IsUnspecified() bool {
	hi, lo := a.words()
	return hi == 0 && (lo == 0 || lo == mappedPrefix<<32)
}

// IsLoopback reports whether the address is in 127.0.0.0/8 or is ::1.
func (a Addr) IsLoopback() bool {
	hi, lo := a.words()
	return hi == 0 && (lo>>24 == mappedPrefix<<8|127 || lo == 1)
}

// IsLinkLocal6 reports whether the address is in fe80::/10, where the same
// address may exist behind every device.
func (a Addr) IsLinkLocal6() bool { return a[0] == 0xfe && a[1]&0xc0 == 0x80 }

// words returns the address as two big-endian numbers.
func (a *Addr) words() (hi, lo uint64) {
	return binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(a[8:])
}
