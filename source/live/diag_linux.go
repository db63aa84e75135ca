package live

import (
	"context"
	"fmt"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/inetdiag"
)

// connections are the states of the main dump: all but the two that go into a
// source.Frame. TCP_CLOSE cannot be asked for alone and is in no hash table.
var connections = inetdiag.AllStates &^ (source.StateListen.Mask() | source.StateClose.Mask())

// diagTable is the socket table by sock_diag.
type diagTable struct {
	main    *dumper
	bound   boundReader
	builder *source.Builder
	clock   clock
	family  int
	frames  int
}

func newDiagTable(b border, family int, kernel string) *diagTable {
	main := &dumper{dial: b.dial}
	return &diagTable{
		main:    main,
		bound:   boundReader{near: main, far: &dumper{dial: b.dial}, kernel: kernel},
		builder: source.NewBuilder(),
		clock:   b.clock,
		family:  family,
	}
}

func (t *diagTable) close() {
	t.main.close()
	t.bound.far.close()
}

// read takes the listeners, then the bound sockets, then all connections in
// one dump: who accepted what has to be known before the connections come.
func (t *diagTable) read(ctx context.Context, f *facts) (*source.Snapshot, error) {
	t.frames++
	listeners, listed, err := t.listeners(ctx)
	if err != nil {
		return nil, err
	}
	bound := t.bound.start(ctx, f)
	frame := source.Frame{
		Range: f.ports, RangeKnown: f.portsKnown, Reserved: f.reserved,
		Listeners: listeners, Hint: f.connections(),
	}
	defer bound.join() // also after an error or a panic: it uses the other connection
	out, err := t.main.dump(ctx, t.connectionsQuery(&frame, f))
	if err != nil {
		return nil, err
	}
	gaps := t.gaps(listed, out) // the connection may be used again from here on
	extra := bound.wait(ctx, f)
	snap := t.builder.Finish()
	snap.Bound = extra.bound
	snap.BlockersUnknown = listed.flawed() || len(extra.gaps) > 0 || !f.reservedKnown || t.family != 0
	snap.States[source.StateBoundInactive] = uint32(len(extra.bound))
	snap.Cost = source.Cost{CPU: extra.cpu, Interrupted: out.flawed()}
	snap.Gaps = append(gaps, extra.gaps...)
	return snap, nil
}

// listeners are those of both families: each blocks its port for both.
func (t *diagTable) listeners(ctx context.Context) ([]source.Listener, outcome, error) {
	var all []source.Listener
	out, err := t.main.dump(ctx, &query{
		states: source.StateListen.Mask(),
		begin:  func() { all = all[:0] },
		socket: func(e *source.Entry) {
			if e.State == source.StateListen {
				all = append(all, listenerOf(e, t.family))
			}
		},
	})
	return all, out, err
}

// listenerOf is the listener that an entry tells of, where only a family was
// asked for; 0 is both.
func listenerOf(e *source.Entry, family int) source.Listener {
	l := source.Listener{Local: e.Local, Port: e.LocalPort, Device: e.Device, Detail: e.Detail}
	l.Unasked = family != 0 && !l.Takes(family)
	return l
}

func (t *diagTable) connectionsQuery(frame *source.Frame, f *facts) *query {
	q := &query{
		states: connections,
		only6:  t.family == 6,
		dense:  true,
		begin: func() {
			frame.Clock = t.clock.Millis()
			t.builder.Begin(*frame)
		},
		clock:  t.clock.Millis,
		filled: t.builder.SetClock,
		socket: t.builder.Add,
	}
	if t.infoIsCheap(f) {
		q.ext = inetdiag.ExtInfo
	}
	if t.family != 0 {
		want4 := t.family == 4
		q.socket = func(e *source.Entry) {
			if e.Local.Is4() == want4 {
				t.builder.Add(e)
			}
		}
	}
	return q
}

// What struct tcp_info costs: the kernel locks each full socket for it and
// sends about 280 bytes more. A TIME_WAIT has none, and costs nothing.
const (
	infoSockets = 50_000 // up to this many full sockets, tcp_info is asked for each time
	infoFrames  = 10     // and else in every tenth frame, the first among them
)

func (t *diagTable) infoIsCheap(f *facts) bool {
	return f.fullSockets != nil && *f.fullSockets <= infoSockets || t.frames%infoFrames == 1
}

// gaps says what is wrong with the dumps, and what they did not understand.
func (t *diagTable) gaps(listed, all outcome) []string {
	var gaps []string
	if listed.flawed() {
		gaps = append(gaps, "the listeners changed while they were read: ports may be fewer than they look, "+
			"and a connection may be shown as outgoing that was accepted")
	}
	if t.family != 0 {
		gaps = append(gaps, fmt.Sprintf("only IPv%d was asked for: what the other family takes from every destination, "+
			"by a client that bound its port first or by a listener that went away, is not known", t.family))
	}
	p := &t.main.tally
	switch {
	case all.broken != nil:
		gaps = append(gaps, fmt.Sprintf("the kernel broke off after %d sockets, twice: there are more, and fewer free ports (%v)", p.sockets, all.broken))
	case all.interrupted:
		gaps = append(gaps, "the socket table changed while it was read, twice: sockets may be missing or counted twice")
	}
	if p.short > 0 {
		gaps = append(gaps, fmt.Sprintf("sock_diag: %d messages were too short to be understood", p.short))
	}
	if p.unknownStates > 0 {
		gaps = append(gaps, fmt.Sprintf("sock_diag: %d sockets are in a state that this version does not know", p.unknownStates))
	}
	return gaps
}
