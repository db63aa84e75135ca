package source

import (
	"net/netip"
	"testing"
)

func ip(s string) Addr { return AddrFrom(netip.MustParseAddr(s)) }

// conn is an Entry for a table: "127.0.0.1:40000", "127.0.0.1:4001".
func conn(local, remote string, state State) Entry {
	l, r := netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote)
	e := Entry{Local: AddrFrom(l.Addr()), LocalPort: l.Port(), Remote: AddrFrom(r.Addr()), RemotePort: r.Port(), State: state}
	if state == StateTimeWait {
		e.Timer, e.Expires = TimerTimeWait, 30_000
	}
	return e
}

func listen(addr string) Listener {
	a := netip.MustParseAddrPort(addr)
	return Listener{Local: AddrFrom(a.Addr()), Port: a.Port()}
}

func v6only(l Listener) Listener            { l.Detail.V6Only = true; return l }
func on(l Listener, device uint32) Listener { l.Device = device; return l }

func build(b *Builder, clock uint32, listeners []Listener, entries ...Entry) *Snapshot {
	b.Begin(Frame{Clock: clock, Range: DefaultPortRange, RangeKnown: true, Listeners: listeners})
	for i := range entries {
		b.Add(&entries[i])
	}
	return b.Finish()
}

// roles returns what each connection was taken for, by its local end and remote end.
func roles(s *Snapshot) map[string]Role {
	out := map[string]Role{}
	for i := range s.Flows {
		f := &s.Flows[i]
		for _, k := range s.SocketsOf(i) {
			e := endsOf(f, &k)
			out[netip.AddrPortFrom(e.local.IP(), e.localPort).String()+" "+netip.AddrPortFrom(e.remote.IP(), e.remotePort).String()] = f.Role
		}
	}
	return out
}

func TestOrientation(t *testing.T) {
	const est, tw = StateEstablished, StateTimeWait
	dev := func(e Entry, d uint32) Entry { e.Device = d; return e }
	for _, tc := range []struct {
		name      string
		listeners []Listener
		entries   []Entry
		want      []Role
	}{
		{"plain client", nil, []Entry{conn("10.0.0.1:40000", "10.0.0.2:80", est)}, []Role{RoleOutgoing}},
		{"SYN_SENT is outgoing though somebody listens", []Listener{listen("0.0.0.0:40000")},
			[]Entry{conn("10.0.0.1:40000", "10.0.0.2:80", StateSynSent)}, []Role{RoleOutgoing}},
		{"SYN_RECV is accepted though nobody listens", nil,
			[]Entry{conn("10.0.0.1:80", "10.0.0.2:40000", StateSynRecv)}, []Role{RoleGone}},
		{"NEW_SYN_RECV likewise", nil,
			[]Entry{conn("10.0.0.1:80", "10.0.0.2:40000", StateNewSynRecv)}, []Role{RoleGone}},
		{"same address", []Listener{listen("10.0.0.1:80")},
			[]Entry{conn("10.0.0.1:80", "10.0.0.2:40000", est)}, []Role{RoleAccepted}},
		{"other address", []Listener{listen("10.0.0.9:40000")},
			[]Entry{conn("10.0.0.1:40000", "10.0.0.2:80", est)}, []Role{RoleOutgoing}},
		{"IPv4 wildcard", []Listener{listen("0.0.0.0:80")},
			[]Entry{conn("10.0.0.1:80", "10.0.0.2:40000", est)}, []Role{RoleAccepted}},
		{"IPv4 wildcard takes no IPv6", []Listener{listen("0.0.0.0:40000")},
			[]Entry{conn("[fd00::1]:40000", "[fd00::2]:80", est)}, []Role{RoleOutgoing}},
		{":: takes IPv4", []Listener{listen("[::]:80")},
			[]Entry{conn("10.0.0.1:80", "10.0.0.2:40000", est)}, []Role{RoleAccepted}},
		{":: takes IPv4-mapped", []Listener{listen("[::]:80")},
			[]Entry{conn("[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.2]:40000", est)}, []Role{RoleAccepted}},
		{":: with v6only takes no IPv4", []Listener{v6only(listen("[::]:40000"))},
			[]Entry{conn("10.0.0.1:40000", "10.0.0.2:80", est)}, []Role{RoleOutgoing}},
		{":: with v6only takes IPv6", []Listener{v6only(listen("[::]:80"))},
			[]Entry{conn("[fd00::1]:80", "[fd00::2]:40000", est)}, []Role{RoleAccepted}},
		{"same device", []Listener{on(listen("0.0.0.0:80"), 3)},
			[]Entry{dev(conn("10.0.0.1:80", "10.0.0.2:40000", est), 3)}, []Role{RoleAccepted}},
		{"other device", []Listener{on(listen("0.0.0.0:40000"), 3)},
			[]Entry{dev(conn("10.0.0.1:40000", "10.0.0.2:80", est), 4)}, []Role{RoleOutgoing}},
		{"both halves on loopback", []Listener{listen("127.0.0.1:4001")}, []Entry{
			conn("127.0.0.1:4001", "127.0.0.1:40000", est), conn("127.0.0.1:40000", "127.0.0.1:4001", est),
		}, []Role{RoleAccepted, RoleOutgoing}},
		{"both halves have a listener: the end in the range is the client",
			[]Listener{listen("127.0.0.1:4001"), listen("0.0.0.0:40000")}, []Entry{
				conn("127.0.0.1:4001", "127.0.0.1:40000", est), conn("127.0.0.1:40000", "127.0.0.1:4001", est),
			}, []Role{RoleAccepted, RoleOutgoing}},
		{"a listener on the client's port, the other end not in the dump",
			[]Listener{listen("0.0.0.0:40000")}, []Entry{conn("10.0.0.1:40000", "10.0.0.2:4001", est)}, []Role{RoleAccepted}},
		{"both halves, no listener: the end in the range is the client", nil, []Entry{
			conn("127.0.0.1:4001", "127.0.0.1:40000", tw), conn("127.0.0.1:40000", "127.0.0.1:4001", tw),
		}, []Role{RoleGone, RoleOutgoing}},
		{"both in the range, no listener: more go to the service", nil, []Entry{
			conn("127.0.0.1:50001", "127.0.0.1:40000", est), conn("127.0.0.1:40000", "127.0.0.1:50001", est),
			conn("127.0.0.1:50001", "127.0.0.1:40002", est), conn("127.0.0.1:40002", "127.0.0.1:50001", est),
		}, []Role{RoleGone, RoleOutgoing, RoleGone, RoleOutgoing}},
		{"outside the range, two remote ports", nil, []Entry{
			conn("10.0.0.1:80", "10.0.0.2:40000", tw), conn("10.0.0.1:80", "10.0.0.3:40001", tw),
		}, []Role{RoleGone, RoleGone}},
		{"outside the range, one remote port", nil, []Entry{
			conn("10.0.0.1:1023", "10.0.0.2:2049", est), conn("10.0.0.1:1023", "10.0.0.3:2049", est),
		}, []Role{RoleOutgoing, RoleOutgoing}},
		{"a client outside the range to two local services", []Listener{listen("127.0.0.1:4001"), listen("127.0.0.1:4002")}, []Entry{
			conn("127.0.0.1:20000", "127.0.0.1:4001", est), conn("127.0.0.1:4001", "127.0.0.1:20000", est),
			conn("127.0.0.1:20000", "127.0.0.1:4002", est), conn("127.0.0.1:4002", "127.0.0.1:20000", est),
		}, []Role{RoleOutgoing, RoleAccepted, RoleOutgoing, RoleAccepted}},
		{"a connection to itself", nil, []Entry{conn("127.0.0.1:40000", "127.0.0.1:40000", est)}, []Role{RoleOutgoing}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := roles(build(NewBuilder(), 0, tc.listeners, tc.entries...))
			if len(got) != len(tc.entries) {
				t.Fatalf("%d connections in, %d out: %v", len(tc.entries), len(got), got)
			}
			for i, e := range tc.entries {
				f := Flow{Local: e.Local, Remote: e.Remote, Port: e.RemotePort}
				ends := endsOf(&f, &Socket{Port: e.LocalPort})
				key := netip.AddrPortFrom(ends.local.IP(), ends.localPort).String() + " " + netip.AddrPortFrom(ends.remote.IP(), ends.remotePort).String()
				if got[key] != tc.want[i] {
					t.Errorf("%s: role %d, want %d", key, got[key], tc.want[i])
				}
			}
		})
	}
}

func TestMostSpecificListenerGetsTheCredit(t *testing.T) {
	ls := []Listener{listen("[::]:80"), listen("0.0.0.0:80"), on(listen("0.0.0.0:80"), 2), listen("10.0.0.1:80")}
	for want, e := range map[int]Entry{
		3: conn("10.0.0.1:80", "10.0.0.2:40000", StateEstablished),
		1: conn("10.0.0.7:80", "10.0.0.2:40000", StateEstablished),
		0: conn("[fd00::1]:80", "[fd00::2]:40000", StateEstablished),
	} {
		s := build(NewBuilder(), 0, ls, e)
		if got := s.Flows[0].Listener; int(got) != want {
			t.Errorf("%v: listener %d, want %d", e.Local.IP(), got, want)
		}
	}
	e := conn("10.0.0.7:80", "10.0.0.2:40000", StateEstablished)
	e.Device = 2
	if got := build(NewBuilder(), 0, ls, e).Flows[0].Listener; got != 2 {
		t.Errorf("on the device: listener %d, want 2", got)
	}
}

// A listener that went away keeps the credit for as long as connections that
// it accepted are there, and no longer.
func TestVanishedListener(t *testing.T) {
	b := NewBuilder()
	ls := []Listener{listen("0.0.0.0:50000")}
	accepted := conn("10.0.0.1:50000", "10.0.0.2:41000", StateEstablished)
	build(b, 0, ls, accepted)
	s := build(b, 1000, nil, accepted)
	if f := s.Flows[0]; f.Role != RoleGone || f.Listener != 0 || !s.Listeners[0].Gone || s.Listeners[0].Port != 50000 {
		t.Fatalf("after the listener left: %+v %+v", f, s.Listeners)
	}
	if s.States[StateListen] != 0 {
		t.Errorf("%d listeners counted, none is there", s.States[StateListen])
	}
	s = build(b, 2000, nil)
	if len(s.Listeners) != 0 {
		t.Fatalf("nothing is left of it, and it is still listed: %+v", s.Listeners)
	}
	if s = build(b, 3000, nil, accepted); s.Flows[0].Role != RoleOutgoing {
		t.Errorf("the port was free in between; a new connection has role %d", s.Flows[0].Role)
	}
}

func TestMappedIsOneTupleSpace(t *testing.T) {
	s := build(NewBuilder(), 0, nil,
		conn("10.0.0.1:40000", "10.0.0.2:80", StateEstablished),
		conn("[::ffff:10.0.0.1]:40001", "[::ffff:10.0.0.2]:80", StateEstablished))
	if len(s.Flows) != 1 || s.Flows[0].Len() != 2 {
		t.Fatalf("flows: %+v", s.Flows)
	}
	if got := s.Flows[0].Local.IP().String(); got != "10.0.0.1" {
		t.Errorf("local %s", got)
	}
}

func TestDeadlineIsFixedAtFirstSight(t *testing.T) {
	at := func(clock, expires uint32) (uint32, Entry) {
		e := conn("10.0.0.1:40000", "10.0.0.2:80", StateTimeWait)
		e.Expires = expires
		return clock, e
	}
	b := NewBuilder()
	var first uint32 = 0xffffff00 // the clock wraps in between
	clock, e := at(first, 60_000)
	build(b, clock, nil, e)
	for i, tc := range []struct{ clock, expires, want uint32 }{
		{first + 1000, 59_030, first + 60_000}, // 30 ms late
		{first + 2000, 57_960, first + 60_000}, // 40 ms early; not carried on from the last
		{first + 9000, 60_000, first + 69_000}, // a new TIME_WAIT on the port
	} {
		clock, e := at(tc.clock, tc.expires)
		s := build(b, clock, nil, e)
		if got := s.Sockets[0].Deadline; got != tc.want {
			t.Errorf("%d: deadline %d, want %d", i, got, tc.want)
		}
		if got := s.Remaining(&s.Sockets[0]).Milliseconds(); got != int64(int32(tc.want-clock)) {
			t.Errorf("%d: remaining %d ms", i, got)
		}
	}
}

func TestDetailsAndOrphans(t *testing.T) {
	held := conn("10.0.0.1:40000", "10.0.0.2:80", StateEstablished)
	held.Detail = Detail{Has: HasInode, Inode: 77}
	orphan := conn("10.0.0.1:40001", "10.0.0.2:80", StateLastAck)
	orphan.Detail = Detail{Has: HasInode}
	unaccepted := conn("10.0.0.1:40002", "10.0.0.2:80", StateCloseWait)
	unaccepted.Detail = Detail{Has: HasInode}
	s := build(NewBuilder(), 0, nil, held, orphan, unaccepted, conn("10.0.0.1:40003", "10.0.0.2:80", StateTimeWait))
	if s.Orphans != 1 {
		t.Errorf("%d orphans, want 1", s.Orphans)
	}
	for _, k := range s.Sockets {
		d := s.DetailOf(&k)
		if k.State == StateTimeWait && d != nil || k.Port == 40000 && (d == nil || d.Inode != 77) {
			t.Errorf("port %d: %+v", k.Port, d)
		}
	}
}

// A client that is bound to a device does not stand in the way of one that is
// not, and so has a flow of its own.
func TestDeviceOfClients(t *testing.T) {
	bound := conn("127.0.0.1:40000", "127.0.0.1:4001", StateTimeWait)
	bound.Device = 1
	s := build(NewBuilder(), 0, []Listener{listen("127.0.0.1:4001")},
		bound, conn("127.0.0.1:40000", "127.0.0.1:4001", StateEstablished), conn("127.0.0.1:4001", "127.0.0.1:40000", StateEstablished))
	var devices []uint32
	for i := range s.Flows {
		if s.Flows[i].Role == RoleOutgoing {
			devices = append(devices, s.Flows[i].Device)
		}
	}
	if len(devices) != 2 || devices[0] != 1 || devices[1] != 0 {
		t.Errorf("outgoing flows on devices %v, want 1 and 0", devices)
	}
}

// A listener of the family that was not asked for blocks its port, and is
// counted nowhere.
func TestUnaskedListeners(t *testing.T) {
	six := v6only(listen("[::]:80"))
	six.Unasked = true
	s := build(NewBuilder(), 0, []Listener{listen("0.0.0.0:80"), six})
	if s.States[StateListen] != 1 || len(s.Listeners) != 2 {
		t.Errorf("%d listeners counted of %d", s.States[StateListen], len(s.Listeners))
	}
	for _, tc := range []struct {
		l         Listener
		four, six bool
	}{
		{listen("0.0.0.0:80"), true, false}, {listen("127.0.0.1:80"), true, false}, {listen("[::1]:80"), false, true},
		{listen("[::]:80"), true, true}, {v6only(listen("[::]:80")), false, true},
	} {
		if tc.l.Takes(4) != tc.four || tc.l.Takes(6) != tc.six {
			t.Errorf("%v: takes IPv4 %v, IPv6 %v", tc.l.Local.IP(), tc.l.Takes(4), tc.l.Takes(6))
		}
	}
}
