package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// Where the source tells no timers, closes and the minutes are unknown, not 0.
func TestTimersNotTold(t *testing.T) {
	p := newPlay(&lane{local: addr("10.0.2.4"), remote: addr("10.0.3.7"), port: 5432, alive: portsFrom(40000, 400, 4)})
	src := &scripted{give: func(int) (*source.Snapshot, error) {
		s, err := p.Read(context.Background())
		for i := range s.Sockets {
			s.Sockets[i].State, s.Sockets[i].Timer = source.StateTimeWait, source.TimerUnknown
		}
		return s, err
	}}
	o := testOptions(p)
	o.Source = src
	d := newDriver(t, o, 120, 40)
	d.wantText("no timers are told")
	d.wantNoText("so small a share")
	if got := strings.Fields(d.row()); len(got) < 9 || got[9] != unknown {
		t.Errorf("closes per second are %q in %q", got, d.row())
	}
	d.press("enter")
	d.wantText("closes/s –")
}

// OWNER has room from 120 cells on, and tells who has most of the connections.
func TestOwner(t *testing.T) {
	for w, want := range map[int]bool{80: false, 119: false, 120: true, 200: true} {
		got := slices.ContainsFunc(fit(destColumns, w, false), func(f fitted) bool { return destColumns[f.column].title == "OWNER" })
		if got != want {
			t.Errorf("at %d cells OWNER is there: %v", w, got)
		}
	}
	of := func(name string, share float64) *diagnosis.Destination {
		o := &diagnosis.Owners{Unknown: 1 - share}
		o.All = append(o.All, diagnosis.Owner{Process: source.Process{PID: 2873, Name: name}, Share: share})
		return &diagnosis.Destination{Owners: o}
	}
	for _, c := range []struct {
		d    *diagnosis.Destination
		want string
	}{
		{new(diagnosis.Destination), unknown},
		{of("nginx", 0.4), unknown}, // more is unknown than that
		{of("nginx", 0.98), "nginx 98 %"},
		{of("gunicorn: worker", 1), "gunicor… 100 %"},
		{of("ev\x1b[2Jil", 1), "evil 100 %"},
	} {
		if got := owner(c.d, 14); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	d := of("nginx", 0.98)
	th, _ := themeFor("mono", termenv.TrueColor, func(string) string { return "" })
	if row := ansi.Strip(th.destAccount(d, 160)); !strings.Contains(row, "owner nginx (pid 2873) 98 %") {
		t.Errorf("the detail says %q", row)
	}
	if row := ansi.Strip(th.destAccount(d, 80)); width(row) != 80 {
		t.Errorf("%d cells: %q", width(row), row)
	}
}
