package source

import (
	"math/bits"
	"math/rand/v2"
)

// flowKey is what makes a Flow.
type flowKey struct {
	local, remote Addr
	device        uint32
	port          uint16
	accepted      bool
}

func (f *Flow) key() flowKey {
	return flowKey{f.Local, f.Remote, f.Device, f.Port, f.Role != RoleOutgoing}
}

func (f *Flow) is(k *flowKey) bool {
	return f.Port == k.port && f.Remote == k.remote && f.Local == k.local &&
		f.Device == k.device && (f.Role != RoleOutgoing) == k.accepted
}

// flowTable interns flows: open addressing over indices, no pointers. The seed
// keeps a hostile socket table from choosing its collisions.
type flowTable struct {
	slots []uint32 // index in flows plus 1; 0 is empty; len is a power of two
	flows []Flow
	seed  uint64
}

const minSlots = 1 << 10

func (t *flowTable) reset(expect int) {
	t.seed = rand.Uint64()
	t.flows = make([]Flow, 0, expect)
	if t.slots == nil {
		t.slots = make([]uint32, minSlots)
		return
	}
	clear(t.slots)
}

func (k *flowKey) hash(seed uint64) uint64 {
	tail := uint64(k.port) | uint64(k.device)<<16
	if k.accepted {
		tail |= 1 << 48
	}
	h1, l1 := bits.Mul64(k.local.lo^seed, k.remote.lo^bits.RotateLeft64(seed, 23)^0x9e3779b97f4a7c15)
	h2, l2 := bits.Mul64(k.local.hi^l1^tail, k.remote.hi^h1^0xbf58476d1ce4e5b9)
	h3, l3 := bits.Mul64(h2^l2^seed, tail^0x94d049bb133111eb)
	return h3 ^ l3
}

// find returns the index of the flow, -1 where there is none.
func (t *flowTable) find(k *flowKey) int {
	mask := uint64(len(t.slots) - 1)
	for i := k.hash(t.seed) & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return -1
		}
		if t.flows[s-1].is(k) {
			return int(s - 1)
		}
	}
}

// intern returns the index of the flow, and whether it is new.
func (t *flowTable) intern(k *flowKey) (uint32, bool) {
	mask := uint64(len(t.slots) - 1)
	i := k.hash(t.seed) & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if s := t.slots[i] - 1; t.flows[s].is(k) {
			return s, false
		}
	}
	f := Flow{Local: k.local, Remote: k.remote, Device: k.device, Port: k.port, Listener: -1}
	if k.accepted {
		f.Role = RoleGone
	}
	t.flows = append(t.flows, f)
	t.slots[i] = uint32(len(t.flows))
	if 2*len(t.flows) > len(t.slots) {
		t.slots = make([]uint32, 2*len(t.slots))
		t.rehash()
	}
	return uint32(len(t.flows) - 1), true
}

// rehash fills the slots anew.
func (t *flowTable) rehash() {
	clear(t.slots)
	mask := uint64(len(t.slots) - 1)
	for n := range t.flows {
		k := t.flows[n].key()
		i := k.hash(t.seed) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(n + 1)
	}
}
