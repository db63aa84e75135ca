package sysctl

import (
	"slices"

	"github.com/359a26c5/twtop/source"
)

// Widened is the range from before the applies that are still to be undone
// here, zero where none of them made the present one.
func (g *Guard) Widened() (source.PortRange, error) {
	g.place()
	entries, err := g.State.entries()
	if err != nil {
		return source.PortRange{}, err
	}
	now, _, err := g.Kernel.Read(LocalPortRange)
	var first source.PortRange
	k, _ := Lookup(LocalPortRange)
	for _, e := range slices.Backward(entries) {
		if !e.Place.is(&g.Place) {
			continue
		}
		for _, c := range e.Changes {
			if c.Key == LocalPortRange && k.same(now, c.To) {
				now = c.From
				first, _ = parseRange(now)
			}
		}
	}
	return first, err
}
