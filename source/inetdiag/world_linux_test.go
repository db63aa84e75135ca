package inetdiag

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// world has a TCP socket of every kind on the loopback of a namespace of its
// own; sights says which.
func world(t *testing.T) *netnstest.NS {
	n := netnstest.New(t)
	linkLocal(t, n)
	v4 := n.Listen("127.0.0.1:4001", netnstest.Backlog(7))
	dual := n.Listen("[::]:4002", netnstest.Dual)
	n.Listen("[::1]:4003", netnstest.V6Only)
	n.Listen("0.0.0.0:4004", netnstest.Device("lo"))
	n.Bind("127.0.0.1:4005")
	n.Bind("[::1]:4006")

	estab := n.Connect(v4, "127.0.0.1:4001")
	if _, err := unix.Write(estab.Client.FD(), []byte("12345")); err != nil {
		t.Fatal(err)
	}
	n.Connect(dual, "127.0.0.1:4002")
	n.Connect(dual, "[::1]:4002")
	n.Connect(v4, "127.0.0.1:4001").TimeWait()
	n.Connect(dual, "[::1]:4002").TimeWait()
	n.Connect(dual, "[fe80::1]:4002", netnstest.Device("lo")).TimeWait()
	serverFirst := n.Connect(dual, "127.0.0.1:4002")
	netnstest.Pair{Client: serverFirst.Server, Server: serverFirst.Client}.TimeWait()

	half := n.Connect(v4, "127.0.0.1:4001") // CLOSE_WAIT and FIN_WAIT2, both held
	half.Client.CloseWrite()
	half.Server.WaitClosed()
	n.Connect(v4, "127.0.0.1:4001").Client.Close() // CLOSE_WAIT and the FIN_WAIT2 of an orphan
	unheard := n.Connect(v4, "127.0.0.1:4001")     // FIN_WAIT1
	unheard.Server.Deafen()
	unheard.Client.Close()
	last := n.Connect(v4, "127.0.0.1:4001") // LAST_ACK
	last.Client.CloseWrite()
	last.Server.WaitClosed()
	last.Client.Deafen()
	last.Server.Close()

	for _, dst := range []string{"127.0.0.1:4001", "[::1]:4002"} {
		if _, err := n.Dial(dst, netnstest.Deaf); err != nil { // SYN_SENT and SYN_RECV
			t.Fatal(err)
		}
	}
	waiting, err := n.Dial("127.0.0.1:4001") // in the accept queue
	if err != nil {
		t.Fatal(err)
	}
	waiting.WaitEstablished()
	settle(t, n)
	return n
}

// linkLocal gives the loopback fe80::1 and waits for its route, which the
// kernel makes in a work queue.
func linkLocal(t *testing.T, n *netnstest.NS) {
	t.Helper()
	n.IP("addr add fe80::1/64 dev lo nodad")
	const route = "fe800000000000000000000000000001 80 "
	for deadline := time.Now().Add(netnstest.Patience); ; runtime.Gosched() {
		var table []byte
		var err error
		n.Do(func() { table, err = os.ReadFile("/proc/thread-self/net/ipv6_route") })
		switch {
		case bytes.Contains(table, []byte(route)):
			return
		case err != nil || time.Now().After(deadline):
			t.Fatalf("there is no route to fe80::1: %v\n%s", err, table)
		}
	}
}

// settle waits for the delayed acknowledgement of a FIN, up to 40 ms, which
// makes FIN_WAIT2 of FIN_WAIT1.
func settle(t *testing.T, n *netnstest.NS) {
	t.Helper()
	r := Request{Compat: true, States: allAndBound}
	deadline := time.Now().Add(netnstest.Patience)
	for {
		v := parse(1, dump(t, n, r, 1)...)
		left := missing(r, v.entries, slices.Concat(sights(0), boundSights))
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the world has no %q:\n%s", left, describe(v.entries))
		}
		runtime.Gosched()
	}
}

func describe(entries []source.Entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%v %v:%d %v:%d %+v\n", e.State, e.Local.IP(), e.LocalPort, e.Remote.IP(), e.RemotePort, e)
	}
	return b.String()
}

// dump asks the kernel for r inside n and returns its datagrams.
func dump(t *testing.T, n *netnstest.NS, r Request, seq uint32) (datagrams [][]byte) {
	t.Helper()
	n.Do(func() { datagrams = exchange(t, r, seq) })
	return datagrams
}

// exchange runs on a thread of the namespace.
func exchange(t *testing.T, r Request, seq uint32) (datagrams [][]byte) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		t.Errorf("open sock_diag: %v", err)
		return nil
	}
	defer func() { _ = unix.Close(fd) }()
	patience := unix.NsecToTimeval(int64(10 * time.Second))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		t.Error(err)
	}
	if err := unix.Sendto(fd, r.AppendTo(nil, seq), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Errorf("send the request: %v", err)
		return nil
	}
	for {
		b := make([]byte, 32<<10)
		size, err := unix.Read(fd, b)
		if err != nil {
			t.Errorf("receive the dump: %v", err)
			return nil
		}
		datagrams = append(datagrams, b[:size:size])
		if v := parse(seq, datagrams[len(datagrams)-1]); v.done || v.errno != 0 {
			return datagrams
		}
	}
}
