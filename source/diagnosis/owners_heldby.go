package diagnosis

import (
	"cmp"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// ownerKey tells owners apart: processes by PID and start, and where none is
// known, by the user and the cgroup of the socket.
type ownerKey struct {
	pid  int
	born int64 // UnixNano
	maker
}

// maker is who made a socket, as far as the dump itself tells.
type maker struct {
	uid    uint32
	cgroup uint64
}

func keyOf(p *source.Process) ownerKey { return ownerKey{pid: p.PID, born: p.Born.UnixNano()} }

func makerOf(d *source.Detail) maker { return maker{d.UID, d.Cgroup} }

// stranger is the process of a maker: no PID, no name.
func stranger(s *source.Snapshot, m maker) source.Process {
	p := source.Process{UID: m.uid, Place: s.Owners.PlaceOf(m.cgroup)}
	for i := range s.Owners.Processes {
		if q := &s.Owners.Processes[i]; q.UID == m.uid {
			p.User = q.User
		}
	}
	return p
}

// heldBy counts open sockets by who holds them.
type heldBy struct {
	snap    *source.Snapshot
	n       map[ownerKey]int
	process map[ownerKey]*source.Process
	keys    []ownerKey // of processes, in order of appearance
	nobody  map[maker]int
	makes   map[maker]ownerKey // the one process that has sockets of a maker
	several map[maker]bool
	total   int
}

func newHeldBy(s *source.Snapshot) *heldBy {
	return &heldBy{
		snap: s, n: map[ownerKey]int{}, process: map[ownerKey]*source.Process{}, nobody: map[maker]int{},
		makes: map[maker]ownerKey{}, several: map[maker]bool{},
	}
}

// add counts a socket, and returns its owner.
func (h *heldBy) add(d *source.Detail) (k ownerKey, known bool) {
	h.total++
	m := makerOf(d)
	p := h.snap.Owners.Holder(d.Inode)
	if d.Inode == 0 { // an orphan, or not accepted yet: it is nobody's
		return ownerKey{}, false
	}
	if p == nil {
		if d.Has&source.HasUID != 0 {
			h.nobody[m]++
		}
		return ownerKey{}, false
	}
	k = keyOf(p)
	if h.n[k] == 0 {
		h.keys, h.process[k] = append(h.keys, k), p
	}
	h.n[k]++
	if other, ok := h.makes[m]; ok && other != k {
		h.several[m] = true
	}
	h.makes[m] = k
	return k, true
}

// guess gives sockets that nobody was found for to the one process that has
// others of the same user and cgroup, where there is one, or to the user and
// cgroup themselves.
func (h *heldBy) guess() {
	for m, n := range h.nobody {
		k, ok := h.makes[m]
		switch {
		case ok && !h.several[m]:
			h.n[k] += n
			delete(h.nobody, m)
		case !ok && named(h.snap, m):
			k = ownerKey{maker: m}
			p := stranger(h.snap, m)
			h.keys, h.process[k] = append(h.keys, k), &p
			h.n[k] = n
		}
	}
}

// named reports whether a maker says more than that it is root's.
func named(s *source.Snapshot, m maker) bool {
	return m.uid != 0 || s.Owners.PlaceOf(m.cgroup) != (source.Place{})
}

// owners are the shares of what was counted.
func (h *heldBy) owners() *Owners {
	o := &Owners{Unknown: 1}
	for _, k := range h.keys {
		o.add(Owner{Process: *h.process[k], Share: float64(h.n[k]) / float64(h.total), Basis: OwnerNow, Samples: h.n[k]})
	}
	o.finish()
	return o
}

func (o *Owners) add(w Owner) { o.All = append(o.All, w) }

// finish puts the largest share first, and says what is left.
func (o *Owners) finish() {
	slices.SortStableFunc(o.All, func(a, b Owner) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Process.PID, b.Process.PID), cmp.Compare(a.Process.UID, b.Process.UID),
			cmp.Compare(a.Process.Unit, b.Process.Unit))
	})
	o.All = o.All[:min(len(o.All), maxOwners)]
	o.Unknown = 1
	for i := range o.All {
		o.Unknown -= o.All[i].Share
	}
	if o.Unknown < 1e-9 {
		o.Unknown = 0
	}
}
