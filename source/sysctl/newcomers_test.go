package sysctl

import (
	"errors"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestNewcomer: a service that began to listen after the plan was made, in what
// the range gains.
func TestNewcomer(t *testing.T) {
	for ports, refused := range map[string]bool{"15000": true, "15000,16000": true, "11211": false, "40000": false, "9000": false, "": false} {
		p, before := tuned()
		b := newBench(t, before)
		b.Listening = func() (source.PortSet, error) { return portsOf(ports), nil }
		_, err := b.Apply(t.Context(), p)
		if refused != errors.Is(err, errNewcomer) || refused && (len(b.kernel.writes) != 0 || !strings.Contains(err.Error(), "port 15000")) {
			t.Errorf("%s: %v, wrote %q", ports, err, b.kernel.writes)
		}
	}
}

// TestNewcomerInTheMiddle: just before the range is written; all is put back.
func TestNewcomerInTheMiddle(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	ports := ""
	b.Listening = func() (source.PortSet, error) { return portsOf(ports), nil }
	b.kernel.after = func(_ *fakeKernel, wrote string) {
		if wrote == TWReuse {
			ports = "15000"
		}
	}
	if _, err := b.Apply(t.Context(), p); !errors.Is(err, errNewcomer) || !strings.Contains(err.Error(), "; put back: ") {
		t.Error(err)
	}
	b.holds(before)
	if !b.plannedIsEmpty() {
		t.Error("still to undo")
	}
}

// TestNoLookNoRange: where it cannot be seen who listens the range stays, and
// the other keys need no look.
func TestNoLookNoRange(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.Listening = func() (source.PortSet, error) { return source.PortSet{}, errRefused }
	if _, err := b.Apply(t.Context(), p); !errors.Is(err, errRefused) || len(b.kernel.writes) != 0 {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
	b.apply(p.With(LocalPortRange, false))
}
