package diagnosis

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// tuple is what connect() needs one of.
type tuple struct {
	local  netip.Addr
	port   uint16
	remote netip.AddrPort
}

// model is the account kept the slow way: sets of tuples, one entry after the other.
type model struct {
	w     *world
	s     *source.Snapshot
	r     map[uint16]bool // R
	held  map[tuple][]*source.Entry
	bound int
}

func newModel(w *world, s *source.Snapshot) *model {
	m := &model{w: w, s: s, r: map[uint16]bool{}, held: map[tuple][]*source.Entry{}}
	blocked := map[uint16]bool{}
	for _, l := range w.frame.Listeners {
		blocked[l.Port] = true
	}
	for _, b := range w.frame.Bound {
		blocked[b.Port] = true
	}
	for i, f := range s.Flows {
		for _, k := range s.SocketsOf(i) {
			if f.Role == source.RoleGone && k.State != source.StateSynRecv {
				blocked[f.Port] = true
			}
		}
	}
	for p := int(w.frame.Range.Low); p <= int(w.frame.Range.High); p++ {
		switch port := uint16(p); {
		case w.frame.Reserved.Has(port):
		case blocked[port]:
			m.bound++
		default:
			m.r[port] = true
		}
	}
	for i := range w.entries {
		e := &w.entries[i]
		k := tuple{e.Local.IP(), e.LocalPort, netip.AddrPortFrom(e.Remote.IP(), e.RemotePort)}
		m.held[k] = append(m.held[k], e)
	}
	return m
}

// account is what the model says of one destination.
type account struct {
	used, waiting, reusable, preferredLeft int
	closes, releases                       Series
	next                                   int // ms, -1 for none
}

func (m *model) account(d *Destination, delay int) account {
	a := account{next: -1}
	low := m.w.frame.Range.Low
	for p := range m.r {
		if p%2 == low%2 {
			a.preferredLeft++
		}
	}
	for k, entries := range m.held {
		if k.local != d.Local || k.remote != d.Remote {
			continue
		}
		e := entries[0] // tuples are unique in these worlds
		age := 60_000 - int(e.Expires)
		isWaiting := e.State == source.StateTimeWait
		if isWaiting && age < 60_000 && m.opened(d, k.port) {
			a.closes[59-max(age, 0)/1000]++
		}
		if !m.r[k.port] {
			continue
		}
		a.used++
		if k.port%2 == low%2 {
			a.preferredLeft--
		}
		if e.Timer == source.TimerTimeWait {
			a.releases[min(int(e.Expires)/1000, 59)]++
			if a.next < 0 || int(e.Expires) < a.next {
				a.next = int(e.Expires)
			}
		}
		if !isWaiting {
			continue
		}
		a.waiting++
		ours := d.Ports.BindFirst == 0 || k.port%2 == low%2
		if age >= delay && ours && m.reuses(d) {
			a.reusable++
			if k.port%2 == low%2 {
				a.preferredLeft++
			}
		}
	}
	return a
}

// opened reports whether the connection was taken for an outgoing one: a close
// of an accepted one is not the destination's.
func (m *model) opened(d *Destination, port uint16) bool {
	for _, k := range m.s.SocketsOf(d.Flow) {
		if k.Port == port {
			return true
		}
	}
	return false
}

func (m *model) reuses(d *Destination) bool {
	if m.w.sysctls["net.ipv4.tcp_timestamps"] == "0" {
		return false
	}
	mode := m.w.sysctls["net.ipv4.tcp_tw_reuse"]
	return mode == "1" || mode == "2" && (d.Local.IsLoopback() || d.Remote.Addr().IsLoopback())
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// randomWorld has a small range, so that everything collides with everything.
// Both ends of each connection are this host's, so that timestamps are known.
func randomWorld(r *rand.Rand) *world {
	w := newWorld()
	low := 20000 + r.IntN(2)
	w.frame.Range = source.PortRange{Low: uint16(low), High: uint16(low + r.IntN(60))}
	for range r.IntN(5) {
		w.frame.Reserved.Add(uint16(low + r.IntN(70)))
	}
	for range r.IntN(4) {
		w.listen(fmt.Sprintf("%s:%d", pick(r, lo, "0.0.0.0", "10.0.0.1", "[::]", "[::1]"), low+r.IntN(70)))
	}
	for range r.IntN(3) {
		w.bound(fmt.Sprintf("%s:%d", pick(r, lo, "0.0.0.0", "[::1]"), low+r.IntN(70)))
	}
	w.sysctls["net.ipv4.tcp_tw_reuse"] = pick(r, "0", "1", "2")
	w.sysctls["net.ipv4.tcp_timestamps"] = pick(r, "0", "1", "1", "2")
	if r.IntN(2) == 0 {
		w.sysctls["net.ipv4.tcp_tw_reuse_delay"] = fmt.Sprint(1 + r.IntN(10_000))
	}
	w.kernel = pick(r, "3.10.0-1160.el7", "5.14.0", "6.18.44")
	seen := map[string]bool{}
	for range r.IntN(150) {
		randomConnection(r, w, low, seen)
	}
	return w
}

func randomConnection(r *rand.Rand, w *world, low int, seen map[string]bool) {
	local := pick(r, lo, lo, "10.0.0.1", "::1", "::ffff:127.0.0.1")
	remote := pick(r, backend, backend, "127.0.0.1:4002", "[::ffff:127.0.0.1]:4001")
	switch local {
	case "::1":
		remote = "[::1]:4001"
	case "10.0.0.1":
		remote = pick(r, "10.0.0.1:4001", backend)
	}
	port := low - 3 + r.IntN(70)
	key := fmt.Sprint(netip.MustParseAddr(local).Unmap(), port, netip.MustParseAddrPort(remote).Port())
	if seen[key] {
		return
	}
	seen[key] = true
	e := w.conn(local, port, remote, pick(r, source.StateTimeWait, source.StateTimeWait, source.StateTimeWait, source.StateEstablished,
		source.StateSynSent, source.StateFinWait1, source.StateFinWait2, source.StateCloseWait, source.StateLastAck, source.StateClosing))
	if e.State == source.StateTimeWait || e.State == source.StateFinWait2 && r.IntN(2) == 0 {
		e.Timer, e.Expires = source.TimerTimeWait, uint32(r.IntN(60_031))
	}
}

// TestAssessEqualsModel holds the one pass over the sockets against the model.
func TestAssessEqualsModel(t *testing.T) {
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := randomWorld(r)
		s := newSeries()
		snap := s.snapshot(w)
		report := s.assessor.Assess(snap)
		m := newModel(w, snap)
		if err := m.compare(report); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func (m *model) compare(r *Report) error {
	p := r.Ports
	if p.Capacity != len(m.r) || p.Bound != m.bound || p.Size != p.Reserved+p.Bound+p.Capacity {
		return fmt.Errorf("ports %+v, want capacity %d and %d bound", p, len(m.r), m.bound)
	}
	delay := 1000
	if n := sysctlInt(r.Snapshot, "net.ipv4.tcp_tw_reuse_delay"); n != nil {
		delay = *n
	}
	for i := range r.Destinations {
		if err := m.compareOne(&r.Destinations[i], delay); err != nil {
			return fmt.Errorf("%v: %w", &r.Destinations[i], err)
		}
	}
	return m.compareTotals(r)
}

func (m *model) compareOne(d *Destination, delay int) error {
	want, u := m.account(d, delay), &d.Ports
	pressure := 100.0
	if len(m.r) > 0 {
		pressure = 100 * float64(want.used-want.reusable) / float64(len(m.r))
	}
	switch {
	case u.Used != want.used || u.Free != len(m.r)-want.used || u.Capacity != len(m.r) || u.UsedTimeWait != want.waiting:
		return fmt.Errorf("%+v, want %d used, %d waiting", u, want.used, want.waiting)
	case u.Reusable == nil || *u.Reusable != want.reusable:
		return fmt.Errorf("reusable %s, want %d", show(u.Reusable), want.reusable)
	case u.Pressure != pressure:
		return fmt.Errorf("pressure %g, want %g", u.Pressure, pressure)
	case u.SlowConnect != (want.preferredLeft == 0 && m.w.kernel[0] != '3'):
		return fmt.Errorf("slow_connect %v with %d of the preferred half left", u.SlowConnect, want.preferredLeft)
	case *d.Closes != want.closes:
		return fmt.Errorf("closes %v, want %v", *d.Closes, want.closes)
	case *d.Releases != want.releases:
		return fmt.Errorf("releases %v, want %v", *d.Releases, want.releases)
	case (d.NextRelease == nil) != (want.next < 0) || d.NextRelease != nil && int(d.NextRelease.Milliseconds()) != want.next:
		return fmt.Errorf("next release %v, want %d ms", d.NextRelease, want.next)
	case show(d.ClosesLast) != fmt.Sprint(want.closes[59]):
		return fmt.Errorf("closes last %s, want %d", show(d.ClosesLast), want.closes[59])
	}
	return nil
}

// compareTotals: every connection is in exactly one row.
func (m *model) compareTotals(r *Report) error {
	var sum source.StateCounts
	add := func(c *source.StateCounts) {
		for i, n := range c {
			sum[i] += n
		}
	}
	for i := range r.Destinations {
		add(&r.Destinations[i].States)
	}
	for i := range r.Services {
		add(&r.Services[i].States)
	}
	var want source.StateCounts
	waiting := 0
	for i := range m.w.entries {
		want[m.w.entries[i].State]++
		if m.w.entries[i].State == source.StateTimeWait {
			waiting++
		}
	}
	if sum != want {
		return fmt.Errorf("rows have %v, the world %v", sum, want)
	}
	if n := r.TimeWait.Outbound + r.TimeWait.Inbound; n != waiting {
		return fmt.Errorf("%d TIME_WAITs in and out, want %d", n, waiting)
	}
	return nil
}
