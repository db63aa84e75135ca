package netnstest

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Patience is how long the kit waits for what should come at once.
const Patience = 10 * time.Second

// Sock is a TCP socket. Its methods fail the test where the kernel refuses.
type Sock struct {
	ns *NS
	fd int
}

type options struct {
	from    string
	backlog int
	early   []func(fd int) error // before bind
}

// Option changes how a socket is made.
type Option func(*options)

// From binds a client to an address before it connects; port 0 lets the kernel choose.
func From(addr string) Option { return func(o *options) { o.from = addr } }

// Backlog is that of listen(); the default is 4096.
func Backlog(n int) Option { return func(o *options) { o.backlog = n } }

func with(level, opt, value int) Option {
	return func(o *options) {
		o.early = append(o.early, func(fd int) error { return unix.SetsockoptInt(fd, level, opt, value) })
	}
}

// The socket options of the scenarios.
var (
	V6Only    = with(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	Dual      = with(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0)
	ReuseAddr = with(unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	// NoReuseAddr undoes what Listen does.
	NoReuseAddr = with(unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
	ReusePort   = with(unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	// LatePort is IP_BIND_ADDRESS_NO_PORT: bind chooses no port, connect does.
	LatePort = with(unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
)

// Deaf is Deafen from the start: a client stays in SYN_SENT.
func Deaf(o *options) { o.early = append(o.early, attachDrop) }

// Device is SO_BINDTODEVICE.
func Device(name string) Option {
	return func(o *options) {
		o.early = append(o.early, func(fd int) error { return unix.BindToDevice(fd, name) })
	}
}

// LocalRange is IP_LOCAL_PORT_RANGE, a range of this socket's own.
func LocalRange(low, high uint16) Option {
	return with(unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, int(high)<<16|int(low))
}

// sockaddr tells the family by how the address is written: ::ffff:1.2.3.4 is
// that of an IPv6 socket.
func sockaddr(addr string) (int, unix.Sockaddr) {
	ap := netip.MustParseAddrPort(addr)
	if ap.Addr().Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(ap.Port()), Addr: ap.Addr().As4()}
	}
	return unix.AF_INET6, &unix.SockaddrInet6{Port: int(ap.Port()), Addr: ap.Addr().As16()}
}

// socket makes a socket that does not block in the namespace.
func (n *NS) socket(family int, opts []Option) (*Sock, *options) {
	n.t.Helper()
	o := &options{backlog: 4096}
	for _, opt := range opts {
		opt(o)
	}
	s := &Sock{ns: n}
	err := n.do(func() (err error) {
		s.fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		n.t.Fatalf("socket: %v", err)
	}
	n.adopt(s.fd)
	for _, set := range o.early {
		s.must("setsockopt", set(s.fd))
	}
	return s, o
}

func (n *NS) adopt(fd int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open[fd] = struct{}{}
}

func (s *Sock) must(what string, err error) {
	s.ns.t.Helper()
	if err != nil {
		s.ns.t.Fatalf("%s: %v", what, err)
	}
}

// Bind makes a socket that is bound to addr, neither listening nor connected.
func (n *NS) Bind(addr string, opts ...Option) *Sock {
	n.t.Helper()
	family, sa := sockaddr(addr)
	s, _ := n.socket(family, opts)
	s.must("bind "+addr, unix.Bind(s.fd, sa))
	return s
}

// Listen makes a listener. SO_REUSEADDR is set, as servers do.
func (n *NS) Listen(addr string, opts ...Option) *Sock {
	n.t.Helper()
	family, sa := sockaddr(addr)
	s, o := n.socket(family, append([]Option{ReuseAddr}, opts...))
	s.must("bind "+addr, unix.Bind(s.fd, sa))
	s.must("listen "+addr, unix.Listen(s.fd, o.backlog))
	return s
}

// Dial calls connect() once and does not wait for an answer. The error is
// connect's errno, that of a bind before it, or nil.
func (n *NS) Dial(dst string, opts ...Option) (*Sock, error) {
	n.t.Helper()
	family, sa := sockaddr(dst)
	s, o := n.socket(family, opts)
	if o.from != "" {
		_, from := sockaddr(o.from)
		if err := unix.Bind(s.fd, from); err != nil {
			s.Close()
			return nil, err
		}
	}
	if err := unix.Connect(s.fd, sa); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Accept waits for a connection.
func (s *Sock) Accept() *Sock {
	s.ns.t.Helper()
	s.wait(unix.POLLIN)
	fd, _, err := unix.Accept4(s.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	s.must("accept", err)
	s.ns.adopt(fd)
	return &Sock{ns: s.ns, fd: fd}
}

// wait polls for events.
func (s *Sock) wait(events int16) {
	s.ns.t.Helper()
	deadline := time.Now().Add(Patience)
	for {
		fds := []unix.PollFd{{Fd: int32(s.fd), Events: events}}
		n, err := unix.Poll(fds, int(time.Until(deadline).Milliseconds()))
		if n > 0 {
			return
		}
		if err != nil && !errors.Is(err, unix.EINTR) || time.Now().After(deadline) {
			s.ns.t.Fatalf("waited %v for poll events %#x: %v", Patience, events, err)
		}
	}
}

// WaitEstablished waits for the answer to Dial.
func (s *Sock) WaitEstablished() {
	s.ns.t.Helper()
	s.wait(unix.POLLOUT)
	errno, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	s.must("getsockopt", err)
	if errno != 0 {
		s.ns.t.Fatalf("connect: %v", unix.Errno(errno))
	}
}

// WaitClosed waits until the other side has closed.
func (s *Sock) WaitClosed() {
	s.ns.t.Helper()
	s.wait(unix.POLLRDHUP)
}

// Close closes the descriptor; the connection goes through its closing states.
func (s *Sock) Close() {
	forking.RLock()
	defer forking.RUnlock()
	s.ns.mu.Lock()
	defer s.ns.mu.Unlock()
	if _, ok := s.ns.open[s.fd]; ok {
		delete(s.ns.open, s.fd)
		_ = unix.Close(s.fd)
	}
}

// Abort closes by RST, so that no state is left.
func (s *Sock) Abort() {
	s.ns.t.Helper()
	s.must("linger", unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	s.Close()
}

// CloseWrite sends a FIN and keeps the descriptor.
func (s *Sock) CloseWrite() {
	s.ns.t.Helper()
	s.must("shutdown", unix.Shutdown(s.fd, unix.SHUT_WR))
}

// Deafen drops everything that arrives at the socket from now on; what a deaf
// listener accepts is nothing, and its clients stay in SYN_SENT.
func (s *Sock) Deafen() {
	s.ns.t.Helper()
	s.must("attach filter", attachDrop(s.fd))
}

// attachDrop attaches a filter that drops all.
func attachDrop(fd int) error {
	drop := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}
	prog := unix.SockFprog{Len: 1, Filter: &drop}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog)
}

// Local is the socket's address.
func (s *Sock) Local() netip.AddrPort {
	s.ns.t.Helper()
	sa, err := unix.Getsockname(s.fd)
	s.must("getsockname", err)
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))
	}
	s.ns.t.Fatalf("getsockname: %T", sa)
	return netip.AddrPort{}
}
