package sysctl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// atLeast is how many ports a range keeps for connect(), where it has twice as many.
const atLeast = 1000

// fewest is how many ports of a range have to be left: a tenth of it, and not
// fewer than atLeast or half of it.
func fewest(r source.PortRange) int { return max(r.Size()/10, min(atLeast, r.Size()/2)) }

func tooFew(left int, r source.PortRange) error {
	return fmt.Errorf("%s of the %s ports of the range %d–%d would be left for connect(): reserve fewer", thousands(left), thousands(r.Size()), r.Low, r.High)
}

// holds is a key's value once the ticked items are written.
func (p *Plan) holds(key string) string {
	switch i := p.Item(key); {
	case i == nil:
		return ""
	case i.Ticked && i.Refused == "":
		return i.Want
	default:
		return i.Now
	}
}

// left counts the ports of the range that would hold which are not reserved
// then, and those of the range and the reservations of now. ok is false where
// that is not known.
func (p *Plan) left() (then, now int, r source.PortRange, ok bool) {
	wide, list := p.Item(LocalPortRange), p.Item(LocalReservedPorts)
	if wide == nil || list == nil || !wide.Known {
		return 0, 0, r, false
	}
	old, errOld := parseRange(wide.Now)
	r, errNew := parseRange(p.holds(LocalPortRange))
	have, errHave := ParsePorts(list.Now)
	want, errWant := ParsePorts(p.holds(LocalReservedPorts))
	ok = errOld == nil && errNew == nil && errHave == nil && errWant == nil
	return r.Size() - want.LenIn(r), old.Size() - have.LenIn(old), r, ok
}

// starved fails where reservations take nearly all ports of the range that holds.
func (p *Plan) starved() error {
	then, now, r, ok := p.left()
	if ok && then < fewest(r) && then < now {
		return tooFew(then, r)
	}
	return nil
}

const reservedThen = " ports are reserved then"

// weigh warns of how much of the range that would hold is reserved: it differs
// with what is ticked.
func (p *Plan) weigh() {
	i := p.Item(LocalReservedPorts)
	if i == nil || !i.Changes() {
		return
	}
	i.Warnings = slices.DeleteFunc(slices.Clone(i.Warnings), func(w string) bool { return strings.HasSuffix(w, reservedThen) })
	then, _, r, ok := p.left()
	if taken := r.Size() - then; ok && i.Ticked && taken*2 > r.Size() {
		i.Warnings = append(i.Warnings, fmt.Sprintf("%s of the range's %s%s", thousands(taken), thousands(r.Size()), reservedThen))
	}
}
