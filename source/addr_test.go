package source

import (
	"net/netip"
	"testing"
)

func TestAddr(t *testing.T) {
	for _, tc := range []struct {
		in                       string
		out                      string
		is4, unspec, loop, local bool
	}{
		{"127.0.0.1", "127.0.0.1", true, false, true, false},
		{"127.255.255.255", "127.255.255.255", true, false, true, false},
		{"128.0.0.1", "128.0.0.1", true, false, false, false},
		{"::ffff:10.0.0.1", "10.0.0.1", true, false, false, false},
		{"0.0.0.0", "0.0.0.0", true, true, false, false},
		{"::", "::", false, true, false, false},
		{"::1", "::1", false, false, true, false},
		{"fe80::1", "fe80::1", false, false, false, true},
		{"febf::1", "febf::1", false, false, false, true},
		{"fec0::1", "fec0::1", false, false, false, false},
		{"2001:db8::1", "2001:db8::1", false, false, false, false},
	} {
		a := AddrFrom(netip.MustParseAddr(tc.in))
		if got := a.IP().String(); got != tc.out {
			t.Errorf("%s: came back as %s", tc.in, got)
		}
		if a.Is4() != tc.is4 || a.IsUnspecified() != tc.unspec || a.IsLoopback() != tc.loop || a.IsLinkLocal6() != tc.local {
			t.Errorf("%s: is4 %v unspecified %v loopback %v link-local %v", tc.in, a.Is4(), a.IsUnspecified(), a.IsLoopback(), a.IsLinkLocal6())
		}
		if hi, lo := a.Words(); AddrFromWords(hi, lo) != a || a.Is4() && AddrFromV4(uint32(lo)) != a {
			t.Errorf("%s: words %x %x", tc.in, hi, lo)
		}
	}
	if a, b := AddrFromV4(1), AddrFromV4(2); a.Compare(b) != -1 || b.Compare(a) != 1 || a.Compare(a) != 0 {
		t.Error("Compare")
	}
}
