package source

// Frame is what a Builder must know before the connections: listeners tell who
// opened a connection, and so are read first.
type Frame struct {
	Clock      uint32 // the moment, ms modulo 2³², on a clock that never jumps
	Range      PortRange
	RangeKnown bool
	Reserved   PortSet
	Listeners  []Listener
	Bound      []Bound
	// Hint is about how many connections to expect, to save growing; 0 if unknown.
	Hint int
}

// maxHint bounds what is allocated on a promise.
const maxHint = 1 << 22

// Builder makes Snapshots out of Entries. It gives each connection its flow,
// tells outgoing from accepted ones, and fixes the deadlines of mini-sockets
// at first sight. It remembers the snapshot before, so one series of snapshots
// needs one Builder. It is not safe for concurrent use.
type Builder struct {
	snap  *Snapshot
	clock uint32

	table flowTable
	last  uint32 // the flow of the entry before: a run of one flow needs no look-up

	sockets []Socket // in order of arrival; memory reused
	current listenerIndex
	gone    listenerIndex
	memory  listenerMemory
	outside *outsidePorts

	prev      *Snapshot
	prevTable flowTable
	deadlines *deadlineScratch // made for the second snapshot
}

// NewBuilder returns a Builder for one series of snapshots.
func NewBuilder() *Builder { return &Builder{outside: new(outsidePorts)} }

// Begin starts a snapshot.
func (b *Builder) Begin(f Frame) {
	hint := min(max(f.Hint, 0), maxHint)
	if cap(b.sockets) < hint {
		b.sockets = make([]Socket, 0, hint+hint/16)
	}
	b.sockets = b.sockets[:0]
	b.snap = &Snapshot{
		Range: f.Range, RangeKnown: f.RangeKnown, Reserved: f.Reserved,
		Listeners: f.Listeners, Bound: f.Bound,
	}
	b.clock = f.Clock
	b.table.reset(b.expectedFlows())
	b.last = 0
	b.current = newListenerIndex(f.Listeners)
	b.gone = newListenerIndex(b.memory.gone(f.Listeners))
	b.outside.reset()
}

func (b *Builder) expectedFlows() int {
	if b.prev == nil {
		return 64
	}
	return len(b.prev.Flows) + len(b.prev.Flows)/16 + 16
}

// SetClock says that the entries from here on were read at clock.
func (b *Builder) SetClock(clock uint32) { b.clock = clock }

// Add takes one connection. It ignores entries in LISTEN and bound-inactive,
// which belong in the Frame.
func (b *Builder) Add(e *Entry) {
	state := e.State
	switch {
	case state == StateNewSynRecv:
		state = StateSynRecv
	case state == StateListen || state == StateBoundInactive:
		return
	case state >= NumStates:
		state = 0
	}
	b.snap.States[state]++
	accepted, listener, device := b.orient(e, state)
	// Word by word, here and below: a 16-byte load of what was just stored
	// in pieces waits for the store buffer, 10 ns a socket.
	var k flowKey
	k.local.hi, k.local.lo = e.Local.hi, e.Local.lo
	k.remote.hi, k.remote.lo = e.Remote.hi, e.Remote.lo
	k.device, k.port, k.accepted = device, e.RemotePort, accepted
	port := e.LocalPort
	if accepted {
		k.port, port = e.LocalPort, e.RemotePort
	}
	f := b.flow(&k, listener)
	b.sockets = append(b.sockets, Socket{})
	s := &b.sockets[len(b.sockets)-1]
	s.flow, s.Deadline, s.Port, s.State, s.Timer = f, b.clock+e.Expires, port, state, e.Timer
	if !s.Mini() {
		s.detail = b.keepDetail(&e.Detail, state)
	}
}

func (b *Builder) keepDetail(d *Detail, state State) uint32 {
	if d.orphan(state) {
		b.snap.Orphans++
	}
	b.snap.details = append(b.snap.details, *d)
	return uint32(len(b.snap.details))
}

// orphan: the socket is closing, and no process holds it.
func (d *Detail) orphan(s State) bool { return d.Has&HasInode != 0 && d.Inode == 0 && closing(s) }

// closing are the states in which a socket without an inode is an orphan; in
// the others it waits to be accepted.
func closing(s State) bool {
	return s == StateFinWait1 || s == StateFinWait2 || s == StateLastAck || s == StateClosing
}

// flow interns k. listener is that of an accepted flow: an index in current,
// or past its end in gone, or -1.
func (b *Builder) flow(k *flowKey, listener int32) uint32 {
	if int(b.last) < len(b.table.flows) && b.table.flows[b.last].is(k) {
		return b.last
	}
	i, fresh := b.table.intern(k)
	if fresh && k.accepted && listener >= 0 {
		f := &b.table.flows[i]
		f.Listener = listener
		if int(listener) < len(b.current.all) {
			f.Role = RoleAccepted
		}
	}
	b.last = i
	return i
}

// Finish ends the snapshot and returns it. The caller fills in Taken, Kind,
// Host, Sysctls, Counters, Cost and Gaps.
func (b *Builder) Finish() *Snapshot {
	s := b.snap
	s.Clock = b.clock
	b.group(b.sockets)
	b.reorient()
	b.countLeftovers()
	b.settleListeners()
	s.Flows = b.table.flows
	s.States[StateListen] = uint32(b.current.asked())
	s.States[StateBoundInactive] = uint32(len(s.Bound))
	b.fixDeadlines()
	b.prev, b.snap = s, nil
	b.table, b.prevTable = b.prevTable, b.table
	return s
}

// group sorts in by flow into the snapshot, in one counting pass.
func (b *Builder) group(in []Socket) {
	flows := b.table.flows
	for i := range flows {
		flows[i].n = 0
	}
	for i := range in {
		flows[in[i].flow].n++
	}
	next := make([]uint32, len(flows))
	at := uint32(0)
	for i := range flows {
		flows[i].first, next[i] = at, at
		at += flows[i].n
	}
	out := make([]Socket, len(in))
	for i := range in {
		f := in[i].flow
		out[next[f]] = in[i]
		next[f]++
	}
	b.snap.Sockets = out
}
