package source

import (
	"cmp"
	"slices"
)

// Place is where a process belongs by the path of its cgroup. An empty field
// is what the path does not tell.
type Place struct {
	Unit      string // of systemd: "nginx.service", "session-3.scope"
	Container Container
}

// Container is a container as a cgroup path names it.
type Container struct {
	ID      string // 64 hexadecimal digits as a rule
	Runtime string // "docker", "podman", "containerd", "cri-o", …
	Pod     string // uid of the Kubernetes pod
}

// Cgroup is a cgroup v2 directory by the number that Detail.Cgroup has.
type Cgroup struct {
	ID uint64
	Place
}

// Holder says that a process has a socket open.
type Holder struct {
	Inode   uint32
	Process int32 // index in Owners.Processes
}

// Sighting is an outgoing connection that was seen open between two snapshots.
// One that was seen more than once is here once, as it was seen first.
type Sighting struct {
	Local, Remote         Addr
	LocalPort, RemotePort uint16
	Device                uint32
	// Clock is when it was seen, as Snapshot.Clock.
	Clock  uint32
	Inode  uint32
	UID    uint32
	Cgroup uint64 // 0 if unknown
	// Process is the index in Owners.Processes, -1 where nobody was found.
	Process int32
	// Walk is how long the look took, in µs, 0 where its process was not watched
	// meanwhile: the kernel came by the connection's place in its table at any
	// moment of that. Open is for how much of it the connection was open, 0
	// unless it was seen to be opened during the look: then it stands for
	// Walk ÷ Open of its kind.
	Walk, Open uint32
}

// Owners says who holds the sockets that matter.
type Owners struct {
	Processes []Process // by PID; also those that have ended since
	Holders   []Holder  // of sockets of this snapshot and of the one before, by inode; one each
	Cgroups   []Cgroup  // by ID
	Sightings []Sighting
}

// Holder returns the process that holds a socket by its inode, nil if unknown.
func (o *Owners) Holder(inode uint32) *Process {
	i, ok := slices.BinarySearchFunc(o.Holders, inode, func(h Holder, n uint32) int { return cmp.Compare(h.Inode, n) })
	if !ok {
		return nil
	}
	return o.Process(o.Holders[i].Process)
}

// Process returns a process by its index, nil where there is none.
func (o *Owners) Process(i int32) *Process {
	if i < 0 || int(i) >= len(o.Processes) {
		return nil
	}
	return &o.Processes[i]
}

// PlaceOf returns what is known of a cgroup by its number.
func (o *Owners) PlaceOf(cgroup uint64) Place {
	i, ok := slices.BinarySearchFunc(o.Cgroups, cgroup, func(c Cgroup, id uint64) int { return cmp.Compare(c.ID, id) })
	if !ok {
		return Place{}
	}
	return o.Cgroups[i].Place
}
