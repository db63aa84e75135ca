package live_test

import (
	"slices"
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

// wobble is how far the kernel's timers are from the truth: 4 ms of a tick,
// and up to 30 ms of the timer wheel.
const wobble = 35 // ms

// moments are when something began and ended, on the snapshots' clock.
type moments struct{ begin, end uint32 }

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
	t.Logf("closes   %v", *d.Closes)
	t.Logf("releases %v", *d.Releases)
	blur := wobble + uint32(s.Cost.Wall.Milliseconds())
	closes, releases := *d.Closes, *d.Releases
	slices.Reverse(closes[:])
	checkSeries(t, "closes by age", closes, closed, func(m moments) moments {
		return moments{s.Clock - m.end - min(blur, s.Clock-m.end), s.Clock - m.begin + blur}
	})
	checkSeries(t, "releases", releases, closed, func(m moments) moments {
		return moments{m.begin + timeWaitLen - s.Clock - blur, m.end + timeWaitLen - s.Clock + blur}
	})
	if d.ClosesLast == nil || *d.ClosesLast != int(d.Closes[diagnosis.SeriesLen-1]) {
		t.Errorf("closes in the last second %v, by the history %d", d.ClosesLast, d.Closes[diagnosis.SeriesLen-1])
	}
	first := time.Duration(closed[0].begin+timeWaitLen-s.Clock) * time.Millisecond
	if d.NextRelease == nil || (*d.NextRelease-first).Abs() > 2*time.Duration(blur)*time.Millisecond {
		t.Errorf("first port comes back in %v, want about %v", d.NextRelease, first)
	}
}

// checkSeries wants as many in all as were closed; and up to each second, as
// many as surely, and no more than possibly, belong there by the moments that
// when gives of each.
func checkSeries(t *testing.T, what string, got diagnosis.Series, closed []moments, when func(moments) moments) {
	t.Helper()
	sum := 0
	for sec := range got {
		sum += int(got[sec])
		end, surely, possibly := uint32(sec+1)*1000, 0, 0
		for _, m := range closed {
			if w := when(m); w.end < end {
				surely, possibly = surely+1, possibly+1
			} else if w.begin < end {
				possibly++
			}
		}
		if sum < surely || sum > possibly {
			t.Errorf("%s: %d up to second %d, the schedule made %d to %d", what, sum, sec, surely, possibly)
		}
	}
	if sum != len(closed) {
		t.Errorf("%s: %d in all, the schedule made %d", what, sum, len(closed))
	}
}

// closeBySchedule returns the moments of the closes on the snapshots' clock.
func (w *world) closeBySchedule(l *netnstest.Sock) []moments {
	w.t.Helper()
	var closed []moments
	for _, perSecond := range schedule {
		if perSecond == 0 {
			<-time.After(time.Second)
			continue
		}
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		for range perSecond {
			p := w.Connect(l, service)
			m := moments{begin: monotonicMillis()}
			p.TimeWait()
			m.end = monotonicMillis()
			closed = append(closed, m)
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
	const frames = 40
	for good := 0; good < frames; {
		<-tick.C
		w.TimeWaits(1, l, service) // the table changes meanwhile
		s := w.snapshot()
		if s.Cost.Wall > 25*time.Millisecond {
			continue // held up in the middle: the clock says little about the sockets
		}
		good++
		after := deadlines(s)
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
