package sysctl

import (
	"fmt"
	"strings"
	"testing"
)

// TestPortsAreLeft: no reservation takes nearly all ports of the range that
// holds, whether the range is widened or not.
func TestPortsAreLeft(t *testing.T) {
	for _, c := range []struct {
		reserve string
		keys    []string
		refused bool
	}{
		{"32768-60999", []string{LocalReservedPorts}, true},
		{"32768-60999", []string{LocalReservedPorts, LocalPortRange}, false},
		{"32768-60000", []string{LocalReservedPorts}, true},
		{"32768-50000", []string{LocalReservedPorts}, false},
		{"1-65535", []string{LocalReservedPorts}, true},
		{"1-65535", []string{LocalPortRange}, true},
		{"8080,40000", []string{LocalReservedPorts}, false},
	} {
		f := short(nil)
		f.Reserve = portsOf(c.reserve)
		b := newBench(t, f.Values)
		p := NewPlan(f)
		p, err := p.Only(c.keys)
		if err == nil {
			_, err = b.Apply(t.Context(), p)
		}
		if (err != nil) != c.refused || c.refused && (len(b.kernel.writes) != 0 || !strings.Contains(err.Error(), "would be left")) {
			t.Errorf("%s, %q: %v, wrote %q", c.reserve, c.keys, err, b.kernel.writes)
		}
	}
}

// TestNarrowRange: half of one that has few ports may be reserved, and one that
// has fewer left already gets no worse.
func TestNarrowRange(t *testing.T) {
	for reserve, refused := range map[string]bool{"61000-61100": false, "61000-61400": true, "70": false} {
		f := short(map[string]string{LocalPortRange: "61000 61479"})
		f.Needs, f.Reserve = nil, portsOf(reserve)
		p := NewPlan(f)
		if err := p.starved(); (err != nil) != refused {
			t.Errorf("%s: %v", reserve, err)
		}
	}
	f := short(map[string]string{LocalReservedPorts: "32768-60990"})
	f.Needs, f.Reserve = nil, portsOf("8080")
	p := NewPlan(f)
	if err := p.starved(); err != nil {
		t.Error(err)
	}
}

// TestWarnsOfTheRangeThatHolds, and again when an item is ticked or unticked.
func TestWarnsOfTheRangeThatHolds(t *testing.T) {
	f := short(nil)
	f.Reserve = portsOf("32768-55000")
	p := NewPlan(f)
	words := func(p Plan) string { return strings.Join(p.Item(LocalReservedPorts).Warnings, "\n") }
	if got := words(p); strings.Contains(got, reservedThen) {
		t.Errorf("of the wide range: %q", got)
	}
	narrow := p.With(LocalPortRange, false)
	if got := words(narrow); !strings.Contains(got, "22,233 of the range's 28,232 ports are reserved then") {
		t.Errorf("of the narrow one: %q", got)
	}
	if got := words(narrow.With(LocalPortRange, true)); strings.Contains(got, reservedThen) {
		t.Errorf("ticked again: %q", got)
	}
}

// TestAskedForIsTicked: --reserve needs no finding; listeners do.
func TestAskedForIsTicked(t *testing.T) {
	f := short(nil)
	f.Needs = nil
	f.Holders.Listening = portsOf("11211")
	if p := NewPlan(f); len(p.Chosen()) != 0 {
		t.Errorf("%q", tickedOf(p))
	}
	f.Reserve = portsOf("8080")
	if got := fmt.Sprint(tickedOf(NewPlan(f))); got != "[ip_local_reserved_ports=8080,11211]" {
		t.Error(got)
	}
	f.Values[LocalReservedPorts] = "8080"
	if p := NewPlan(f); len(p.Chosen()) != 0 {
		t.Errorf("reserved already: %q", tickedOf(p))
	}
}

// TestServicesInWhatTwtopWidened are reserved by the next plan, without a
// finding; those of the range from before, and of a range that somebody else
// made, are not.
func TestServicesInWhatTwtopWidened(t *testing.T) {
	for _, c := range []struct {
		listening string
		apply     bool
		want      int
	}{{"15000", true, 1}, {"40000", true, 0}, {"9000", true, 0}, {"15000", false, 0}} {
		f := short(nil)
		b := newBench(t, f.Values)
		if c.apply {
			b.apply(NewPlan(f))
		} else {
			b.kernel.values[LocalPortRange] = "10240 65535"
		}
		f.Values, f.Needs, f.Holders.Listening = b.kernel.values, nil, portsOf(c.listening)
		var err error
		if f.Widened, err = b.Widened(); err != nil {
			t.Fatal(err)
		}
		p := NewPlan(f)
		if got := len(p.Chosen()); got != c.want {
			t.Errorf("%s, applied %v: %q", c.listening, c.apply, tickedOf(p))
		}
	}
}
