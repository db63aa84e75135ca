package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestStalled: what most of the ports wait for, and nothing where that is a
// timer, or connections at work.
func TestStalled(t *testing.T) {
	for _, c := range []struct {
		state source.State
		n     uint32
		want  string
	}{
		{source.StateSynSent, 1960, "1,960 attempts to connect get no answer."},
		{source.StateCloseWait, 1447, "1,447 were closed by the other end, and not here."},
		{source.StateFinWait2, 1100, "1,100 were closed here, and not by the other end."},
		{source.StateSynSent, 900, ""},
		{source.StateTimeWait, 1900, ""},
		{source.StateEstablished, 1900, ""},
	} {
		d := Destination{Ports: PortUse{Used: 2000}}
		d.States[c.state] = c.n
		if got := stalled(&d); got != c.want {
			t.Errorf("%d in %v: %q, want %q", c.n, c.state, got, c.want)
		}
	}
}

// TestHolder: what is to be restarted is named by its unit, or else by itself.
func TestHolder(t *testing.T) {
	unit, plain := nginx, nginx
	plain.Place = source.Place{}
	for _, c := range []struct {
		owners *Owners
		want   string
	}{
		{&Owners{All: []Owner{{Process: unit, Share: 1}}}, "nginx.service, which holds them"},
		{&Owners{All: []Owner{{Process: plain, Share: 1}}}, "nginx, which holds them"},
		{&Owners{All: []Owner{{Process: unit, Share: 0.2}}, Unknown: 0.8}, "the client that holds them"},
		{nil, "the client that holds them"},
	} {
		if got := holder(&Destination{Owners: c.owners}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
