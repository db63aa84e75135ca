package ui

import (
	"net/netip"
	"strconv"
	"strings"
)

// endpoint writes an address and port as ss does: 10.0.3.7:5432, [::1]:443. The
// device that the sockets are bound to is the zone of an IPv6 address, and
// follows one of IPv4: 10.0.3.7:5432%2.
func endpoint(a netip.AddrPort, device uint32) string {
	if !a.Addr().Is6() {
		return listening(a, device)
	}
	return netip.AddrPortFrom(zoned(a.Addr(), device), a.Port()).String()
}

// listening writes where a listener listens; %2 is the device it is bound to.
func listening(a netip.AddrPort, device uint32) string {
	if device == 0 {
		return a.String()
	}
	return a.String() + "%" + strconv.Itoa(int(device))
}

func zoned(a netip.Addr, device uint32) netip.Addr {
	if device == 0 || !a.Is6() {
		return a
	}
	return a.WithZone(strconv.Itoa(int(device)))
}

// squeeze shortens an address in its middle, so that both its network and its
// port can still be read: [2001:db8:85…7334]:443.
func squeeze(s string, w int) string {
	if width(s) <= w || w < 8 {
		return cut(s, w)
	}
	tail := strings.LastIndexByte(s, ':')
	if bracket := strings.LastIndexByte(s, ']'); bracket > 0 {
		tail = bracket
	}
	keep := min(len(s)-tail+4, w-4) // the port, and four digits before it
	return s[:w-keep-1] + "…" + s[len(s)-keep:]
}
