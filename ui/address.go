package ui

import (
	"net/netip"
	"strconv"
	"strings"
)

// endpoint writes an address and port as ss does: 10.0.3.7:5432, [::1]:443. A
// device that tells link-local addresses apart is its zone.
func endpoint(a netip.AddrPort, device uint32) string {
	if device != 0 {
		a = netip.AddrPortFrom(zoned(a.Addr(), device), a.Port())
	}
	return a.String()
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
