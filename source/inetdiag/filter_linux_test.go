package inetdiag_test

import (
	"fmt"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/inetdiag"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

func target(addr string) inetdiag.Target {
	ap := netip.MustParseAddrPort(addr)
	return inetdiag.Target{Remote: source.AddrFrom(ap.Addr()), Port: ap.Port()}
}

// TestFilter: the kernel takes the program, and sends what it lets through, of
// both families and of mapped addresses, by either interface.
func TestFilter(t *testing.T) {
	ns := netnstest.New(t)
	for _, to := range []string{"127.0.0.1:4001", "127.0.0.2:4001", "127.0.0.1:4002", "[::1]:4001"} {
		l := ns.Listen(to)
		ns.Connect(l, to)
		if to == "127.0.0.1:4001" {
			ns.Connect(l, "[::ffff:127.0.0.1]:4001")
		}
	}
	for _, c := range []struct {
		to   []string
		want int
	}{
		{nil, 10},
		{[]string{"127.0.0.1:4001"}, 2},
		{[]string{"127.0.0.2:4001"}, 1},
		{[]string{"[::1]:4001"}, 1},
		{[]string{"127.0.0.1:4001", "[::1]:4001"}, 3},
		{[]string{"[::1]:4001", "127.0.0.1:4002", "127.0.0.2:4001"}, 3},
		{[]string{"127.0.0.9:4001", "[::1]:4002"}, 0},
		{[]string{"[::1]:1", "[::1]:2", "[::1]:3", "[::1]:4", "[::1]:5", "[::1]:6", "[::1]:7", "127.0.0.1:4001"}, 2},
	} {
		var to []inetdiag.Target
		for _, s := range c.to {
			to = append(to, target(s))
		}
		for _, r := range [][]inetdiag.Request{
			{{Compat: true}},
			{{Family: inetdiag.FamilyIPv4}, {Family: inetdiag.FamilyIPv6}},
		} {
			n := 0
			for i := range r {
				r[i].States = source.StateEstablished.Mask()
				n += filtered(t, ns, r[i], to)
			}
			if n != c.want {
				t.Errorf("%v by %+v: %d sockets, want %d", c.to, r, n, c.want)
			}
		}
	}
}

func filtered(t *testing.T, ns *netnstest.NS, r inetdiag.Request, to []inetdiag.Target) (n int) {
	t.Helper()
	var err error
	ns.Do(func() { n, err = countSockets(inetdiag.AppendFilter(r.AppendTo(nil, 7), to)) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func countSockets(request []byte) (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, err
	}
	var p inetdiag.Parser
	p.Reset(7)
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.Read(fd, buf)
		if err != nil {
			return 0, err
		}
		done, err := p.Parse(buf[:n], func(*source.Entry) {})
		if err != nil {
			return 0, fmt.Errorf("dump: %w", err)
		}
		if done {
			return p.Sockets, nil
		}
	}
}
