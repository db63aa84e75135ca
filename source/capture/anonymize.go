package capture

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Anonymizer takes out of snapshots what tells whose host it is, and leaves
// what a diagnosis goes by. Within one Anonymizer everything has the same
// stand-in always; without its secret nobody can tell what for.
//
//   - Addresses are mapped; see cipher.addr for what of them is kept.
//   - The names of the host and of its namespace, of processes and users, and
//     the kernel's suffix are left out. The boot id and the namespace's cookie
//     are mapped.
//   - User ids but 0, cgroups and process ids are numbered in the order in
//     which they were seen first.
//   - What could not be read is told as a number: its words have paths in them.
//   - Of the sysctls those are left that are numbers.
//
// Ports, inodes of sockets, times and counters are kept. It is not safe for
// concurrent use.
type Anonymizer struct {
	secret              cipher
	uids, cgroups, pids numbers
}

// NewAnonymizer returns an Anonymizer. The secret must be random, of no other
// capture, and kept nowhere.
func NewAnonymizer(secret [32]byte) *Anonymizer {
	return &Anonymizer{secret: newCipher(secret), uids: numbers{first: 1000}, cgroups: numbers{first: 1}, pids: numbers{first: 1}}
}

// Header is h without what tells whose host it is.
func (a *Anonymizer) Header(h Header) Header {
	h.Host, h.NetNS, h.Kernel, h.Anonymized = "", "", release(h.Kernel), true
	return h
}

// Snapshot returns s as a stranger may see it. s is not changed.
func (a *Anonymizer) Snapshot(s *source.Snapshot) (*source.Snapshot, error) {
	c := *s
	c.Host = source.Host{Kernel: release(s.Host.Kernel), Cookie: a.cookie(s.Host.Cookie), BootID: a.bootID(s.Host.BootID)}
	c.Listeners, c.Bound, c.Processes = a.listeners(s.Listeners), a.bound(s.Bound), a.processes(s.Processes)
	c.Owners = a.owners(s.Owners)
	c.Sysctls, c.Gaps = numeric(s.Sysctls), counted(s.Gaps)
	p := s.Parts()
	for i := range p.Flows {
		f := &p.Flows[i]
		f.Local, f.Remote = a.secret.addr(f.Local), a.secret.addr(f.Remote)
	}
	for i := range p.Details {
		a.detail(&p.Details[i])
	}
	return &c, c.Assemble(p)
}

func (a *Anonymizer) detail(d *source.Detail) {
	if d.Has&source.HasUID != 0 && d.UID != 0 {
		d.UID = uint32(a.uids.of(uint64(d.UID)))
	}
	if d.Has&source.HasCgroup != 0 && d.Cgroup != 0 {
		d.Cgroup = a.cgroups.of(d.Cgroup)
	}
}

func (a *Anonymizer) listeners(all []source.Listener) []source.Listener {
	out := append([]source.Listener(nil), all...)
	for i := range out {
		out[i].Local = a.secret.addr(out[i].Local)
		a.detail(&out[i].Detail)
	}
	return out
}

func (a *Anonymizer) bound(all []source.Bound) []source.Bound {
	out := append([]source.Bound(nil), all...)
	for i := range out {
		out[i].Local = a.secret.addr(out[i].Local)
		a.detail(&out[i].Detail)
	}
	return out
}

// processes keeps what is not a name. A field that is not known to it is not
// kept.
func (a *Anonymizer) processes(all []source.Process) []source.Process {
	if all == nil {
		return nil
	}
	out := make([]source.Process, len(all))
	for i := range all {
		p := &all[i]
		out[i] = source.Process{PID: int(a.pids.of(uint64(p.PID))), Born: p.Born, Files: p.Files, FilesMax: p.FilesMax, FilesHard: p.FilesHard}
		if p.UID != 0 {
			out[i].UID = uint32(a.uids.of(uint64(p.UID)))
		}
	}
	return out
}

// owners keeps who holds what, without names: the lists are sorted by numbers,
// and so are sorted anew.
func (a *Anonymizer) owners(o *source.Owners) *source.Owners {
	if o == nil {
		return nil
	}
	c := &source.Owners{Processes: a.processes(o.Processes), Holders: slices.Clone(o.Holders), Sightings: slices.Clone(o.Sightings)}
	place := a.sortByPID(c.Processes)
	at := func(i int32) int32 {
		if i < 0 || int(i) >= len(place) {
			return -1
		}
		return place[i]
	}
	for i := range c.Holders {
		c.Holders[i].Process = at(c.Holders[i].Process)
	}
	for i := range c.Sightings {
		s := &c.Sightings[i]
		s.Local, s.Remote, s.Process = a.secret.addr(s.Local), a.secret.addr(s.Remote), at(s.Process)
		if s.UID != 0 {
			s.UID = uint32(a.uids.of(uint64(s.UID)))
		}
		if s.Cgroup != 0 {
			s.Cgroup = a.cgroups.of(s.Cgroup)
		}
	}
	for _, g := range o.Cgroups {
		c.Cgroups = append(c.Cgroups, source.Cgroup{ID: a.cgroups.of(g.ID)})
	}
	slices.SortFunc(c.Cgroups, func(x, y source.Cgroup) int { return cmp.Compare(x.ID, y.ID) })
	return c
}

// sortByPID sorts processes and returns where each of them went.
func (a *Anonymizer) sortByPID(all []source.Process) []int32 {
	order, place := make([]int, len(all)), make([]int32, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(all[i].PID, all[j].PID) })
	sorted := make([]source.Process, len(all))
	for at, i := range order {
		sorted[at], place[i] = all[i], int32(at)
	}
	copy(all, sorted)
	return place
}

func (a *Anonymizer) cookie(c uint64) uint64 {
	if c == 0 {
		return 0
	}
	return a.secret.permute(64, c, "cookie")
}

func (a *Anonymizer) bootID(id string) string {
	if id == "" {
		return ""
	}
	sum := a.secret.sum("boot " + id)
	return hex.EncodeToString(sum[:8])
}

// release is the numbers that `uname -r` begins with: what follows them says
// who built the kernel.
func release(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		return s
	}
	return strings.TrimRight(s[:end], ".")
}

// numeric are the sysctls whose value is numbers.
func numeric(all map[string]string) map[string]string {
	if all == nil {
		return nil
	}
	out := make(map[string]string, len(all))
	for k, v := range all {
		if strings.Trim(v, "0123456789 ,-") == "" {
			out[k] = v
		}
	}
	return out
}

func counted(gaps []string) []string {
	switch len(gaps) {
	case 0:
		return nil
	case 1:
		return []string{"one thing could not be read; anonymized captures do not say what"}
	}
	return []string{fmt.Sprintf("%d things could not be read; anonymized captures do not say which", len(gaps))}
}

// numbers numbers what it sees, from first on.
type numbers struct {
	first uint64
	seen  map[uint64]uint64
}

// maxNumbers bounds the memory of numbers: all that come later share one.
const maxNumbers = 1 << 16

func (n *numbers) of(v uint64) uint64 {
	if m, ok := n.seen[v]; ok {
		return m
	}
	if len(n.seen) >= maxNumbers {
		return n.first + maxNumbers
	}
	if n.seen == nil {
		n.seen = make(map[uint64]uint64)
	}
	m := n.first + uint64(len(n.seen))
	n.seen[v] = m
	return m
}
