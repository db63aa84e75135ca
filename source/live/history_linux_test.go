package live_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// timeWaitLen is TCP_TIMEWAIT_LEN.
const timeWaitLen = 60_000 // ms

// schedule is closes per second, for one second each.
var schedule = []int{100, 100, 100, 0, 0, 60, 60}

// boundary is how many closes may be entered in the second beside their own:
// the kernel's timers wobble by up to 30 ms, which is 3 closes at 100/s.
const boundary = 3

// TestHistoryAndReleases closes by a schedule and looks at it once, from a
// source that saw none of it.
func TestHistoryAndReleases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.Listen(service)
	closed := w.closeBySchedule(l)

	fresh := open(t, live.Config{NetNS: w.Path()})
	s, err := fresh.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var assessor diagnosis.Assessor
	d := find(assessor.Assess(s), "127.0.0.1", service)
	if d == nil || d.Closes == nil || d.Releases == nil {
		t.Fatalf("no history of the destination: %+v", d)
	}
	var closes, releases diagnosis.Series
	for _, at := range closed {
		age := s.Clock - at
		closes[diagnosis.SeriesLen-1-age/1000]++
		releases[(timeWaitLen-age)/1000]++
	}
	t.Logf("closes   %v", *d.Closes)
	t.Logf("releases %v", *d.Releases)
	compareSeries(t, "closes", closes, *d.Closes)
	compareSeries(t, "releases", releases, *d.Releases)
	if d.ClosesLast != int(d.Closes[diagnosis.SeriesLen-1]) {
		t.Errorf("closes in the last second %d, by the history %d", d.ClosesLast, d.Closes[diagnosis.SeriesLen-1])
	}
	first := time.Duration(timeWaitLen-(s.Clock-closed[0])) * time.Millisecond
	if d.NextRelease == nil || (*d.NextRelease-first).Abs() > 100*time.Millisecond {
		t.Errorf("first port comes back in %v, want about %v", d.NextRelease, first)
	}
}

// closeBySchedule returns the moments of the closes on the snapshots' clock.
func (w *world) closeBySchedule(l *netnstest.Sock) []uint32 {
	w.t.Helper()
	var closed []uint32
	for _, perSecond := range schedule {
		if perSecond == 0 {
			<-time.After(time.Second)
			continue
		}
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		for range perSecond {
			w.Connect(l, service).TimeWait()
			closed = append(closed, monotonicMillis())
			<-tick.C
		}
		tick.Stop()
	}
	return closed
}

func monotonicMillis() uint32 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return uint32(ts.Nano() / 1e6)
}

// compareSeries wants the same total, and each running total within boundary.
func compareSeries(t *testing.T, what string, want, got diagnosis.Series) {
	t.Helper()
	wantSum, gotSum := 0, 0
	for i := range want {
		wantSum += int(want[i])
		gotSum += int(got[i])
		if d := wantSum - gotSum; d > boundary || d < -boundary {
			t.Errorf("%s: %d up to second %d, the schedule made %d", what, gotSum, i, wantSum)
		}
	}
	if wantSum != gotSum {
		t.Errorf("%s: %d in all, the schedule made %d", what, gotSum, wantSum)
	}
}

// TestDeadlinesStay: the end of a TIME_WAIT is what it was when it was first
// seen, though the kernel's own figure wobbles.
func TestDeadlinesStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.Listen(service)
	w.TimeWaits(200, l, service)
	before := deadlines(w.snapshot())
	if len(before) != 200 {
		t.Fatalf("%d TIME_WAITs, want 200", len(before))
	}
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for range 40 {
		<-tick.C
		w.TimeWaits(1, l, service) // the table changes meanwhile
		after := deadlines(w.snapshot())
		for port, end := range before {
			if after[port] != end {
				t.Fatalf("port %d ends at %d ms, at first sight it was %d", port, after[port], end)
			}
		}
	}
}

// deadlines are the ends of the TIME_WAITs by local port.
func deadlines(s *source.Snapshot) map[uint16]uint32 {
	ends := make(map[uint16]uint32)
	for i := range s.Flows {
		for _, k := range s.SocketsOf(i) {
			if k.State == source.StateTimeWait && s.Flows[i].Role == source.RoleOutgoing {
				ends[k.Port] = k.Deadline
			}
		}
	}
	return ends
}
