package live_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// picture writes each flow of a snapshot on a line:
//
//	127.0.0.1 → 127.0.0.1:4001 ×2
//	127.0.0.1:4001 ← 127.0.0.1 ×2 by 0.0.0.0:4001
func picture(s *source.Snapshot) []string {
	var lines []string
	for i := range s.Flows {
		f := &s.Flows[i]
		if f.Len() == 0 {
			continue
		}
		line := fmt.Sprintf("%v → %v ×%d", f.Local.IP(), f.RemoteAddrPort(), f.Len())
		if f.Role != source.RoleOutgoing {
			line = fmt.Sprintf("%s ← %v ×%d", addr(f.Local.IP().String(), int(f.Port)), f.Remote.IP(), f.Len())
		}
		switch {
		case f.Listener >= 0:
			l := &s.Listeners[f.Listener]
			line += " by " + addr(l.Local.IP().String(), int(l.Port))
			if l.Device != 0 {
				line += "%dev"
			}
			if l.Gone {
				line += " (gone)"
			}
		case f.Role == source.RoleGone:
			line += " (gone)"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// orientCase is a rule of the contract, brought about by real sockets. The
// range is 20000–20099, so a port of 5000 is outside of it.
type orientCase struct {
	name string
	make func(w *world)
	want []string
}

var orientCases = []orientCase{
	{"a listener on the same address", func(w *world) {
		l := w.Listen(service)
		w.Connect(l, service)
		w.Connect(l, service)
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×2",
		"127.0.0.1:4001 ← 127.0.0.1 ×2 by 127.0.0.1:4001",
	}},
	{"a listener on another address accepts nothing", func(w *world) {
		w.Listen("127.0.0.2:5000")
		w.Connect(w.Listen(service), service, netnstest.From("127.0.0.1:5000"))
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}},
	{"a listener on 0.0.0.0", func(w *world) {
		w.Connect(w.Listen("0.0.0.0:4001"), "127.0.0.7:4001")
	}, []string{
		"127.0.0.1 → 127.0.0.7:4001 ×1",
		"127.0.0.7:4001 ← 127.0.0.1 ×1 by 0.0.0.0:4001",
	}},
	{"a listener on :: takes both families", func(w *world) {
		l := w.Listen("[::]:4001", netnstest.Dual)
		w.Connect(l, service)
		w.Connect(l, "[::1]:4001")
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by [::]:4001",
		"::1 → [::1]:4001 ×1",
		"[::1]:4001 ← ::1 ×1 by [::]:4001",
	}},
	{"a listener on :: that is IPv6-only takes no IPv4", func(w *world) {
		l := w.Listen(service)
		w.Listen("[::]:5000", netnstest.V6Only)
		w.Connect(l, service, netnstest.From("127.0.0.1:5000"))
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}},
	{"the most specific listener gets the credit", func(w *world) {
		w.Listen("0.0.0.0:4001", netnstest.ReusePort)
		w.Connect(w.Listen(service, netnstest.ReusePort), service)
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}},
	{"SO_REUSEPORT", func(w *world) {
		w.Listen(service, netnstest.ReusePort)
		w.Listen(service, netnstest.ReusePort)
		for range 8 {
			if _, err := w.Dial(service); err != nil {
				w.t.Fatal(err)
			}
		}
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×8",
		"127.0.0.1:4001 ← 127.0.0.1 ×8 by 127.0.0.1:4001",
	}},
	{"a listener on a device takes what came in there", func(w *world) {
		w.Connect(w.Listen("0.0.0.0:4001", netnstest.Device("lo")), service)
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 0.0.0.0:4001%dev",
	}},
	{"a listener on a device accepts nothing of another", func(w *world) {
		w.Connect(w.Listen(service), service, netnstest.From("127.0.0.1:5000"), netnstest.ReuseAddr)
		w.Listen("0.0.0.0:5000", netnstest.Device("lo"))
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}},
	{"SYN_SENT is outgoing, SYN_RECV accepted", func(w *world) {
		w.Listen(service)
		w.halfOpen(service)
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}},
	{"both ends have a listener: the port of the range is the client's", func(w *world) {
		client := addr("127.0.0.1", 20010)
		w.Connect(w.Listen(service), service, netnstest.From(client), netnstest.ReuseAddr)
		w.Listen(client)
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}},
	{"no end has a listener: the port of the range is the client's", func(w *world) {
		l := w.Listen(service)
		w.Connect(l, service)
		l.Close()
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 (gone)",
	}},
	{"a listener that went away, seen before", func(w *world) {
		l := w.Listen(service)
		w.Connect(l, service)
		w.snapshot()
		l.Close()
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001 (gone)",
	}},
	{"both halves in TIME_WAIT or closing", func(w *world) {
		l := w.Listen(service)
		w.Connect(l, service).TimeWait()
		p := w.Connect(l, service)
		p.Server.Close()
		p.Client.WaitClosed()
		p.Client.Close()
		p = w.Connect(l, service)
		p.Client.CloseWrite()
		p.Server.WaitClosed()
	}, []string{
		"127.0.0.1 → 127.0.0.1:4001 ×2",
		"127.0.0.1:4001 ← 127.0.0.1 ×2 by 127.0.0.1:4001",
	}},
}

// halfOpen leaves a client in SYN_SENT and its request in SYN_RECV: the client
// does not hear the answer.
func (w *world) halfOpen(dst string) {
	w.t.Helper()
	if _, err := w.Dial(dst, netnstest.Deaf); err != nil {
		w.t.Fatal(err)
	}
}

func TestOrientation(t *testing.T) {
	for _, c := range orientCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetRange(20000, 20099)
			c.make(w)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, picture(w.snapshot())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOrientationOfOneHalf looks at servers whose clients are elsewhere, so
// that the other half is not in the dump.
func TestOrientationOfOneHalf(t *testing.T) {
	cases := []struct {
		name   string
		port   int
		conns  int
		seen   bool // the listener was there in an earlier snapshot
		leaves bool // the listener goes away
		want   []string
	}{
		{"listening", 4001, 2, false, false, []string{"10.77.0.2:4001 ← 10.77.0.1 ×2 by 0.0.0.0:4001"}},
		{"gone, seen before", 4001, 1, true, true, []string{"10.77.0.2:4001 ← 10.77.0.1 ×1 by 0.0.0.0:4001 (gone)"}},
		{"gone, in the range, seen before", 20005, 1, true, true, []string{"10.77.0.2:20005 ← 10.77.0.1 ×1 by 0.0.0.0:20005 (gone)"}},
		{"gone, unseen, outside the range, two remote ports", 4001, 2, false, true, []string{"10.77.0.2:4001 ← 10.77.0.1 ×2 (gone)"}},
		{"gone, unseen, outside the range, one remote port", 4001, 1, false, true, []string{"10.77.0.2 → 10.77.0.1:CLIENT ×1"}},
		{"gone, unseen, in the range", 20005, 1, false, true, []string{"10.77.0.2 → 10.77.0.1:CLIENT ×1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, client := newWorld(t), netnstest.New(t)
			client.Veth(w.NS)
			w.SetRange(20000, 20099)
			l := w.Listen(addr("0.0.0.0", c.port))
			var port uint16
			for range c.conns {
				p := client.Connect(l, addr("10.77.0.2", c.port))
				port = p.Client.Local().Port()
			}
			if c.seen {
				w.snapshot()
			}
			if c.leaves {
				l.Close()
			}
			want := slices.Clone(c.want)
			for i := range want {
				want[i] = strings.ReplaceAll(want[i], "CLIENT", strconv.Itoa(int(port)))
			}
			if diff := cmp.Diff(want, picture(w.snapshot())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOrientationForgetsListeners: a listener of before whose connections are
// over means nothing any more.
func TestOrientationForgetsListeners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetRange(20000, 20099)
	gone := w.Listen("127.0.0.1:5000")
	w.snapshot()
	gone.Close()
	w.snapshot()
	w.Connect(w.Listen(service), service, netnstest.From("127.0.0.1:5000"))
	want := []string{
		"127.0.0.1 → 127.0.0.1:4001 ×1",
		"127.0.0.1:4001 ← 127.0.0.1 ×1 by 127.0.0.1:4001",
	}
	if diff := cmp.Diff(want, picture(w.snapshot())); diff != "" {
		t.Error(diff)
	}
}

// TestFamily: -4 takes IPv4-mapped connections, -6 leaves them out.
func TestFamily(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.Listen("[::]:4001", netnstest.Dual)
	w.Connect(l, service)
	w.Connect(l, "[::ffff:127.0.0.1]:4001")
	w.Connect(l, "[::1]:4001")
	for family, want := range map[int][]string{
		4: {"127.0.0.1 → 127.0.0.1:4001 ×2", "127.0.0.1:4001 ← 127.0.0.1 ×2 by [::]:4001"},
		6: {"::1 → [::1]:4001 ×1", "[::1]:4001 ← ::1 ×1 by [::]:4001"},
	} {
		s, err := open(t, live.Config{NetNS: w.Path(), Family: family}).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, picture(s)); diff != "" {
			t.Errorf("family %d: %s", family, diff)
		}
	}
}
