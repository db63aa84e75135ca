package textdump

import (
	"hash/maphash"

	"github.com/359a26c5/twtop/source"
)

// table puts the tables of a text together: a socket that several of them
// have is there once, with what each of them tells.
type table struct {
	rows    rows
	slots   []uint32 // index in rows plus 1, of connections; 0 is empty; len is a power of two
	seed    maphash.Seed
	alone   map[tuple]*sameEnd // listeners and bound sockets
	perPort map[uint16]int     // how many of alone
	surplus int                // listeners beyond maxPerPort

	covered [2][source.NumStates]bool // by family and state: some table has such sockets
	whole   bool                      // some table is complete
}

// maxPerPort bounds on how many addresses one port is listened on: each
// connection to the port is compared with all of them.
const maxPerPort = 1 << 10

// tuple is what makes a socket, but for its device, which not every format tells.
type tuple struct {
	local, remote         source.Addr
	localPort, remotePort uint16
}

func tupleOf(e *source.Entry) tuple {
	return tuple{e.Local, e.Remote, e.LocalPort, e.RemotePort}
}

// sameEnd is the sockets that listen on one address (SO_REUSEPORT). Each
// section lists them all: its first is the first, its second the second.
type sameEnd struct {
	rows    []int
	section *section
	used    int // of rows, by section
}

func newTable() *table {
	return &table{
		slots: make([]uint32, 1<<10), seed: maphash.MakeSeed(),
		alone: map[tuple]*sameEnd{}, perPort: map[uint16]int{},
	}
}

// find returns the place of e's socket, -1 where it is not there.
func (t *table) find(e *source.Entry, s *section) int {
	k := tupleOf(e)
	if isEnd(e) {
		return t.alone[k].next(s)
	}
	mask := uint64(len(t.slots) - 1)
	for i := maphash.Comparable(t.seed, k) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		n := int(t.slots[i] - 1)
		have := t.rows.at(n)
		if tupleOf(have) == k && (have.Device == 0 || e.Device == 0 || have.Device == e.Device) {
			return n
		}
	}
	return -1
}

// next returns the next of the sockets that s has not listed yet, -1 for none.
func (x *sameEnd) next(s *section) int {
	if x == nil {
		return -1
	}
	if x.section != s {
		x.section, x.used = s, 0
	}
	if x.used == len(x.rows) {
		return -1
	}
	x.used++
	return x.rows[x.used-1]
}

func (t *table) insert(e *source.Entry, s *section) {
	if isEnd(e) {
		t.insertEnd(e, s)
		return
	}
	n := t.rows.add(e)
	if 2*t.rows.n > len(t.slots) {
		t.slots = make([]uint32, 2*len(t.slots))
		for i := range n {
			if !isEnd(t.rows.at(i)) {
				t.place(i)
			}
		}
	}
	t.place(n)
}

func (t *table) insertEnd(e *source.Entry, s *section) {
	k := tupleOf(e)
	x := t.alone[k]
	if x == nil {
		if t.perPort[e.LocalPort] == maxPerPort {
			t.surplus++
			return
		}
		t.perPort[e.LocalPort]++
		x = &sameEnd{section: s}
		t.alone[k] = x
	}
	x.rows = append(x.rows, t.rows.add(e))
	x.used = len(x.rows)
}

func (t *table) place(n int) {
	mask := uint64(len(t.slots) - 1)
	i := maphash.Comparable(t.seed, tupleOf(t.rows.at(n))) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = uint32(n + 1)
}

// merge takes a section in and returns how many of its sockets were left out.
// Of a table that tells again what others told, sockets that they did not have
// came since, and those that are gone are still counted: it adds details only.
func (t *table) merge(s *section) (left int) {
	again := t.tellsAgain(s)
	s.rows.each(func(e *source.Entry) {
		n := t.find(e, s)
		switch {
		case n >= 0:
			fill(t.rows.at(n), e)
		case again && t.covered[family(e)][e.State]:
			left++
		default:
			t.insert(e, s)
		}
	})
	s.rows.each(func(e *source.Entry) { t.covered[family(e)][e.State] = true })
	t.whole = t.whole || s.complete()
	return left
}

// tellsAgain reports whether half of the connections are known, or half of the
// listeners where this and another table are complete.
func (t *table) tellsAgain(s *section) bool {
	if t.rows.n == 0 {
		return false
	}
	listeners, others := 0, 0
	s.rows.each(func(e *source.Entry) {
		switch {
		case isEnd(e):
			if t.alone[tupleOf(e)] != nil {
				listeners++
			}
		case t.find(e, s) >= 0:
			others++
		}
	})
	return s.others > 0 && 2*others >= s.others ||
		t.whole && s.complete() && 2*listeners >= s.listeners
}

func family(e *source.Entry) int {
	if e.Local.Is4() {
		return 0
	}
	return 1
}

// fill adds to a socket what another table tells of it.
func fill(have, e *source.Entry) {
	if have.State == 0 {
		have.State = e.State
	}
	if have.State != e.State {
		return
	}
	if have.Timer == source.TimerUnknown {
		have.Timer, have.Expires = e.Timer, e.Expires
	}
	if have.Device == 0 {
		have.Device = e.Device
	}
	fillDetail(&have.Detail, &e.Detail)
}

func fillDetail(have, d *source.Detail) {
	fresh := d.Has &^ have.Has
	has := func(group source.Has) bool { return fresh&group != 0 }
	if has(source.HasQueues) {
		have.RecvQ, have.SendQ = d.RecvQ, d.SendQ
	}
	if has(source.HasUID) {
		have.UID = d.UID
	}
	if has(source.HasInode) {
		have.Inode = d.Inode
	}
	if has(source.HasInfo) {
		have.Options, have.RTT = d.Options, d.RTT
		have.LastDataSent, have.LastDataRecv, have.LastAckRecv = d.LastDataSent, d.LastDataRecv, d.LastAckRecv
	}
	if has(source.HasV6Only) {
		have.V6Only = d.V6Only
	}
	if has(source.HasRetrans) {
		have.Retrans = d.Retrans
	}
	have.Has |= fresh
}
