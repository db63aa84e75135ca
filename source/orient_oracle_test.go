package source

import (
	"math/rand/v2"
	"testing"
)

// oracle says which of the connections are accepted, by reading the rules of
// orientation one after the other, with nothing but loops over everything.
func oracle(r PortRange, listeners []Listener, all []Entry) []bool {
	listens := func(a Addr, port uint16) bool {
		for i := range listeners {
			if listeners[i].score(a, port, 0) > 0 {
				return true
			}
		}
		return false
	}
	several := func(port uint16) bool {
		first, found := uint16(0), false
		for _, e := range all {
			syn := e.State == StateSynSent || e.State == StateSynRecv
			if e.LocalPort != port || syn || listens(e.Local, e.LocalPort) {
				continue
			}
			if found && e.RemotePort != first {
				return true
			}
			first, found = e.RemotePort, true
		}
		return false
	}
	out := make([]bool, len(all))
	for i, e := range all {
		out[i] = func() bool {
			if e.State == StateSynSent || e.State == StateSynRecv {
				return e.State == StateSynRecv
			}
			mine := listens(e.Local, e.LocalPort)
			for _, o := range all {
				if o.Local != e.Remote || o.Remote != e.Local || o.LocalPort != e.RemotePort || o.RemotePort != e.LocalPort {
					continue
				}
				if theirs := listens(o.Local, o.LocalPort); mine != theirs {
					return mine
				}
				if a, b := r.Contains(e.LocalPort), r.Contains(o.LocalPort); a != b {
					return b
				}
			}
			return mine || !r.Contains(e.LocalPort) && several(e.LocalPort)
		}()
	}
	return out
}

// TestOrientationAgainstOracle compares Builder with the rules themselves over
// small random worlds, where addresses, ports and listeners collide all the
// time. Pairs whose ports are both inside or both outside the range, with a
// listener at both or neither, are left out: the rules leave them open. So are
// pairs with a half-open end, which have a rule of their own.
func TestOrientationAgainstOracle(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	addrs := []Addr{ip("127.0.0.1"), ip("10.0.0.1"), ip("10.0.0.2"), ip("::1")}
	ports := []uint16{80, 1000, 2000, 32768, 40000, 40001, 40002, 60999}
	wild := []Addr{ip("0.0.0.0"), ip("::"), ip("127.0.0.1"), ip("10.0.0.1")}
	pick := func() (Addr, uint16) { return addrs[rnd.IntN(len(addrs))], ports[rnd.IntN(len(ports))] }
	checked := 0
	for range 3000 {
		var listeners []Listener
		for range rnd.IntN(3) {
			listeners = append(listeners, Listener{Local: wild[rnd.IntN(len(wild))], Port: ports[rnd.IntN(len(ports))]})
		}
		seen, syn := map[ends]bool{}, map[ends]bool{}
		var all []Entry
		for range 1 + rnd.IntN(12) {
			var e Entry
			e.Local, e.LocalPort = pick()
			e.Remote, e.RemotePort = pick()
			e.State = []State{StateEstablished, StateEstablished, StateEstablished, StateSynSent, StateSynRecv}[rnd.IntN(5)]
			k := ends{e.Local, e.Remote, e.LocalPort, e.RemotePort}
			if e.Local.Is4() != e.Remote.Is4() || seen[k] || k == k.reverse() {
				continue
			}
			seen[k], syn[k] = true, e.State == StateSynSent || e.State == StateSynRecv
			all = append(all, e)
			if rnd.IntN(2) == 0 && !seen[k.reverse()] {
				seen[k.reverse()] = true
				all = append(all, Entry{Local: e.Remote, LocalPort: e.RemotePort, Remote: e.Local, RemotePort: e.LocalPort, State: StateEstablished})
			}
		}
		s := build(NewBuilder(), 0, listeners, all...)
		got := map[ends]bool{}
		for i := range s.Flows {
			for _, k := range s.SocketsOf(i) {
				got[endsOf(&s.Flows[i], &k)] = s.Flows[i].Role != RoleOutgoing
			}
		}
		want := oracle(DefaultPortRange, listeners, all)
		for i, e := range all {
			k := ends{e.Local, e.Remote, e.LocalPort, e.RemotePort}
			if syn[k.reverse()] || seen[k.reverse()] && DefaultPortRange.Contains(e.LocalPort) == DefaultPortRange.Contains(e.RemotePort) {
				continue
			}
			checked++
			if got[k] != want[i] {
				t.Fatalf("seed %d: %v:%d → %v:%d (%v) accepted %v, want %v\nlisteners %+v\nall %+v",
					seed, e.Local.IP(), e.LocalPort, e.Remote.IP(), e.RemotePort, e.State, got[k], want[i], listeners, all)
			}
		}
	}
	if checked < 1000 {
		t.Fatalf("only %d connections were checked", checked)
	}
}
