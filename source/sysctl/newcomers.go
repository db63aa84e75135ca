package sysctl

import (
	"errors"
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// errNewcomer: a service began to listen after the plan was made.
var errNewcomer = errors.New("make the plan anew")

// unreserved is newcomers before the first write, where the reservations of
// the plan are not in force yet.
func (g *Guard) unreserved(p *Plan) error {
	i := p.Item(LocalPortRange)
	if i == nil || !i.Ticked || !i.Changes() {
		return nil
	}
	return g.unkept(i.Now, i.Want, p.holds(LocalReservedPorts))
}

// newcomers fails where a port that the range gains has a listener and is not
// reserved: it is looked at just before the range is written.
func (g *Guard) newcomers(from, to string) error {
	kept, ok, err := g.Kernel.Read(LocalReservedPorts)
	if err != nil || !ok {
		return err
	}
	return g.unkept(from, to, kept)
}

func (g *Guard) unkept(from, to, kept string) error {
	if g.Listening == nil {
		return nil
	}
	old, errOld := parseRange(from)
	wide, errWide := parseRange(to)
	reserved, errKept := ParsePorts(kept)
	now, err := g.Listening()
	if err := errors.Join(errOld, errWide, errKept, err); err != nil {
		return fmt.Errorf("which ports are listened on now: %w", err)
	}
	reserved.AddRange(old)
	gained := within(&now, wide)
	gained.Subtract(&reserved)
	if gained.Len() == 0 {
		return nil
	}
	return fmt.Errorf("port %s is listened on since the plan was made: %w", portsInWords(&gained), errNewcomer)
}

// portsInWords tells a few ports: "15000" or "15000 and 3 others".
func portsInWords(set *source.PortSet) string {
	first := fmt.Sprint(set.Ranges()[0].Low)
	switch n := set.Len() - 1; n {
	case 0:
		return first
	case 1:
		return first + " and 1 other"
	default:
		return fmt.Sprintf("%s and %d others", first, n)
	}
}
