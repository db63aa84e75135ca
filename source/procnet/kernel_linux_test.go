package procnet

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestKernelNamespace holds that everything comes from the thread's namespace.
func TestKernelNamespace(t *testing.T) {
	n := netnstest.New(t)
	n.SetRange(20000, 20999)
	l := n.Listen("127.0.0.1:4001")
	n.TimeWaits(5, l, "127.0.0.1:4001")
	n.Do(func() {
		if v, ok, err := kernel.Sysctl("net.ipv4.ip_local_port_range"); v != "20000 20999" || !ok || err != nil {
			t.Errorf("range: %q, %v, %v", v, ok, err)
		}
		s, err := kernel.SockStat()
		if err != nil || s.TimeWait == nil || *s.TimeWait != 5 || s.TCPInUse == nil || *s.TCPInUse != 1 {
			t.Errorf("sockstat: %+v, %v", s, err)
		}
		c, err := kernel.Counters()
		if err != nil || c.ActiveOpens == nil || *c.ActiveOpens != 5 || c.TWRecycled == nil || *c.TWRecycled != 0 ||
			c.ListenDrops == nil || c.TimeWaitOverflow == nil || c.FilesMax == nil {
			t.Errorf("counters: %+v, %v", c, err)
		}
	})
	if kernel.BootID() == "" {
		t.Error("no boot id")
	}
}

// TestKernelLongPortList holds that a long value is read whole: the kernel
// cuts it to the reader's buffer without saying so, and a second read gives nothing.
func TestKernelLongPortList(t *testing.T) {
	n := netnstest.New(t)
	n.Set("net.ipv4.ip_local_reserved_ports", everyOther())
	n.Do(func() {
		v, ok, err := kernel.Sysctl("net.ipv4.ip_local_reserved_ports")
		if !ok || err != nil {
			t.Fatalf("%v, %v", ok, err)
		}
		set, err := ParsePorts(v)
		if set.Len() != 1<<15 || !set.Has(1) || !set.Has(65535) || err != nil {
			t.Errorf("%d ports, %v", set.Len(), err)
		}
	})
}

// TestKernelTCP reads the tables of a namespace with known sockets.
func TestKernelTCP(t *testing.T) {
	n := netnstest.New(t)
	l := n.Listen("127.0.0.1:4001")
	dual := n.Listen("[::]:4002", netnstest.Dual)
	p := n.Connect(l, "127.0.0.1:4001")
	if _, err := unix.Write(p.Client.FD(), []byte("1234567")); err != nil {
		t.Fatal(err)
	}
	n.Connect(l, "127.0.0.1:4001").TimeWait()
	n.Connect(dual, "127.0.0.1:4002")
	n.Connect(dual, "[::1]:4002").TimeWait()
	var four, six []source.Entry
	n.Do(func() {
		for out, read := range map[*[]source.Entry]func(func(*source.Entry) bool) (TCPTable, error){&four: kernel.TCP, &six: kernel.TCP6} {
			table, err := read(func(e *source.Entry) bool { *out = append(*out, *e); return true })
			if err != nil || table != (TCPTable{Sockets: len(*out)}) {
				t.Errorf("%+v, %v", table, err)
			}
		}
	})
	has := func(what string, list []source.Entry, is func(*source.Entry) bool) {
		for i := range list {
			if is(&list[i]) {
				return
			}
		}
		t.Errorf("%s is missing in %+v", what, list)
	}
	local := p.Client.Local()
	has("the listener", four, func(e *source.Entry) bool {
		return e.State == source.StateListen && e.LocalPort == 4001 && e.Local.IP() == local.Addr() && e.Detail.Inode != 0
	})
	has("the client", four, func(e *source.Entry) bool {
		return e.State == source.StateEstablished && e.LocalPort == local.Port() && e.Local.IP() == local.Addr()
	})
	has("what waits to be read", four, func(e *source.Entry) bool {
		return e.RemotePort == local.Port() && e.Detail.RecvQ == 7 && e.Detail.Has&source.HasQueues != 0
	})
	full := func(e *source.Entry) bool {
		return e.State == source.StateTimeWait && e.Timer == source.TimerTimeWait && e.Expires > 50_000 && e.Expires <= 60_000
	}
	has("TIME_WAIT", four, full)
	has("TIME_WAIT over IPv6", six, full)
	has("the listener for both", six, func(e *source.Entry) bool { return e.State == source.StateListen && e.Local == source.Addr{} })
	has("a mapped connection", six, func(e *source.Entry) bool { return e.Local.Is4() && e.LocalPort == 4002 })
}
