package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// procTable is the socket table by /proc/net/tcp and tcp6, for where there is
// no sock_diag: gVisor, kernels without the module, containers whose seccomp
// profile bars netlink. It is slow, and shows less.
type procTable struct {
	proc    procnet.FS
	builder *source.Builder
	clock   clock
	family  int
	why     error // what sock_diag said

	conns []timedEntry // memory reused
}

// maxExpected bounds what is allocated because sockstat promises so many.
const maxExpected = 1 << 20

// timedEntry is a connection and when it was read: a long table takes seconds.
type timedEntry struct {
	source.Entry
	at uint32
}

func newProcTable(proc procnet.FS, family int, c clock, why error) *procTable {
	return &procTable{proc: proc, builder: source.NewBuilder(), clock: c, family: family, why: why}
}

func (t *procTable) close() {}

// read keeps the connections until all listeners are known, which come first
// in each of the two files but not before both.
func (t *procTable) read(ctx context.Context, f *facts) (*source.Snapshot, error) {
	begin := t.clock.Millis()
	t.conns = slices.Grow(t.conns[:0], min(f.connections(), maxExpected))
	listeners, bad, err := t.readFiles(ctx)
	if err != nil {
		return nil, err
	}
	t.builder.Begin(source.Frame{
		Clock: begin, Range: f.ports, RangeKnown: f.portsKnown, Reserved: f.reserved,
		Listeners: listeners, Hint: len(t.conns),
	})
	for i := range t.conns {
		c := &t.conns[i]
		if t.family != 0 && c.Local.Is4() != (t.family == 4) {
			continue
		}
		t.builder.SetClock(c.at)
		t.builder.Add(&c.Entry)
	}
	snap := t.builder.Finish()
	snap.BlockersUnknown = true
	snap.Gaps = append(snap.Gaps, fmt.Sprintf("/proc/net/tcp is read instead of sock_diag (%v): "+
		"bound sockets, backlogs, devices and timestamps are not shown", t.why))
	if bad > 0 {
		snap.Gaps = append(snap.Gaps, fmt.Sprintf("%d lines of /proc/net/tcp could not be understood", bad))
	}
	return snap, nil
}

// readFiles reads both files; tcp6 may be missing. It ends soon after ctx does.
func (t *procTable) readFiles(ctx context.Context) (listeners []source.Listener, bad int, err error) {
	const lookUpEvery = 64 // sockets
	var at uint32
	n := 0
	emit := func(e *source.Entry) bool {
		if n%lookUpEvery == 0 {
			at = t.clock.Millis()
			if ctx.Err() != nil {
				return false
			}
		}
		n++
		if e.State == source.StateListen {
			listeners = append(listeners, listenerOf(e, t.family))
			return true
		}
		t.conns = append(t.conns, timedEntry{*e, at})
		return true
	}
	four, err := t.proc.TCP(emit)
	if err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	six, err := t.proc.TCP6(emit)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	return listeners, four.Bad + six.Bad, ctx.Err()
}
