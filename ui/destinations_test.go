package ui

import (
	"context"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
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
