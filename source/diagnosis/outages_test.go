package diagnosis

import (
	"fmt"
	"strings"
	"testing"
)

// teeth is a destination that uses so many of 100 ports, all closed in the last
// few seconds, ms after the begin.
func teeth(used, ms int) *world {
	w := newWorld()
	w.frame.Clock += uint32(ms)
	for i := range used { // as connect() does: first the even ones
		w.waiting(lo, 20000+2*i%100+i/50, backend, 100*i)
	}
	return w
}

// TestOutageIsRemembered: for how long there has been no port, and how long ago
// that was.
func TestOutageIsRemembered(t *testing.T) {
	s := newSeries()
	for _, c := range []struct {
		second, used int
		want         string // in the claim, "" for no finding about ports at an end
	}{
		{0, 100, "has no local port left: connect() fails now (errno 99)"},
		{1, 100, "connect() fails now (errno 99)"},
		{2, 100, "connect() fails (errno 99), for at least 2 s now"},
		{3, 99, "has 1 of 100 local ports left (none until 1 s ago), and runs out again in about"},
		{5, 100, "connect() fails (errno 99), for at least 5 s now"}, // a batch of the timer wheel, and gone
		{35, 100, "connect() fails (errno 99), for at least 35 s now"},
		{41, 95, "has 5 of 100 local ports left (none until 6 s ago), and runs out again in about"},
		{45, 60, "has 40 of 100 local ports left (none until 10 s ago), and runs out again in about"}, // in 4 s
		{46, 100, "connect() fails now (errno 99)"},                                                   // a new one
		{60, 60, "had no local port left until 14 s ago, and runs out again in about"},
		{100, 95, "(none until 54 s ago)"},
		{107, 95, "has 5 of 100 local ports left, and"},
		{110, 100, "connect() fails now (errno 99)"},
		{140, 100, "connect() fails (errno 99), for 30 s now"}, // two looks, far apart
		{240, 100, "connect() fails now (errno 99)"},           // too far
	} {
		r := s.assess(teeth(c.used, 1000*c.second))
		if h := r.Headline; !strings.Contains(h.Text, c.want) {
			t.Errorf("at %d s, %d used: %s, want %q", c.second, c.used, h.Text, c.want)
		}
	}
}

// TestOutageOfAnother: what failed elsewhere is not said of a destination.
func TestOutageOfAnother(t *testing.T) {
	s := newSeries()
	s.assess(teeth(100, 0))
	w := newWorld()
	w.frame.Clock += 5000
	for i := range 95 {
		w.waiting(lo, 20000+i, "127.0.0.1:4002", 100*i)
	}
	if h := s.assess(w).Headline; h.Severity != SeverityCritical || strings.Contains(h.Text, "until") {
		t.Errorf("%v: %s", h.Severity, h.Text)
	}
}

// TestOutagesAreBounded: a host that runs out everywhere.
func TestOutagesAreBounded(t *testing.T) {
	w := newWorld()
	w.frame.Range.High = 20000
	for i := range 2 * maxOutages {
		w.waiting(lo, 20000, fmt.Sprintf("127.1.%d.%d:80", i/250, i%250+1), 100)
	}
	r := assess(w)
	var o outages
	for range 3 {
		o.frame(&scene{Report: r})
		if len(o.of) != maxOutages {
			t.Errorf("%d are remembered", len(o.of))
		}
	}
}
