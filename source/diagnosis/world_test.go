package diagnosis

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// world is a host in a table: what a source would read of it.
type world struct {
	frame   source.Frame
	entries []source.Entry
	sysctls map[string]string
	kernel  string
}

// newWorld has 100 ports, 20000–20099, so that the preferred half is the even
// one, and a service on 127.0.0.1:4001 and 10.0.0.1:80 that is not in the range.
func newWorld() *world {
	return &world{
		frame:   source.Frame{Clock: 1_000_000, Range: source.PortRange{Low: 20000, High: 20099}, RangeKnown: true},
		sysctls: map[string]string{"net.ipv4.tcp_tw_reuse": "0", "net.ipv4.tcp_timestamps": "1"},
		kernel:  "6.18.44",
	}
}

func addrPort(s string) (source.Addr, uint16) {
	a := netip.MustParseAddrPort(s)
	return source.AddrFrom(a.Addr()), a.Port()
}

// conn adds a full connection.
func (w *world) conn(local string, port int, remote string, state source.State) *source.Entry {
	e := source.Entry{Local: source.AddrFrom(netip.MustParseAddr(local)), LocalPort: uint16(port), State: state}
	e.Remote, e.RemotePort = addrPort(remote)
	w.entries = append(w.entries, e)
	return &w.entries[len(w.entries)-1]
}

// waiting adds a TIME_WAIT that was closed age ms ago.
func (w *world) waiting(local string, port int, remote string, age int) {
	e := w.conn(local, port, remote, source.StateTimeWait)
	e.Timer, e.Expires = source.TimerTimeWait, uint32(max(60_000-age, 0))
}

// live adds an established connection, whose tcp_info says whether it has timestamps.
func (w *world) live(local string, port int, remote string, timestamps bool) {
	e := w.conn(local, port, remote, source.StateEstablished)
	e.Detail = source.Detail{Has: source.HasInfo | source.HasInode, Inode: 1}
	if timestamps {
		e.Detail.Options = source.OptTimestamps
	}
}

func (w *world) listen(addr string) *source.Listener {
	l := source.Listener{}
	l.Local, l.Port = addrPort(addr)
	w.frame.Listeners = append(w.frame.Listeners, l)
	return &w.frame.Listeners[len(w.frame.Listeners)-1]
}

func (w *world) bound(addr string) {
	x := source.Bound{}
	x.Local, x.Port = addrPort(addr)
	w.frame.Bound = append(w.frame.Bound, x)
}

// series is a Builder and an Assessor for frames that follow each other.
type series struct {
	builder  *source.Builder
	assessor Assessor
}

func newSeries() *series { return &series{builder: source.NewBuilder()} }

func (s *series) snapshot(w *world) *source.Snapshot {
	s.builder.Begin(w.frame)
	for i := range w.entries {
		s.builder.Add(&w.entries[i])
	}
	snap := s.builder.Finish()
	snap.Sysctls, snap.Host.Kernel = w.sysctls, w.kernel
	return snap
}

func (s *series) assess(w *world) *Report { return s.assessor.Assess(s.snapshot(w)) }

func assess(w *world) *Report { return newSeries().assess(w) }

// find returns the destination, by "127.0.0.1 → 127.0.0.1:4001".
func find(t *testing.T, r *Report, name string) *Destination {
	t.Helper()
	for i := range r.Destinations {
		if r.Destinations[i].String() == name {
			return &r.Destinations[i]
		}
	}
	t.Fatalf("no destination %s in %v", name, names(r))
	return nil
}

func names(r *Report) (out []string) {
	for i := range r.Destinations {
		out = append(out, r.Destinations[i].String())
	}
	return out
}

func show(n *int) string {
	if n == nil {
		return "unknown"
	}
	return fmt.Sprint(*n)
}

const (
	lo      = "127.0.0.1"
	backend = "127.0.0.1:4001"
	away    = "10.0.0.9:5432"
)
