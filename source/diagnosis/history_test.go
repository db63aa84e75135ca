package diagnosis

import (
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// TestHistory reads a schedule of closes off one dump: 100/s for 10 s, 600/s
// for 5 s, none for 5 s, 300/s for 5 s.
func TestHistory(t *testing.T) {
	w := newWorld()
	w.frame.Range = source.DefaultPortRange
	port, at := 32768, 0
	for _, phase := range []struct{ seconds, rate int }{{10, 100}, {5, 600}, {5, 0}, {5, 300}} {
		for range phase.seconds {
			at++
			for i := range phase.rate {
				w.waiting(lo, port, backend, (25-at)*1000+999-1000*i/phase.rate)
				port++
			}
		}
	}
	d := assess(w).Destinations[0]
	var want Series
	for i := range 60 {
		switch {
		case i >= 55:
			want[i] = 300
		case i >= 45 && i < 50:
			want[i] = 600
		case i >= 35 && i < 45:
			want[i] = 100
		}
	}
	if *d.Closes != want {
		t.Errorf("closes\n%v, want\n%v", *d.Closes, want)
	}
	if show(d.ClosesLast) != "300" || show(d.ClosesPeak) != "600" {
		t.Errorf("last %s, peak %s", show(d.ClosesLast), show(d.ClosesPeak))
	}
	var sum uint32
	for i, n := range d.Releases {
		sum += n
		if i < 34 && n != 0 {
			t.Errorf("%d ports come back in second %d, the oldest close is 25 s ago", n, i)
		}
	}
	if sum != uint32(d.Ports.Used) {
		t.Errorf("%d of %d ports come back within 60 s", sum, d.Ports.Used)
	}
	if d.NextRelease == nil || *d.NextRelease != 35_001*time.Millisecond {
		t.Errorf("next release %v, want 35.001 s", d.NextRelease)
	}
}

// TestHistoryEdges: timers wobble at both ends of the minute.
func TestHistoryEdges(t *testing.T) {
	w := newWorld()
	w.waiting(lo, 20000, backend, -30) // 60,030 ms left: the dump was a tick early
	w.waiting(lo, 20002, backend, 0)
	w.waiting(lo, 20004, backend, 999)
	w.waiting(lo, 20006, backend, 1000)
	w.waiting(lo, 20008, backend, 59_999)
	w.waiting(lo, 20010, backend, 60_000) // late: expired, and still in the dump
	s := newSeries()
	snap := s.snapshot(w)
	snap.Clock += 500 // half a second later
	d := s.assessor.Assess(snap).Destinations[0]
	if c := d.Closes; c[59] != 2 || c[58] != 2 || c[0] != 0 || sum(c) != 4 {
		t.Errorf("closes %v", *d.Closes)
	}
	if r := d.Releases; r[0] != 2 || r[59] != 2 || r[58] != 2 || sum(r) != 6 {
		t.Errorf("releases %v", *d.Releases)
	}
	if *d.NextRelease != 0 {
		t.Errorf("next release %v; what is late comes back now", *d.NextRelease)
	}
}

func sum(s *Series) (n uint32) {
	for _, v := range s {
		n += v
	}
	return n
}

// TestHistoryOfMinis: a FIN_WAIT2 mini-socket has an earliest release, and was
// not closed as far as the history goes; a port outside R was, and brings
// nothing back.
func TestHistoryOfMinis(t *testing.T) {
	w := newWorld()
	mini := w.conn(lo, 20000, backend, source.StateFinWait2)
	mini.Timer, mini.Expires = source.TimerTimeWait, 7500
	w.waiting(lo, 30000, backend, 2500)
	w.conn(lo, 20002, backend, source.StateFinWait2).Timer = source.TimerKeepalive
	d := assess(w).Destinations[0]
	if sum(d.Closes) != 1 || d.Closes[57] != 1 {
		t.Errorf("closes %v", *d.Closes)
	}
	if sum(d.Releases) != 1 || d.Releases[7] != 1 || *d.NextRelease != 7500*time.Millisecond {
		t.Errorf("releases %v, next %v", *d.Releases, d.NextRelease)
	}
	if d.Ports.Used != 2 || d.Ports.UsedTimeWait != 0 || d.States[source.StateFinWait2] != 2 {
		t.Errorf("%+v", d)
	}
}

// TestOnlyTheWorstHaveSeries: beyond MaxSeries history is absent, not zero.
func TestOnlyTheWorstHaveSeries(t *testing.T) {
	w := newWorld()
	const more = 10
	for i := range MaxSeries + more {
		remote := source.AddrFromV4(0x0a000000 + uint32(i))
		ports := 1
		if i%400 == 0 {
			ports = 3
		}
		for p := range ports {
			w.waiting(lo, 20000+2*p, remote.IP().String()+":80", 10_500)
		}
	}
	r := assess(w)
	for i := range r.Destinations {
		d := &r.Destinations[i]
		switch has := d.Closes != nil && d.Releases != nil; {
		case has != (i < MaxSeries):
			t.Fatalf("destination %d has series: %v", i, has)
		case has && (sum(d.Closes) != d.States[source.StateTimeWait] || sum(d.Releases) != uint32(d.Ports.Used) || d.Closes[49] == 0):
			t.Fatalf("destination %d: %v %v %+v", i, *d.Closes, *d.Releases, d.Ports)
		case i < 11 && d.Ports.Used != 3 || i >= 11 && d.Ports.Used != 1:
			t.Fatalf("destination %d uses %d", i, d.Ports.Used)
		case d.NextRelease == nil || zeroIfNil(d.ClosesPeak) == 0:
			t.Fatalf("destination %d: no release or peak", i)
		}
	}
}
