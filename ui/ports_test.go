package ui

import (
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// TestPortsAddUp: the title tells why a destination has fewer ports than the range.
func TestPortsAddUp(t *testing.T) {
	p := diagnosis.PortTotals{Range: source.DefaultPortRange, Size: 28232, Capacity: 28232}
	if got := portsAbout(&p); got != "32768–60999 · 28,232 ports per destination" {
		t.Errorf("%q", got)
	}
	p.Reserved, p.Bound, p.Capacity = 25408, 2, 2822
	if got := portsAbout(&p); got != "32768–60999 less 25,408 reserved, 2 bound · 2,822 ports per destination" {
		t.Errorf("%q", got)
	}
}

// TestOtherWords: the state that holds the other ports has a name, unless it is
// the one that the table has a column for.
func TestOtherWords(t *testing.T) {
	for _, c := range []struct {
		states map[source.State]uint32
		want   string
	}{
		{map[source.State]uint32{source.StateTimeWait: 900, source.StateCloseWait: 60, source.StateEstablished: 40}, ": CLOSE-WAIT"},
		{map[source.State]uint32{source.StateSynSent: 3}, ": SYN-SENT"},
		{map[source.State]uint32{source.StateTimeWait: 900, source.StateEstablished: 40}, ""},
		{map[source.State]uint32{source.StateCloseWait: 40, source.StateEstablished: 60}, ""},
		{nil, ""},
	} {
		var d diagnosis.Destination
		for s, n := range c.states {
			d.States[s] = n
		}
		if got := otherWords(&d); got != c.want {
			t.Errorf("%v: %q, want %q", c.states, got, c.want)
		}
	}
}
