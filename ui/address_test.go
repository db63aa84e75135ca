package ui

import (
	"net/netip"
	"testing"
)

// The same address over another device is another row, and looks like one.
func TestEndpoint(t *testing.T) {
	for _, c := range []struct {
		addr   string
		device uint32
		want   string
	}{
		{"10.0.3.7:5432", 0, "10.0.3.7:5432"},
		{"10.0.3.7:5432", 2, "10.0.3.7:5432%2"},
		{"[2001:db8::5]:443", 0, "[2001:db8::5]:443"},
		{"[2001:db8::5]:443", 3, "[2001:db8::5%3]:443"},
		{"[fe80::1]:443", 4, "[fe80::1%4]:443"},
	} {
		if got := endpoint(netip.MustParseAddrPort(c.addr), c.device); got != c.want {
			t.Errorf("%s over %d: %q, want %q", c.addr, c.device, got, c.want)
		}
	}
}
