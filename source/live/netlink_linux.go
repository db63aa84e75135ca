package live

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// netlinkWire is a sock_diag socket opened by package netlink. Messages go
// through its SyscallConn: package netlink would make a value of each socket
// in the dump. The sequence numbers are the caller's.
type netlinkWire struct {
	conn *netlink.Conn
	raw  syscall.RawConn
	to   unix.SockaddrNetlink // the kernel's address; Sendto writes into it

	// What recvOnce is called with and what it returns; a closure for each
	// call would be garbage.
	recvOnce, recvDense func(fd uintptr) bool

	buf []byte
	n   int
	err error
}

// dialNetlink opens a sock_diag socket in the namespace.
func dialNetlink(ns *namespace) (wire, error) {
	conn, err := dialWithin(ns)
	if err != nil {
		return nil, fmt.Errorf("open sock_diag: %w", err)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("open sock_diag: %w", err)
	}
	w := &netlinkWire{conn: conn, raw: raw, to: unix.SockaddrNetlink{Family: unix.AF_NETLINK}}
	w.recvOnce, w.recvDense = w.recv, w.recvRaw
	return w, nil
}

// dialWithin connects inside the namespace. netlink.Config.NetNS would do that
// on any thread, the main one too, which then is elsewhere for a moment, and
// with it /proc/self/net.
func dialWithin(ns *namespace) (conn *netlink.Conn, err error) {
	w, err := startWorker(ns.enter)
	if err != nil {
		return nil, err
	}
	defer w.close()
	w.do(func() { conn, err = netlink.Dial(unix.NETLINK_SOCK_DIAG, nil) })
	return conn, err
}

// Send implements wire.
func (w *netlinkWire) Send(msg []byte) error {
	var sent error
	err := w.raw.Write(func(fd uintptr) bool {
		sent = unix.Sendto(int(fd), msg, unix.MSG_DONTWAIT, &w.to)
		return sent != unix.EAGAIN
	})
	if err == nil {
		err = os.NewSyscallError("sendto", sent)
	}
	return err
}

// Recv implements wire. In a dump it hardly ever waits: recvfrom itself
// makes the kernel walk on and fill the next datagram (netlink_recvmsg).
func (w *netlinkWire) Recv(buf []byte, dense bool) (int, error) {
	w.buf = buf
	recv := w.recvOnce
	if dense {
		recv = w.recvDense
	}
	err := w.raw.Read(recv)
	w.buf = nil
	if err == nil {
		err = w.err
	}
	if err != nil {
		return 0, os.NewSyscallError("recvfrom", err)
	}
	return w.n, nil
}

// recv tries once, and asks to wait by returning false. What another process
// sent is left out; without CAP_NET_ADMIN none can (netlink_sendmsg).
func (w *netlinkWire) recv(fd uintptr) bool {
	n, from, err := unix.Recvfrom(int(fd), w.buf, unix.MSG_DONTWAIT|unix.MSG_TRUNC)
	w.n, w.err = n, err
	if err != nil {
		return err != unix.EAGAIN
	}
	sender, ok := from.(*unix.SockaddrNetlink)
	return ok && sender.Pid == 0
}

// recvRaw is recv by a raw call, for a dense dump: it never waits, and takes
// about 100 µs. The scheduler would take the processor away from the thread for
// each of them, and give it back at the cost of a tenth of the whole dump.
// Where few sockets match, one call may walk all of a large table, and the
// garbage collector with everybody else would wait for it.
func (w *netlinkWire) recvRaw(fd uintptr) bool {
	var from unix.RawSockaddrNetlink
	size := uint32(unix.SizeofSockaddrNetlink)
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd,
		uintptr(unsafe.Pointer(unsafe.SliceData(w.buf))), uintptr(len(w.buf)), unix.MSG_DONTWAIT|unix.MSG_TRUNC,
		uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
	w.n, w.err = int(n), nil
	if errno != 0 {
		w.n, w.err = 0, errno
		return errno != unix.EAGAIN
	}
	return size == unix.SizeofSockaddrNetlink && from.Pid == 0
}

// SetReadBuffer implements wire.
func (w *netlinkWire) SetReadBuffer(bytes int) error { return w.conn.SetReadBuffer(bytes) }

// Interrupt implements wire.
func (w *netlinkWire) Interrupt() { _ = w.conn.SetReadDeadline(time.Unix(1, 0)) }

// Close implements wire.
func (w *netlinkWire) Close() error { return w.conn.Close() }

// cookie is SO_NETNS_COOKIE, a number that no other namespace gets until the
// next boot; 0 where the kernel is older than 5.14.
func (w *netlinkWire) cookie() uint64 {
	var c uint64
	err := w.raw.Control(func(fd uintptr) {
		c, _ = unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	})
	if err != nil {
		return 0
	}
	return c
}
