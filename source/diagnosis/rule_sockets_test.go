package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// BenchmarkSocketRules is what the rules about socket states cost on a host
// with n accepted connections, each from an address of its own: half of them in
// TIME_WAIT, half of them idle for long.
func BenchmarkSocketRules(b *testing.B) {
	for n := 1000; n <= 1_000_000; n *= 10 {
		bl := source.NewBuilder()
		bl.Begin(source.Frame{Clock: 1 << 20, Range: source.DefaultPortRange, RangeKnown: true, Hint: n,
			Listeners: []source.Listener{{Local: source.AddrFromV4(0), Port: 80}}})
		idle := source.Entry{State: source.StateEstablished, Detail: quiet(900_000)}
		closed := source.Entry{State: source.StateTimeWait, Timer: source.TimerTimeWait}
		for i := range n {
			e := &idle
			if i&1 == 0 {
				e = &closed
				e.Expires = uint32(i) % 60_000
			}
			e.Local, e.LocalPort, e.RemotePort = source.AddrFromV4(0x0a000001), 80, 40000
			e.Remote = source.AddrFromV4(0x0b000000 + uint32(i))
			bl.Add(e)
		}
		r := new(Assessor).Assess(bl.Finish())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := []rule{new(serverClosesFirstRule), new(closeWaitLeakRule), new(synSentPileupRule),
				new(finWait2PileupRule), new(listenOverflowRule), new(idleOutlivesNATRule)}
			b.ReportAllocs()
			for b.Loop() {
				findings(all, &scene{Report: r})
			}
		})
	}
}

func TestNetworkName(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24",
		"2001:db8:1:2:3::4": "2001:db8:1:2::/64", "::1": "::/64",
	} {
		a := source.AddrFrom(netip.MustParseAddr(addr))
		if got := networkName(networkOf(a)); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

// TestStanding: two frames are too few, and a fall begins anew.
func TestStanding(t *testing.T) {
	var x standings
	at := rowPlace{accepted: true}
	var k standing
	for i, n := range []int{9, 10, 10, 11, 12} {
		x.frame()
		k = x.observe(at, n, uint32(i)*1000)
	}
	if k.lasted(4000) != 4000 || k.grown() != 3 {
		t.Errorf("%+v", k)
	}
	x.frame()
	if k = x.observe(at, 11, 5000); k.lasted(9000) != 0 || k.grown() != 0 {
		t.Errorf("after a fall: %+v", k)
	}
	x.frame()
	x.frame()
	if k = x.observe(at, 20, 7000); k.frames != 1 {
		t.Errorf("after its absence: %+v", k)
	}
	for port := range uint16(5000) {
		x.observe(rowPlace{place: place{port: port}}, 1, 7000)
	}
	if len(x.now) != maxStandings {
		t.Errorf("%d are remembered", len(x.now))
	}
}

// TestPace: how fast a count grows now, not since it began.
func TestPace(t *testing.T) {
	var x standings
	at := rowPlace{accepted: true}
	for second := range 200 {
		n := 10 + min(second, 100) // 60 a minute, until 100 s
		x.frame()
		k := x.observe(at, n, uint32(second)*1000)
		got, want := k.growing(uint32(second)*1000), ""
		switch {
		case second < 10:
		case second <= 100:
			want = ", growing by 60/min"
		case second < 161:
			continue
		default:
			want = ", not growing"
		}
		if got != want {
			t.Errorf("at %d s: %q, want %q", second, got, want)
		}
	}
}

// TestWorst: the greatest, the first of equals before the others.
func TestWorst(t *testing.T) {
	var w worst[int]
	for i, figure := range []int{3, 9, 1, 9, 4, 4, 0, 7, 4, 2} {
		w.add(figure, i)
	}
	if want := []int{1, 3, 7, 4, 5}; !slices.Equal(w.top, want) || w.all != 10 {
		t.Errorf("%v of %d, want %v", w.top, w.all, want)
	}
}

// BenchmarkSynSent is what 100,000 destinations that do not answer cost, beside
// 2,000 listeners whose queues are full.
func BenchmarkSynSent(b *testing.B) {
	const n, each = 100_000, 10
	f := source.Frame{Clock: 1 << 20, Range: source.DefaultPortRange, RangeKnown: true, Hint: n * each}
	for i := range 2000 {
		f.Listeners = append(f.Listeners, source.Listener{Local: source.AddrFromV4(0x0a000000 + uint32(i)), Port: 443,
			Detail: source.Detail{Has: source.HasQueues, RecvQ: 6, SendQ: 5}})
	}
	bl := source.NewBuilder()
	bl.Begin(f)
	e := source.Entry{State: source.StateSynSent, Detail: repeated(3), Local: source.AddrFromV4(0x0a000001), RemotePort: 443}
	for i := range n * each {
		e.Remote, e.LocalPort = source.AddrFromV4(0x0b000000+uint32(i/each)), uint16(33000+i%each)
		bl.Add(&e)
	}
	r := new(Assessor).Assess(bl.Finish())
	rule := new(synSentPileupRule)
	b.ReportAllocs()
	for b.Loop() {
		rule.look(&scene{Report: r})
	}
}
