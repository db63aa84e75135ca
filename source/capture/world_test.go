package capture_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// world is a host whose sockets come and go at random: few addresses and
// ports, so that everything collides all the time.
type world struct {
	rng     *rand.Rand
	builder *source.Builder

	clock   uint32
	taken   time.Time
	conns   []conn
	ls      []source.Listener
	bound   []source.Bound
	sysctls map[string]string
	count   source.Counters
	procs   []source.Process
	gaps    []string
	host    source.Host
	ports   source.PortRange
	inode   uint32
	untimed bool // /proc/net/tcp without timers
	kind    source.Kind
	owners  *source.Owners
	unique  bool // no tuple is there twice
}

// conn is a connection, with the moment that its timer fires.
type conn struct {
	source.Entry
	deadline uint32
	gone     uint32    // when the kernel's timer wheel ends it
	moments  [3]uint32 // of the last data sent and received, and of the last ACK
}

func newWorld(seed uint64) *world {
	w := &world{
		rng: rand.New(rand.NewPCG(seed, 7)), builder: source.NewBuilder(),
		taken: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC), kind: source.KindLive,
		ports: source.DefaultPortRange, sysctls: map[string]string{"net.ipv4.tcp_tw_reuse": "2"},
		host: source.Host{Name: "web-3", Kernel: "6.18.44", NetNS: "net:[1]", Cookie: 1, BootID: "b"},
	}
	w.clock = w.rng.Uint32()
	switch w.rng.IntN(4) {
	case 0:
		w.clock = -uint32(w.rng.IntN(60_000)) // wraps soon
	case 1:
		w.untimed, w.kind = w.rng.IntN(2) == 0, source.KindProc
	}
	for range w.rng.IntN(4) {
		w.listen()
	}
	return w
}

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

var addrs = []string{"127.0.0.1", "10.0.0.1", "10.0.0.2", "192.0.2.7", "192.0.2.8", "::1", "2001:db8::1", "2001:db8::2", "fe80::1"}

func (w *world) addr() source.Addr {
	return source.AddrFrom(netip.MustParseAddr(addrs[w.rng.IntN(len(addrs))]))
}

func (w *world) port() uint16 {
	return [...]uint16{80, 443, 4001, 1023, 32768, 40000, 40001, 40002, 40003, 60999}[w.rng.IntN(10)]
}

func (w *world) listen() {
	l := source.Listener{Local: w.addr(), Port: w.port(), Detail: w.detail()}
	if w.chance(30) {
		l.Local = source.AddrFrom(netip.MustParseAddr([]string{"0.0.0.0", "::"}[w.rng.IntN(2)]))
	}
	l.Detail.Has = l.Detail.Has&^source.HasInfo | source.HasV6Only
	l.Detail.V6Only, l.Detail.Options, l.Detail.RTT = w.chance(20), 0, 0
	if w.chance(20) {
		l.Device = uint32(1 + w.rng.IntN(2))
	}
	l.Unasked = w.chance(10)
	w.ls = append(w.ls, l)
	if w.chance(30) { // SO_REUSEPORT
		w.inode++
		l.Detail.Has |= source.HasInode
		l.Detail.Inode = w.inode
		w.ls = append(w.ls, l)
	}
}

func (w *world) detail() source.Detail {
	w.inode += uint32(w.rng.IntN(5))
	d := source.Detail{
		Has: source.HasQueues | source.HasUID | source.HasInode, UID: uint32(w.rng.IntN(3)) * 33, Inode: w.inode,
		RecvQ: uint32(w.rng.IntN(3)) * 1000, SendQ: uint32(w.rng.IntN(2)) * 77,
	}
	if w.chance(50) {
		d.Has |= source.HasCgroup | source.HasRetrans
		d.Cgroup, d.Retrans = uint64(w.rng.IntN(3))<<40, uint8(w.rng.IntN(3))
	}
	if w.chance(20) {
		d.Inode = 0
	}
	if w.chance(50) {
		d.Has |= source.HasInfo
		d.Options, d.RTT = uint8(w.rng.IntN(256)), uint32(w.rng.IntN(1e6))
	}
	if w.chance(5) {
		d = source.Detail{}
	}
	return d
}

func (w *world) open() {
	c := conn{Entry: source.Entry{Local: w.addr(), Remote: w.addr(), LocalPort: uint16(32768 + w.rng.IntN(300)), RemotePort: w.port()}}
	if w.chance(30) {
		c.LocalPort, c.RemotePort = c.RemotePort, c.LocalPort
	}
	if w.chance(10) {
		c.LocalPort = w.port()
	}
	if w.chance(5) {
		c.Device = uint32(1 + w.rng.IntN(2))
	}
	c.State = []source.State{source.StateEstablished, source.StateSynSent, source.StateSynRecv, source.StateNewSynRecv, 15}[min(w.rng.IntN(40), 4)]
	w.fresh(&c)
	w.conns = append(w.conns, c)
	if w.chance(3) { // a dump is not atomic
		w.conns = append(w.conns, c)
	}
}

// fresh makes c a full socket.
func (w *world) fresh(c *conn) {
	c.Detail = w.detail()
	for i := range c.moments {
		c.moments[i] = w.clock - uint32(w.rng.IntN(5000))
		if w.chance(3) {
			c.moments[i] = w.clock - w.rng.Uint32()
		}
	}
	c.Timer = source.Timer(w.rng.IntN(int(source.TimerUnknown) + 1))
	if c.Timer == source.TimerTimeWait {
		c.Timer = source.TimerNone
	}
	c.deadline = w.clock + uint32(w.rng.IntN(7_200_000))
}

// wait makes c a mini-socket.
func (w *world) wait(c *conn, s source.State, ms int) {
	c.State, c.Timer, c.Detail = s, source.TimerTimeWait, source.Detail{}
	c.deadline = w.clock + uint32(ms) - uint32(w.rng.IntN(1000))
	c.gone = c.deadline + uint32(w.rng.IntN(2000))
}

// step goes on by some time.
func (w *world) step() {
	ms := 200 + w.rng.IntN(2000)
	if w.chance(3) {
		ms = 70_000
	}
	w.clock, w.taken = w.clock+uint32(ms), w.taken.Add(time.Duration(ms)*time.Millisecond+time.Duration(w.rng.IntN(1e6)))
	if w.chance(2) {
		w.taken = w.taken.Add(-time.Hour)
	}
	kept := w.conns[:0]
	for _, c := range w.conns {
		if w.live(&c) {
			kept = append(kept, c)
		}
	}
	w.conns = kept
	for range w.rng.IntN(40) {
		w.open()
	}
	w.facts()
}

// live is what becomes of a connection; false where it is gone.
func (w *world) live(c *conn) bool {
	if c.Mini() {
		switch {
		case int32(w.clock-c.gone) >= 0:
			return false
		case c.State == source.StateFinWait2 && w.chance(10):
			w.wait(c, source.StateTimeWait, 60_000)
		case w.chance(2): // reused
			c.State = source.StateEstablished
			w.fresh(c)
		case w.chance(1): // a TIME_WAIT on the port again, between two looks
			w.wait(c, source.StateTimeWait, 60_000)
		}
		return !w.chance(1)
	}
	switch w.rng.IntN(12) {
	case 0:
		w.wait(c, source.StateTimeWait, 60_000)
	case 1:
		w.wait(c, source.StateFinWait2, 60_000)
	case 2:
		c.State = []source.State{source.StateCloseWait, source.StateFinWait1, source.StateFinWait2, source.StateLastAck, source.StateClosing, source.StateEstablished, source.StateClose}[w.rng.IntN(7)]
	case 3:
		c.moments[w.rng.IntN(3)] = w.clock
		if c.Detail.Has&source.HasQueues != 0 {
			c.Detail.RecvQ = uint32(w.rng.IntN(4))
		}
	case 4:
		w.fresh(c)
	case 5:
		return false
	}
	return true
}

// facts changes what is no connection, now and then.
func (w *world) facts() {
	if w.chance(20) {
		w.listen()
	}
	if len(w.ls) > 0 && w.chance(25) {
		i := w.rng.IntN(len(w.ls))
		w.ls = slices.Delete(slices.Clone(w.ls), i, i+1)
	}
	if len(w.ls) > 0 && w.chance(50) {
		w.ls = slices.Clone(w.ls)
		l := &w.ls[w.rng.IntN(len(w.ls))]
		l.Detail.Has, l.Detail.RecvQ = l.Detail.Has|source.HasQueues, uint32(w.rng.IntN(200))
	}
	if w.chance(30) {
		w.bound = append(slices.Clip(w.bound), source.Bound{Local: w.addr(), Port: w.port(), Device: uint32(w.rng.IntN(2)), Detail: source.Detail{Has: source.HasInode, Inode: w.inode}})
	}
	if len(w.bound) > 0 && w.chance(20) {
		w.bound = slices.Clone(w.bound[1:])
	}
	switch w.rng.IntN(20) {
	case 0:
		w.sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": fmt.Sprint(w.rng.IntN(3)), fmt.Sprint("net.x", w.rng.IntN(4)): "1 2 3"}
	case 1:
		w.sysctls = nil
	case 2:
		w.gaps = append(slices.Clip(w.gaps), fmt.Sprintf("no %d, because", w.rng.IntN(9)))
	case 3:
		w.gaps = nil
	case 4:
		w.host.Cookie++
	case 5:
		w.ports = source.PortRange{Low: uint16(30000 + w.rng.IntN(3)), High: 60000}
	case 6:
		w.procs = nil
	case 7:
		w.procs = []source.Process{}
	}
	for _, c := range []**uint64{&w.count.ActiveOpens, &w.count.TWRecycled, &w.count.FilesMax, &w.count.Orphans} {
		switch w.rng.IntN(4) {
		case 0:
			*c = nil
		case 1:
			v := w.rng.Uint64() >> w.rng.IntN(64)
			*c = &v
		}
	}
	w.own()
	if w.procs != nil && w.chance(40) {
		files := uint64(w.rng.IntN(1000))
		p := source.Process{PID: w.rng.IntN(1 << 22), Name: "nginx", UID: 33, User: "www-data", Files: &files}
		if w.chance(50) {
			p.Born = w.taken.Add(-time.Hour)
		}
		w.procs = append(slices.Clip(w.procs), p)
	}
}

// own changes who holds what.
func (w *world) own() {
	o := new(source.Owners)
	switch {
	case w.chance(10):
		w.owners = nil
		return
	case w.owners != nil:
		*o = *w.owners
	}
	w.owners = o
	o.Sightings, o.Holders = nil, nil
	if w.chance(50) {
		p := source.Process{PID: 1 + w.rng.IntN(40), Name: "curl", Born: w.taken, Place: source.Place{Unit: "x.service", Container: source.Container{ID: "c1", Runtime: "docker"}}}
		o.Processes = append(slices.Clip(o.Processes), p)
		slices.SortStableFunc(o.Processes, func(a, b source.Process) int { return cmp.Compare(a.PID, b.PID) })
	}
	if len(o.Processes) > 20 {
		o.Processes = o.Processes[w.rng.IntN(5):]
	}
	for i := range w.rng.IntN(30) {
		o.Holders = append(o.Holders, source.Holder{Inode: uint32(i * 3), Process: int32(w.rng.IntN(len(o.Processes)+1)) - 1})
		o.Sightings = append(o.Sightings, source.Sighting{
			Local: w.addr(), Remote: w.addr(), LocalPort: w.port(), RemotePort: w.port(), Clock: w.clock - uint32(w.rng.IntN(2000)),
			Inode: w.rng.Uint32(), UID: uint32(w.rng.IntN(3)), Cgroup: uint64(w.rng.IntN(2)), Process: int32(w.rng.IntN(len(o.Processes)+1)) - 1,
			Walk: uint32(w.rng.IntN(9000)), Open: uint32(w.rng.IntN(2)) * w.rng.Uint32(),
		})
	}
	if w.chance(20) {
		id := uint64(1)
		if n := len(o.Cgroups); n > 0 {
			id += o.Cgroups[n-1].ID
		}
		o.Cgroups = append(slices.Clip(o.Cgroups), source.Cgroup{ID: id, Place: source.Place{Unit: "y.scope"}})
	}
}

// look is what a source makes of the world now.
func (w *world) look() *source.Snapshot {
	f := source.Frame{Clock: w.clock, Range: w.ports, RangeKnown: !w.chance(5), Listeners: slices.Clone(w.ls), Bound: slices.Clone(w.bound)}
	if w.chance(30) {
		f.Reserved.AddRange(source.PortRange{Low: 40000, High: uint16(40000 + w.rng.IntN(9))})
	}
	w.rng.Shuffle(len(f.Listeners), func(i, j int) { f.Listeners[i], f.Listeners[j] = f.Listeners[j], f.Listeners[i] })
	w.rng.Shuffle(len(w.conns), func(i, j int) { w.conns[i], w.conns[j] = w.conns[j], w.conns[i] })
	w.builder.Begin(f)
	info := !w.chance(20) // tcp_info is dear: not in each frame
	type tuple struct {
		local, remote         source.Addr
		localPort, remotePort uint16
	}
	seen := map[tuple]bool{}
	for i := range w.conns {
		e := w.conns[i].Entry
		if k := (tuple{e.Local, e.Remote, e.LocalPort, e.RemotePort}); !seen[k] || !w.unique {
			seen[k] = true
		} else {
			continue
		}
		w.shown(&e, &w.conns[i], info)
		w.builder.Add(&e)
	}
	s := w.builder.Finish()
	s.Taken, s.Kind, s.Host, s.Sysctls, s.Counters = w.taken, w.kind, w.host, w.sysctls, w.count
	s.Owners = w.owners
	s.Processes, s.Gaps, s.BlockersUnknown = w.procs, w.gaps, w.chance(10)
	s.Cost = source.Cost{Wall: time.Duration(w.rng.IntN(1e9)), CPU: time.Duration(w.rng.IntN(1e9)), Interrupted: w.chance(5)}
	return s
}

// shown is the entry as a dump has it: its timers wobble by up to 30 ms, in
// ticks of 4.
func (w *world) shown(e *source.Entry, c *conn, info bool) {
	wobble := func() uint32 { return uint32(4 * (w.rng.IntN(8) - 4)) }
	e.Expires = uint32(max(int32(c.deadline-w.clock+wobble()), 0))
	if w.untimed {
		e.Timer, e.Expires = source.TimerUnknown, 0
	}
	if e.Mini() {
		return
	}
	if !info {
		e.Detail.Has &^= source.HasInfo
		e.Detail.Options, e.Detail.RTT = 0, 0
	}
	if e.Detail.Has&source.HasInfo != 0 {
		e.Detail.LastDataSent = w.clock - c.moments[0] + 16 + wobble()
		e.Detail.LastDataRecv = w.clock - c.moments[1] + 4
		e.Detail.LastAckRecv = w.clock - c.moments[2] + 8
	}
}
