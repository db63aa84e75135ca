package netnstest

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Pair is a connection with both its ends.
type Pair struct{ Client, Server *Sock }

// Connect makes one connection from n to a listener, which may be in another
// namespace, at dst.
func (n *NS) Connect(l *Sock, dst string, opts ...Option) Pair {
	n.t.Helper()
	c, err := n.Dial(dst, opts...)
	if err != nil {
		n.t.Fatalf("connect %s: %v", dst, err)
	}
	s := l.Accept()
	c.WaitEstablished()
	return Pair{c, s}
}

// TimeWait leaves the client's end in TIME_WAIT and nothing of the server's.
func (p Pair) TimeWait() {
	p.Client.ns.t.Helper()
	p.Client.Close()
	p.Server.WaitClosed()
	p.Server.Close()
}

// TimeWaits makes count connections and closes them, the client first.
func (n *NS) TimeWaits(count int, l *Sock, dst string, opts ...Option) {
	n.t.Helper()
	for range count {
		n.Connect(l, dst, opts...).TimeWait()
	}
}

// maxGrants is more than any range has.
const maxGrants = 1 << 16

// Grants calls connect() to dst until the kernel says EADDRNOTAVAIL, and
// returns how many it granted. They stay open.
func (n *NS) Grants(dst string, opts ...Option) int {
	n.t.Helper()
	for granted := range maxGrants {
		_, err := n.Dial(dst, opts...)
		if errors.Is(err, unix.EADDRNOTAVAIL) {
			return granted
		}
		if err != nil {
			n.t.Fatalf("connect %s, after %d: %v", dst, granted, err)
		}
	}
	n.t.Fatalf("connect %s: still granted after %d", dst, maxGrants)
	return 0
}
