package textdump

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// Config says what a text cannot tell.
type Config struct {
	// Name is what errors call the text: its file.
	Name string
	// Now is when the text was made, as far as the caller knows.
	Now time.Time
}

// ErrNoTable is what Parse fails with where there is nothing to read.
var ErrNoTable = errors.New("there is no table of sockets in it: give the output of `ss -tanoe`, `netstat -tano`, " +
	"or the text of /proc/net/tcp, with `sysctl net.ipv4` if you can")

// Parse reads a text to its end and makes a Snapshot of it. What it could not
// read is said in the Snapshot's Gaps; where it could read no socket and saw no
// empty table either, that is an error.
func Parse(r io.Reader, cfg Config) (*source.Snapshot, error) {
	p := newParser(decoded(r), cfg)
	err := p.run()
	if err == nil {
		err = p.nothing()
	}
	if err != nil {
		if cfg.Name != "" {
			err = fmt.Errorf("%s: %w", cfg.Name, err)
		}
		return nil, err
	}
	return p.snapshot(), nil
}

// nothing is the error of a text without a socket, nil where a table was empty.
func (p *parser) nothing() error {
	switch {
	case p.sockets > 0:
		return nil
	case p.bad.n > 0:
		return fmt.Errorf("none of %s could be read; the first: line %d: %s",
			plural(p.bad.n, "socket"), p.bad.first, p.bad.why)
	}
	for _, s := range p.all {
		switch {
		case !s.header:
		case s.widest > maxHeader:
			return fmt.Errorf("line %d: the line ends are missing, a header goes on for %d bytes: paste the text as it was printed", s.line, s.widest)
		case p.stray.n > 0:
			return fmt.Errorf("there is a table without a socket, and %s that could not be read; the first: line %d",
				plural(p.stray.n, "line"), p.stray.first)
		default:
			return nil
		}
	}
	return ErrNoTable
}

// maxHeader is how long a header may be, in bytes: that of ss fills the width of
// the terminal.
const maxHeader = 1000

// snapshot puts together what was read.
func (p *parser) snapshot() *source.Snapshot {
	votes := 0
	for _, s := range p.all {
		votes += s.order
	}
	t, swap := newTable(), otherOrder(votes)
	for _, s := range p.all {
		s.settle(swap)
		if n := t.merge(s); n > 0 {
			p.again.add(s.line, n)
		}
		s.rows = rows{n: s.rows.n}
	}
	p.surplus += t.surplus
	ports, known, portGap := p.portRange()
	reserved, reservedGap := p.reserved()
	listeners, bound := t.ends()
	b := source.NewBuilder()
	b.Begin(source.Frame{
		Clock: uint32(p.cfg.Now.UnixMilli()), Range: ports, RangeKnown: known, Reserved: reserved,
		Listeners: listeners, Bound: bound, Hint: t.rows.n,
	})
	t.rows.each(b.Add)
	snap := b.Finish()
	snap.Taken, snap.Kind, snap.Host = p.cfg.Now, source.KindText, p.facts.host
	snap.Sysctls, snap.Processes = p.facts.sysctls, p.facts.processes()
	// A text has no sockets that are bound and not used.
	snap.BlockersUnknown = true
	snap.Gaps = appendIf(p.gaps(snap), portGap, reservedGap)
	return snap
}

// portRange is ip_local_port_range, or Linux' default where it is not known.
func (p *parser) portRange() (r source.PortRange, known bool, gap string) {
	const key = "net.ipv4.ip_local_port_range"
	v, ok := p.facts.sysctls[key]
	if !ok {
		return source.DefaultPortRange, false, ""
	}
	r, err := procnet.ParsePortRange(v)
	if err != nil {
		return source.DefaultPortRange, false, fmt.Sprintf("%s cannot be read: %v", key, err)
	}
	return r, true, ""
}

func (p *parser) reserved() (set source.PortSet, gap string) {
	const key = "net.ipv4.ip_local_reserved_ports"
	set, err := procnet.ParsePorts(p.facts.sysctls[key])
	if err != nil {
		return set, fmt.Sprintf("%s cannot be read: %v", key, err)
	}
	return set, ""
}

// ends are the sockets that are no connections.
func (t *table) ends() (listeners []source.Listener, bound []source.Bound) {
	t.rows.each(func(e *source.Entry) {
		switch e.State {
		case source.StateListen:
			listeners = append(listeners, source.Listener{Local: e.Local, Port: e.LocalPort, Device: e.Device, Detail: e.Detail})
		case source.StateBoundInactive:
			bound = append(bound, source.Bound{Local: e.Local, Port: e.LocalPort, Device: e.Device, Detail: e.Detail})
		}
	})
	return listeners, bound
}

func sortProcesses(list []source.Process) {
	slices.SortFunc(list, func(a, b source.Process) int { return cmp.Compare(a.PID, b.PID) })
}
