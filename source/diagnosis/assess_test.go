package diagnosis

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

func TestElapsedAndChange(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.live(lo, 20000, backend, true)
	w.live(lo, 20002, backend, true)
	if r := s.assess(w); r.Change != nil || r.Elapsed != 0 {
		t.Fatalf("first frame: %v after %v", r.Change, r.Elapsed)
	}
	w.frame.Clock += 1500
	w.entries = w.entries[:1]
	w.waiting(lo, 20002, backend, 0)
	r := s.assess(w)
	if r.Elapsed != 1500*time.Millisecond || r.Change == nil ||
		r.Change[source.StateEstablished] != -1 || r.Change[source.StateTimeWait] != 1 {
		t.Errorf("%v after %v", r.Change, r.Elapsed)
	}
	w.frame.Clock -= 60_000 // a replay that was wound back
	if r := s.assess(w); r.Change != nil || r.Elapsed != 0 {
		t.Errorf("wound back: %v after %v", r.Change, r.Elapsed)
	}
}

// TestOtherNamespace: nothing is carried over to another namespace.
func TestOtherNamespace(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.live("10.0.0.1", 20000, away, true)
	s.assess(w)
	snap := s.snapshot(w)
	snap.Host.Cookie = 7
	if r := s.assessor.Assess(snap); r.Change != nil || r.Elapsed != 0 {
		t.Errorf("%v after %v", r.Change, r.Elapsed)
	}
}

// TestReportIsAValue: a report does not change when the next one is made.
func TestReportIsAValue(t *testing.T) {
	w, s := newWorld(), newSeries()
	w.sysctls = set("tcp_tw_reuse", "1")
	w.listen("0.0.0.0:80").Detail = source.Detail{Has: source.HasQueues, RecvQ: 1, SendQ: 2}
	for i := range 40 {
		w.waiting(lo, 20000+i, backend, 1000*i)
	}
	first := s.assess(w)
	copied := *first
	copied.Destinations = slices.Clone(first.Destinations)
	d := &copied.Destinations[0]
	closes, releases, reusable, next := *d.Closes, *d.Releases, *d.Ports.Reusable, *d.NextRelease
	d.Closes, d.Releases, d.Ports.Reusable, d.NextRelease = &closes, &releases, &reusable, &next
	w.entries = w.entries[:3]
	frames(s, w, 3, nil)
	if !reflect.DeepEqual(first, &copied) {
		t.Error("the first report has changed")
	}
}

func TestTimeWaitTotals(t *testing.T) {
	w := newWorld()
	w.sysctls = set("tcp_tw_reuse", "1", "tcp_max_tw_buckets", "131072")
	w.listen("0.0.0.0:80")
	w.waiting("10.0.0.1", 80, "10.0.0.7:50000", 5000)
	w.waiting(lo, 20000, backend, 5000)
	w.waiting(lo, 20002, "127.0.0.1:4002", 5000)
	tw := assess(w).TimeWait
	if tw.Outbound != 2 || tw.Inbound != 1 || show(tw.Reusable) != "2" || show(tw.MaxBuckets) != "131072" {
		t.Errorf("%+v, reusable %s, max %s", tw, show(tw.Reusable), show(tw.MaxBuckets))
	}
	w.waiting("10.0.0.1", 20000, away, 5000)
	delete(w.sysctls, "net.ipv4.tcp_max_tw_buckets")
	if tw := assess(w).TimeWait; tw.Reusable != nil || tw.MaxBuckets != nil {
		t.Errorf("reusable %s, max %s; want unknown", show(tw.Reusable), show(tw.MaxBuckets))
	}
}

// TestOrder: pressure, then used, then address, and never by chance.
func TestOrder(t *testing.T) {
	w := newWorld()
	w.sysctls = set("tcp_tw_reuse", "1")
	for i := range 20 { // much used, and all of it reusable
		w.waiting(lo, 20000+2*i, "127.0.0.1:4001", 5000)
	}
	for i := range 10 {
		w.conn(lo, 20000+2*i, "127.0.0.1:4002", source.StateEstablished)
	}
	for _, remote := range []string{"10.0.0.9:80", "10.0.0.10:80", "9.0.0.1:90", "9.0.0.1:80"} {
		w.conn(lo, 20000, remote, source.StateEstablished)
	}
	w.conn("10.0.0.1", 20000, "9.0.0.1:80", source.StateEstablished)
	w.waiting(lo, 20002, "127.0.0.1:4003", 5000) // reusable, and with it one more used
	w.conn(lo, 20000, "127.0.0.1:4003", source.StateEstablished)
	want := []string{
		"127.0.0.1 → 127.0.0.1:4002", "127.0.0.1 → 127.0.0.1:4003",
		"10.0.0.1 → 9.0.0.1:80", "127.0.0.1 → 9.0.0.1:80", "127.0.0.1 → 9.0.0.1:90", "127.0.0.1 → 10.0.0.9:80", "127.0.0.1 → 10.0.0.10:80",
		"127.0.0.1 → 127.0.0.1:4001",
	}
	for range 5 {
		if got := names(assess(w)); !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		slices.Reverse(w.entries)
	}
}

func TestServices(t *testing.T) {
	w := newWorld()
	queue := func(l *source.Listener, waiting, backlog uint32) {
		l.Detail.Has, l.Detail.RecvQ, l.Detail.SendQ = source.HasQueues, waiting, backlog
	}
	queue(w.listen("0.0.0.0:80"), 3, 100)
	queue(w.listen("0.0.0.0:80"), 4, 100) // SO_REUSEPORT
	queue(w.listen("0.0.0.0:443"), 129, 128)
	w.listen("127.0.0.1:9000") // queues unknown
	for i := range 3 {
		w.conn("10.0.0.1", 80, "10.0.0.7:"+[]string{"50000", "50001", "50002"}[i], source.StateEstablished)
	}
	w.waiting("10.0.0.2", 80, "10.0.0.8:50000", 100)
	w.conn("10.0.0.1", 7000, "10.0.0.7:50000", source.StateEstablished)
	w.conn("10.0.0.1", 7000, "10.0.0.7:50001", source.StateEstablished)
	r := assess(w)
	type brief struct {
		local          string
		sockets        int
		gone           bool
		queue, backlog string
		total, flows   int
	}
	var got []brief
	for i := range r.Services {
		s := &r.Services[i]
		got = append(got, brief{s.Local.String(), s.Sockets, s.Gone, show(s.AcceptQueue), show(s.Backlog), s.States.Total(), len(s.Flows)})
	}
	want := []brief{
		{"0.0.0.0:443", 1, false, "129", "128", 0, 0},
		{"0.0.0.0:80", 2, false, "7", "200", 4, 2},
		{"10.0.0.1:7000", 0, true, "unknown", "unknown", 2, 1},
		{"127.0.0.1:9000", 1, false, "unknown", "unknown", 0, 0},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(r.Destinations) != 0 {
		t.Errorf("destinations %v", names(r))
	}
}

// TestServiceDevices: the same port on two devices is two services.
func TestServiceDevices(t *testing.T) {
	w := newWorld()
	w.listen("0.0.0.0:80").Device = 2
	w.listen("0.0.0.0:80").Device = 3
	w.conn("10.0.0.1", 80, "10.0.0.7:50000", source.StateEstablished).Device = 3
	r := assess(w)
	if len(r.Services) != 2 || r.Services[0].Device != 3 || r.Services[0].States.Total() != 1 || r.Services[1].Device != 2 {
		t.Errorf("%+v", r.Services)
	}
}

func TestGaps(t *testing.T) {
	w := newWorld()
	w.frame.RangeKnown = false
	s := newSeries()
	snap := s.snapshot(w)
	snap.Gaps = []string{"not root"}
	r := s.assessor.Assess(snap)
	if len(r.Gaps) != 2 || r.Gaps[0] != "not root" || !strings.Contains(r.Gaps[1], "20000–20099 is assumed") || len(snap.Gaps) != 1 {
		t.Errorf("gaps %q", r.Gaps)
	}
}

// TestMemoryIsBounded: a host that goes through destinations does not fill
// the Assessor.
func TestMemoryIsBounded(t *testing.T) {
	var a Assessor
	b := source.NewBuilder()
	clock := uint32(0)
	for frame := range 12 {
		b.Begin(source.Frame{Clock: clock, Range: source.DefaultPortRange, RangeKnown: true})
		for i := range 12_000 {
			e := source.Entry{Local: source.AddrFromV4(0x0a000001), LocalPort: 40000, RemotePort: 80, State: source.StateEstablished}
			e.Remote = source.AddrFromV4(0x0b000000 + uint32(frame)<<16 + uint32(i))
			e.Detail.Has = source.HasInfo
			b.Add(&e)
		}
		a.Assess(b.Finish())
		if n := len(a.places.of); n > maxPlaces || n < 12_000 {
			t.Fatalf("frame %d: %d destinations are remembered", frame, n)
		}
		clock += 10_000 // too fast for the sweep at first, so that the room is used up
		if frame >= 8 {
			clock += 61_000
		}
	}
	if n := len(a.places.of); n != 12_000 {
		t.Errorf("%d destinations are remembered in the end, want those of the last frame", n)
	}
}
