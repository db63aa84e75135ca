package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// freeScenario is a namespace in a state of which `free` must be what the
// kernel grants.
type freeScenario struct {
	name string
	// make brings the state about and returns whom the grants are counted
	// to, and the options of the clients that count.
	make func(w *world) (dst string, opts []netnstest.Option)
	// from is the clients' address; dst's own if empty.
	from string
	// bound: free is an upper bound, and must say so.
	bound bool
}

const service = "127.0.0.1:4001"

var freeScenarios = []freeScenario{
	{name: "nothing", make: func(w *world) (string, []netnstest.Option) {
		w.Listen(service)
		return service, nil
	}},
	{name: "time-wait and established", make: func(w *world) (string, []netnstest.Option) {
		w.use(w.Listen(service), service)
		return service, nil
	}},
	{name: "clients bound to a device", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		w.use(l, service)
		for range 7 {
			w.Connect(l, service, netnstest.Device("lo"))
		}
		return service, nil
	}},
	{name: "nothing left", make: func(w *world) (string, []netnstest.Option) {
		w.Listen(service)
		w.Grants(service)
		return service, nil
	}},
	{name: "another destination is full", make: func(w *world) (string, []netnstest.Option) {
		w.Listen("127.0.0.1:4002")
		w.Grants("127.0.0.1:4002")
		w.use(w.Listen(service), service)
		return service, nil
	}},
	{name: "reserved ports", make: func(w *world) (string, []netnstest.Option) {
		w.reserve(w.ports(w.size / 4))
		w.use(w.Listen(service), service)
		return service, nil
	}},
	{name: "ports reserved while in use", make: func(w *world) (string, []netnstest.Option) {
		w.use(w.Listen(service), service)
		w.reserve(w.ports(w.size / 2))
		return service, nil
	}},
	{name: "listener on another address", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		for _, p := range w.ports(3) {
			w.Listen(addr("127.0.0.2", p))
		}
		w.use(l, service)
		return service, nil
	}},
	{name: "listener on the wildcard", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		w.Listen(addr("0.0.0.0", w.port(1)))
		w.use(l, service)
		return service, nil
	}},
	{name: "listener of the other family", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		p := w.ports(2)
		w.Listen(addr("::1", p[0]))
		w.Listen(addr("::", p[1]), netnstest.V6Only)
		w.use(l, service)
		return service, nil
	}},
	{name: "listener of IPv4 against IPv6 clients", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen("[::1]:4001")
		w.Listen(addr("127.0.0.1", w.port(3)))
		w.use(l, "[::1]:4001")
		return "[::1]:4001", nil
	}, from: "::1"},
	{name: "listener in the range with accepted connections", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		dst := addr("127.0.0.1", w.port(7))
		w.use(w.Listen(dst), dst)
		w.use(l, service)
		return service, nil
	}},
	{name: "the destination's own port is in the range", make: func(w *world) (string, []netnstest.Option) {
		dst := addr("127.0.0.1", w.port(5))
		w.use(w.Listen(dst), dst)
		return dst, nil
	}},
	{name: "bound and inactive", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		p := w.ports(4)
		w.Bind(addr("127.0.0.2", p[0]))
		w.Bind(addr("0.0.0.0", p[1]))
		w.Bind(addr("::1", p[2]))
		w.Bind(addr("::", p[3]), netnstest.V6Only)
		w.use(l, service)
		return service, nil
	}},
	{name: "bound, reserved and listening at once", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		p := w.ports(2)
		w.Listen(addr("127.0.0.2", p[0]))
		w.Bind(addr("127.0.0.3", p[0]))
		w.Bind(addr("127.0.0.3", p[1]))
		w.reserve(p)
		w.use(l, service)
		return service, nil
	}},
	{name: "listener over a client's port", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		c := w.Connect(l, service)
		w.Listen(addr("127.0.0.2", int(c.Client.Local().Port())))
		w.use(l, service)
		return service, nil
	}},
	{name: "listener that went away, seen before", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		gone := w.vanishing(5)
		w.report()
		gone.Close()
		w.use(l, service)
		return service, nil
	}},
	{name: "listener over a port that a client of another destination uses", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		c := w.Connect(w.Listen("127.0.0.1:4002"), "127.0.0.1:4002")
		w.Listen(addr("127.0.0.2", int(c.Client.Local().Port())))
		w.use(l, service)
		return service, nil
	}},
	{name: "listener without SO_REUSEADDR over such a port", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		c := w.Connect(w.Listen("127.0.0.1:4002"), "127.0.0.1:4002")
		w.Listen(addr("127.0.0.2", int(c.Client.Local().Port())), netnstest.NoReuseAddr)
		w.use(l, service)
		return service, nil
	}},
	{name: "listener that went away, with TIME_WAITs left", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		dst := addr("127.0.0.1", w.ports(1)[0])
		gone := w.Listen(dst)
		for range 4 {
			p := w.Connect(gone, dst)
			p.Server.Close()
			p.Client.WaitClosed()
			p.Client.Close()
		}
		w.report()
		gone.Close()
		w.use(l, service)
		return service, nil
	}},
	{name: "listener that went away, never seen", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		w.vanishing(5).Close()
		w.use(l, service)
		return service, nil
	}},
	{name: "listener that went away, never seen, one connection left", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		w.vanishing(1).Close()
		w.use(l, service)
		return service, nil
	}, bound: true},
	{name: "across a veth pair", make: func(w *world) (string, []netnstest.Option) {
		peer := netnstest.New(w.t)
		w.Veth(peer)
		w.use(peer.Listen("0.0.0.0:4001"), "10.77.0.2:4001")
		return "10.77.0.2:4001", nil
	}, from: "10.77.0.1"},
	{name: "across a veth pair, IPv6", make: func(w *world) (string, []netnstest.Option) {
		peer := netnstest.New(w.t)
		w.Veth(peer)
		w.use(peer.Listen("[::]:4001"), "[fd77::2]:4001")
		return "[fd77::2]:4001", nil
	}, from: "fd77::1"},
	{name: "clients with a range of their own", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		own := netnstest.LocalRange(uint16(w.port(w.size/4)), uint16(w.port(w.size/2)))
		w.TimeWaits(w.size/8, l, service, own)
		w.use(l, service)
		return service, nil
	}},
	{name: "FIN_WAIT1, FIN_WAIT2, CLOSING, LAST_ACK, CLOSE_WAIT", make: func(w *world) (string, []netnstest.Option) {
		w.closingStates(w.Listen(service), service)
		return service, nil
	}},
	{name: "SYN_SENT", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		w.use(l, service)
		l.Deafen()
		for range w.size / 5 {
			if _, err := w.Dial(service); err != nil {
				w.t.Fatal(err)
			}
		}
		return service, nil
	}},
	{name: "IPv6", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen("[::1]:4001")
		w.use(w.Listen(service), service)
		w.use(l, "[::1]:4001")
		w.closingStates(l, "[::1]:4001")
		return "[::1]:4001", nil
	}, from: "::1"},
	{name: "IPv4-mapped clients", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen("[::]:4001", netnstest.Dual)
		w.use(l, "[::ffff:127.0.0.1]:4001")
		w.use(l, service)
		w.closingStates(l, "[::ffff:127.0.0.1]:4001")
		return service, nil
	}},
	{name: "IPv4-mapped clients count", make: func(w *world) (string, []netnstest.Option) {
		w.use(w.Listen(service), service)
		return "[::ffff:127.0.0.1]:4001", nil
	}},
	{name: "the server closed first", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		for range w.size / 3 {
			p := w.Connect(l, service)
			p.Server.Close()
			p.Client.WaitClosed()
			p.Client.Close()
		}
		w.use(l, service)
		return service, nil
	}},
	{name: "clients of another source address", make: func(w *world) (string, []netnstest.Option) {
		from := []netnstest.Option{netnstest.From("127.0.0.9:0"), netnstest.LatePort}
		l := w.Listen(service)
		w.use(l, service)
		w.use(l, service, from...)
		return service, from
	}, from: "127.0.0.9"},
	{name: "clients that bind before they connect", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		other := w.Listen("127.0.0.1:4002")
		for range w.size / 3 {
			w.Connect(other, "127.0.0.1:4002", netnstest.From("127.0.0.1:0"))
		}
		w.use(l, service)
		return service, nil
	}, bound: true},
	{name: "clients that bound before they connected, in TIME_WAIT", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen(service)
		other := w.Listen("127.0.0.1:4002")
		w.TimeWaits(w.size/3, other, "127.0.0.1:4002", netnstest.From("127.0.0.1:0"))
		w.use(l, service)
		return service, nil
	}, bound: true},
	{name: "all of it", make: func(w *world) (string, []netnstest.Option) {
		l := w.Listen("[::]:4001", netnstest.Dual)
		p := w.ports(6)
		w.Listen(addr("127.0.0.2", p[0]))
		w.Listen(addr("::1", p[1]))
		w.Bind(addr("0.0.0.0", p[2]))
		gone := w.vanishing(3)
		w.report()
		gone.Close()
		w.closingStates(l, service)
		w.reserve(p[3:])
		w.use(l, service)
		return service, nil
	}},
}

// use makes random numbers of TIME_WAITs and of established connections, at
// least one, leaving some of the range.
func (w *world) use(l *netnstest.Sock, dst string, opts ...netnstest.Option) {
	w.t.Helper()
	w.TimeWaits(w.rng.IntN(w.size/5), l, dst, opts...)
	for range 1 + w.rng.IntN(w.size/5) {
		w.Connect(l, dst, opts...)
	}
}

// reserve adds ports to ip_local_reserved_ports.
func (w *world) reserve(ports []int) {
	w.t.Helper()
	w.Set("net.ipv4.ip_local_reserved_ports", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(ports)), ","), "[]"))
}

// vanishing returns a listener in the range with n accepted connections.
func (w *world) vanishing(n int) *netnstest.Sock {
	w.t.Helper()
	dst := addr("127.0.0.1", w.ports(1)[0])
	l := w.Listen(dst)
	for range n {
		w.Connect(l, dst)
	}
	return l
}

// closingStates makes two connections each in all states of closing, on the
// client's side. A deaf end does not hear the other's FIN.
func (w *world) closingStates(l *netnstest.Sock, dst string) {
	w.t.Helper()
	for range 2 {
		p := w.Connect(l, dst) // FIN_WAIT1: nobody acknowledges
		p.Server.Deafen()
		p.Client.Close()

		p = w.Connect(l, dst) // FIN_WAIT2 of a full socket
		p.Client.CloseWrite()
		p.Server.WaitClosed()

		p = w.Connect(l, dst) // FIN_WAIT2 of an orphan: a mini-socket
		p.Client.Close()
		p.Server.WaitClosed()

		p = w.Connect(l, dst) // CLOSING: FINs that crossed
		p.Server.Deafen()
		p.Client.CloseWrite()
		p.Server.CloseWrite()
		p.Client.WaitClosed()

		p = w.Connect(l, dst) // LAST_ACK
		p.Server.CloseWrite()
		p.Client.WaitClosed()
		p.Server.Deafen()
		p.Client.Close()

		p = w.Connect(l, dst) // CLOSE_WAIT
		p.Server.CloseWrite()
		p.Client.WaitClosed()
	}
	eventually(w.t, func() (bool, string) {
		s := w.snapshot()
		for _, st := range []source.State{
			source.StateFinWait1, source.StateFinWait2, source.StateClosing,
			source.StateLastAck, source.StateCloseWait,
		} {
			if s.States[st] < 2 {
				return false, fmt.Sprintf("the kit made %d sockets in %v, meant to make 2", s.States[st], st)
			}
		}
		return true, ""
	})
}

// TestFreeIsWhatTheKernelGrants counts connect() calls until EADDRNOTAVAIL.
func TestFreeIsWhatTheKernelGrants(t *testing.T) {
	for _, sc := range freeScenarios {
		for _, odd := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s/odd=%d", sc.name, odd), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.setRange(60 + 2*w.rng.IntN(120) + odd)
				checkFree(w, sc, odd)
			})
		}
	}
}

func checkFree(w *world, sc freeScenario, slack int) {
	w.t.Helper()
	dst, opts := sc.make(w)
	from := sc.from
	if from == "" {
		from = "127.0.0.1"
	}
	r := w.report()
	promised, exact := free(r, from, dst)
	granted := w.Grants(dst, opts...)
	w.t.Logf("range %v, capacity %d, free %d (exact %v), granted %d; gaps %q",
		r.Ports.Range, r.Ports.Capacity, promised, exact, granted, r.Gaps)
	switch {
	case exact == sc.bound:
		w.t.Errorf("free_exact = %v, want %v", exact, !sc.bound)
	case sc.bound && promised < granted:
		w.t.Errorf("free = %d is no upper bound: the kernel granted %d", promised, granted)
	case !sc.bound && (promised < granted || promised > granted+slack):
		w.t.Errorf("free = %d, the kernel granted %d", promised, granted)
	}
	if after, _ := free(w.report(), from, dst); !sc.bound && after > slack {
		w.t.Errorf("free = %d with nothing left", after)
	}
}
