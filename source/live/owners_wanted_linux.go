package live

import (
	"cmp"
	"slices"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/inetdiag"
)

// Bounds of what is looked for: the flows that a screen could show at the top,
// and of those what tells who is behind them.
const (
	maxOwnedFlows    = 64
	maxOwnedPerFlow  = 1024    // sockets
	maxOwnedInodes   = 8192    // in all
	maxOwnedScan     = 1 << 18 // sockets looked at in a frame: 0.5 ms
	maxOwnedListener = 512
	maxTargets       = 8
)

// A destination churns where it had so many closes lately, in the last
// churnSpan ms.
const (
	churnSpan  = 2000
	churnFewer = 8
)

// wanted is what one frame wants to know.
type wanted struct {
	inodes  map[uint32]bool // open sockets that matter; true: they were there in the frame before too
	uids    map[uint32]bool // their creators'
	cgroups map[uint64]bool
	targets []inetdiag.Target // destinations that churn, the busiest first
}

func newWanted() *wanted {
	return &wanted{inodes: map[uint32]bool{}, uids: map[uint32]bool{}, cgroups: map[uint64]bool{}}
}

// collect picks what matters of s. first: there is no frame before, and all
// that is there is worth a sweep.
func collect(s *source.Snapshot, before *wanted, first bool) *wanted {
	w := newWanted()
	add := func(d *source.Detail) bool {
		if d.Has&source.HasCgroup != 0 && d.Cgroup != 0 {
			w.cgroups[d.Cgroup] = true
		}
		if d.Has&source.HasInode == 0 || d.Inode == 0 || len(w.inodes) >= maxOwnedInodes {
			return false
		}
		_, known := before.inodes[d.Inode]
		w.inodes[d.Inode] = known || first
		if d.Has&source.HasUID != 0 {
			w.uids[d.UID] = true
		}
		return true
	}
	for i := range s.Listeners[:min(len(s.Listeners), maxOwnedListener)] {
		add(&s.Listeners[i].Detail)
	}
	for i := range s.Bound[:min(len(s.Bound), maxOwnedListener)] {
		add(&s.Bound[i].Detail)
	}
	scan := maxOwnedScan
	var churn []churning
	for _, i := range largest(s.Flows) {
		lately, n := 0, 0
		for _, k := range s.SocketsOf(i) {
			if scan--; scan < 0 {
				break
			}
			switch d := s.DetailOf(&k); {
			case k.State == source.StateTimeWait && k.Timer == source.TimerTimeWait:
				if int32(k.Deadline-s.Clock) > 60_000-churnSpan {
					lately++
				}
			case d != nil && n < maxOwnedPerFlow && add(d):
				n++
			}
		}
		if f := &s.Flows[i]; f.Role == source.RoleOutgoing && lately >= churnFewer {
			churn = append(churn, churning{inetdiag.Target{Remote: f.Remote, Port: f.Port}, lately})
		}
	}
	w.targets = busiest(churn)
	return w
}

// churning is a far end and its closes lately.
type churning struct {
	inetdiag.Target
	closes int
}

func busiest(all []churning) (to []inetdiag.Target) {
	slices.SortFunc(all, func(a, b churning) int { return cmp.Compare(b.closes, a.closes) })
	for i := range all {
		if len(to) < maxTargets && !slices.Contains(to, all[i].Target) {
			to = append(to, all[i].Target)
		}
	}
	return to
}

// largest returns the flows with most sockets, the largest first.
func largest(flows []source.Flow) []int {
	var top []int
	for i := range flows {
		n := flows[i].Len()
		if len(top) == maxOwnedFlows {
			if n <= flows[top[maxOwnedFlows-1]].Len() {
				continue
			}
			top = top[:maxOwnedFlows-1]
		}
		at, _ := slices.BinarySearchFunc(top, n, func(j, n int) int { return cmp.Compare(n, flows[j].Len()) })
		for at < len(top) && flows[top[at]].Len() == n {
			at++
		}
		top = slices.Insert(top, at, i)
	}
	return top
}
