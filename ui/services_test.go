package ui

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// One of eight SO_REUSEPORT sockets overflows: the row says so, whatever room
// the others have.
func TestFullestOfManySockets(t *testing.T) {
	p := healthy()
	p.listen = []source.Listener{listener("0.0.0.0", 80, 512, 511)}
	for range 7 {
		p.listen = append(p.listen, listener("0.0.0.0", 80, 0, 511))
	}
	d := newDriver(t, testOptions(p), 120, 40)
	s := &d.frame.report.Services[0]
	if got := queueInk(s); got != inkCritical {
		t.Errorf("ink %v", got)
	}
	d.press("3")
	if got := strings.Fields(d.row()); len(got) < 4 || got[1] != "0.0.0.0:80" || got[2] != "512" || got[3] != "511" {
		t.Errorf("row %q", d.row())
	}
	d.press("enter")
	d.wantText("waiting for accept() at the fullest 512 of 511   listening sockets 8, together 512 of 4,088")
}
