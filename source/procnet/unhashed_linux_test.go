package procnet

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// kernel is the procfs of this machine.
var kernel = FS{Root: "/proc"}

// settlesAt waits until Unhashed says want: sockets of netlink and packet are
// counted until a grace period of RCU after their close.
func settlesAt(t *testing.T, n *netnstest.NS, what string, want int) {
	t.Helper()
	var got int
	var ok bool
	for deadline := time.Now().Add(netnstest.Patience); ; runtime.Gosched() {
		n.Do(func() { got, ok = kernel.Unhashed() })
		if ok && got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%s: Unhashed is %d, %v; want %d", what, got, ok, want)
			return
		}
	}
}

// open makes a socket in the namespace that is closed in the end. It fails
// the test unless the kernel has no such kind.
func open(t *testing.T, n *netnstest.NS, family, kind, protocol int) (fd int, ok bool) {
	t.Helper()
	var err error
	n.Do(func() { fd, err = unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol) })
	switch err {
	case nil:
		t.Cleanup(func() { _ = unix.Close(fd) })
		return fd, true
	case unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT, unix.ESOCKTNOSUPPORT:
		return 0, false
	}
	t.Fatalf("socket(%d, %d, %d): %v", family, kind, protocol, err)
	return 0, false
}

// TestUnhashedTCP proves for every TCP state what Unhashed's comment says.
func TestUnhashedTCP(t *testing.T) {
	n := netnstest.New(t)
	settlesAt(t, n, "an empty namespace", 0)
	l := n.Listen("127.0.0.1:4001", netnstest.Backlog(1))
	l6 := n.Listen("[::1]:4001")
	settlesAt(t, n, "listening", 0)
	for range 2 {
		waiting, err := n.Dial("127.0.0.1:4001")
		if err != nil {
			t.Fatal(err)
		}
		waiting.WaitEstablished()
	}
	settlesAt(t, n, "not yet accepted", 0)
	l.Accept()
	l.Accept()
	n.Connect(l6, "[::1]:4001")
	settlesAt(t, n, "ESTAB", 0)
	n.TimeWaits(3, l, "127.0.0.1:4001")
	n.TimeWaits(3, l6, "[::1]:4001")
	settlesAt(t, n, "TIME_WAIT", 0)
	n.Connect(l, "127.0.0.1:4001").Client.Close()
	half := n.Connect(l, "127.0.0.1:4001")
	half.Client.CloseWrite()
	settlesAt(t, n, "CLOSE_WAIT, FIN_WAIT2 held and orphaned", 0)
	unheard := n.Connect(l, "127.0.0.1:4001")
	unheard.Server.Deafen()
	unheard.Client.Close()
	settlesAt(t, n, "FIN_WAIT1", 0)
	last := n.Connect(l, "127.0.0.1:4001")
	last.Client.CloseWrite()
	last.Server.WaitClosed()
	last.Client.Deafen()
	last.Server.Close()
	settlesAt(t, n, "LAST_ACK", 0)
	if _, err := n.Dial("127.0.0.1:4001", netnstest.Deaf); err != nil {
		t.Fatal(err)
	}
	settlesAt(t, n, "SYN_SENT and SYN_RECV", 0)
	reset := n.Connect(l, "127.0.0.1:4001")
	reset.Server.Abort()
	reset.Client.WaitClosed()
	settlesAt(t, n, "reset, and not bound any more", 1)
	reset.Client.Close()
	settlesAt(t, n, "closed", 0)
}

// TestUnhashedBound proves that each bound-inactive socket is one more.
func TestUnhashedBound(t *testing.T) {
	n := netnstest.New(t)
	settlesAt(t, n, "an empty namespace", 0)
	for i, addr := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"} {
		n.Bind(addr)
		settlesAt(t, n, "bound to "+addr, i+1)
	}
	open(t, n, unix.AF_INET, unix.SOCK_STREAM, 0)
	settlesAt(t, n, "a TCP socket not bound", 5)
	later := n.Bind("127.0.0.1:4001")
	settlesAt(t, n, "one more bound", 6)
	if err := unix.Listen(later.FD(), 1); err != nil {
		t.Fatal(err)
	}
	settlesAt(t, n, "and listening", 5)
	later.Close()
	settlesAt(t, n, "and closed", 5)
	refused := n.Bind("127.0.0.1:4002")
	settlesAt(t, n, "one more bound", 6)
	err := unix.Connect(refused.FD(), &unix.SockaddrInet4{Port: 4003, Addr: [4]byte{127, 0, 0, 1}})
	if err != unix.EINPROGRESS && err != unix.ECONNREFUSED {
		t.Fatal(err)
	}
	settlesAt(t, n, "and refused by connect()", 6)
}

// TestUnhashedOthers proves what other kinds of socket add.
func TestUnhashedOthers(t *testing.T) {
	n := netnstest.New(t)
	settlesAt(t, n, "an empty namespace", 0)
	sum := 0
	for _, c := range []struct {
		name                   string
		family, kind, protocol int
		adds                   int
	}{
		{"UNIX stream", unix.AF_UNIX, unix.SOCK_STREAM, 0, 0},
		{"UNIX datagram", unix.AF_UNIX, unix.SOCK_DGRAM, 0, 0},
		{"RAW", unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP, 0},
		{"RAW over IPv6", unix.AF_INET6, unix.SOCK_RAW, unix.IPPROTO_ICMPV6, 0},
		{"PACKET", unix.AF_PACKET, unix.SOCK_RAW, 0, 0},
		{"NETLINK", unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE, 0},
		{"UDP not bound", unix.AF_INET, unix.SOCK_DGRAM, 0, 1},
		{"MPTCP not bound", unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP, 1},
		{"VSOCK", unix.AF_VSOCK, unix.SOCK_STREAM, 0, 1},
	} {
		if _, ok := open(t, n, c.family, c.kind, c.protocol); ok {
			sum += c.adds
		}
		settlesAt(t, n, c.name, sum)
	}
	fd, _ := open(t, n, unix.AF_INET, unix.SOCK_DGRAM, 0)
	settlesAt(t, n, "one more UDP not bound", sum+1)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	settlesAt(t, n, "UDP bound", sum)
}
