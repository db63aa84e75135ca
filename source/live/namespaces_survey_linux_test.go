package live_test

import (
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

// crowd is n namespaces, each with a range of 100 ports and used of them in
// use, by the names that they are found by.
func crowd(t testing.TB, used ...int) (names []string) {
	t.Helper()
	for i, n := range used {
		ns := netnstest.New(t)
		name := nameFor(fmt.Sprint(i))
		netns(t, "attach", name, fmt.Sprint(ns.ThreadID()))
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
		names = append(names, name)
		if n == 0 {
			continue
		}
		ns.SetRange(20000, 20099)
		ns.Set("net.ipv4.tcp_tw_reuse", "0")
		ns.TimeWaits(n, ns.Listen("127.0.0.1:4001"), "127.0.0.1:4001")
	}
	return names
}

// judge is what a report says in short.
func judge(s *source.Snapshot) source.Verdict {
	r := new(diagnosis.Assessor).Assess(s)
	v := source.Verdict{Capacity: r.Ports.Capacity, Headline: r.Headline.Text}
	if len(r.Destinations) > 0 {
		d := &r.Destinations[0]
		v.Pressure, v.Free, v.Destination = d.Ports.Pressure, d.Ports.Free, d.String()
	}
	return v
}

func newSurvey(t testing.TB) *live.Survey {
	t.Helper()
	s, err := live.NewSurvey(live.Config{SysctlKeys: sysctl.Names()}, judge)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// standing returns that of a name, nil if there is none.
func standing(list []source.Standing, name string) *source.Standing {
	i := slices.IndexFunc(list, func(s source.Standing) bool { return slices.Contains(s.Names, name) })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// TestSurvey: among 40 namespaces the exhausted one is listed before all
// others, comes first and is named; those with few sockets are not listed.
func TestSurvey(t *testing.T) {
	used := make([]int, 40)
	used[11], used[23], used[31], used[37] = 30, 100, 3, 60
	names := crowd(t, used...)
	s := newSurvey(t)
	for exhausted := (*source.Standing)(nil); exhausted == nil || exhausted.Verdict == nil; {
		if _, err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, _ := s.Standing()
		exhausted = standing(list, names[23])
		for i, name := range names {
			if p := standing(list, name); i != 23 && p != nil && p.Verdict != nil && (exhausted == nil || exhausted.Verdict == nil) {
				t.Errorf("%d with %d ports in use was listed first", i, used[i])
			}
		}
	}
	if err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, _ := s.Standing()
	for i, name := range names {
		p := standing(list, name)
		percent, atMost, ok := p.Pressure()
		wantRange := source.DefaultPortRange
		if used[i] > 0 {
			wantRange = source.PortRange{Low: 20000, High: 20099}
		}
		if !ok || p.Range != wantRange || p.TimeWait == nil || *p.TimeWait != used[i] || p.Trouble != "" || p.Looked.IsZero() {
			t.Errorf("%d with %d ports in use: %+v", i, used[i], p)
		}
		if used[i] > 3 && (atMost || percent != float64(used[i])) || used[i] <= 3 && (!atMost || percent < float64(used[i]) || percent >= 10) {
			t.Errorf("%d with %d ports in use: pressure %v, at most: %v", i, used[i], percent, atMost)
		}
	}
	i := slices.IndexFunc(list, func(p source.Standing) bool { return p.Exhausted() && p.String() == names[23] })
	j := slices.IndexFunc(list, func(p source.Standing) bool { return p.String() == names[37] })
	if i < 0 || i > j {
		t.Errorf("the exhausted one is in row %d, one with 60 of 100 ports in use in row %d", i, j)
	}
}

// TestSurveyOfWhatVanishes: what goes between two steps is said, and forgotten
// later; what comes under its name is another.
func TestSurveyOfWhatVanishes(t *testing.T) {
	netnstest.New(t)
	gone, replaced := named(t, "gone"), named(t, "replaced")
	s := newSurvey(t)
	if err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, _ := s.Standing()
	before := standing(list, replaced)
	if p := standing(list, gone); p == nil || p.Gone {
		t.Fatalf("before: %+v", p)
	}
	netns(t, "del", gone)
	netns(t, "del", replaced)
	netns(t, "add", replaced)
	for range 2 {
		if err := s.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, _ = s.Standing()
	if p := standing(list, gone); p == nil || !p.Gone || p.Exhausted() {
		t.Errorf("after: %+v", p)
	}
	there := 0
	for _, p := range list {
		if slices.Contains(p.Names, replaced) && !p.Gone {
			there++
			if p.Same(&before.Namespace) {
				t.Errorf("taken for the one before: %+v", p)
			}
		}
	}
	if there != 1 {
		t.Errorf("%d namespaces are called %s", there, replaced)
	}
	if last := list[len(list)-1]; !last.Gone {
		t.Errorf("the last one is %+v", last)
	}
}

// TestSurveyVanishesMidway: it goes when it was found already, and its turn comes.
func TestSurveyVanishesMidway(t *testing.T) {
	used := make([]int, 3)
	used[1] = 50
	names := crowd(t, used...)
	s := newSurvey(t)
	_, _ = s.Step(t.Context())
	netns(t, "del", names[1])
	for range 3 {
		if _, err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, _ := s.Standing()
	if p := standing(list, names[1]); p == nil || !p.Gone {
		t.Errorf("got %+v", p)
	}
}

// TestSurveyRests: the steps together cost at most 2 % of a core, and with
// little to do come round every five seconds.
func TestSurveyRests(t *testing.T) {
	crowd(t, 0, 0, 40)
	s := newSurvey(t)
	start := time.Now()
	rest, err := s.Step(t.Context())
	if spent := time.Since(start); err != nil || rest < 10*time.Millisecond || rest > 10*time.Second+50*spent {
		t.Errorf("a step of %v rests for %v: %v", spent, rest, err)
	}
}

// TestSurveyWatched: what somebody else lists is not listed twice.
func TestSurveyWatched(t *testing.T) {
	names := crowd(t, 40)
	s := newSurvey(t)
	if err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, _ := s.Standing()
	s.Watch(standing(list, names[0]).Cookie)
	for range 2 {
		if err := s.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, _ = s.Standing()
	if p := standing(list, names[0]); p.Verdict != nil || p.AtMost == nil || *p.AtMost < 40 {
		t.Errorf("got %+v", p)
	}
}

// BenchmarkSurvey is a full round over 43 namespaces of which two are listed.
func BenchmarkSurvey(b *testing.B) {
	used := make([]int, 43)
	used[7], used[30] = 100, 50
	crowd(b, used...)
	s := newSurvey(b)
	for b.Loop() {
		if err := s.Round(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	list, _ := s.Standing()
	b.ReportMetric(float64(len(list)), "namespaces")
}
