package source

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// Namespace is a network namespace of this host, as it was found. An empty
// field is not known.
type Namespace struct {
	// Inode is the number in "net:[4026531840]". It is used again as soon as
	// the namespace is gone; Cookie (SO_NETNS_COOKIE) is not, until the next
	// boot. It is 0 where the namespace could not be entered, or the kernel is
	// older than 5.14.
	Inode, Cookie uint64
	// Names are what `ip netns` calls it, cleaned; Mounts the files that it is
	// bound to, whoever did that, cleaned as well.
	Names, Mounts []string
	// Paths lead to it while what they go through is there, the most lasting
	// first. They are as the kernel has them, not for anybody's eyes.
	Paths []string
	// Processes are examples of those in it, one of each name; Members is how
	// many there are, threads that went there alone included.
	Processes []Process
	Members   int
	Container Container

	Own   bool // that of this process
	First bool // that of the host, which every other one was split off
	// Foreign: it belongs to another user namespace than this process's.
	Foreign bool
	// Refused says why it cannot be entered; "" if it can.
	Refused string
}

// Same reports whether both are the same namespace, as far as can be told.
func (n *Namespace) Same(o *Namespace) bool {
	if n.Cookie != 0 && o.Cookie != 0 {
		return n.Cookie == o.Cookie
	}
	return n.Inode == o.Inode
}

// Link is what the kernel calls it, "net:[4026531840]".
func (n *Namespace) Link() string { return fmt.Sprintf("net:[%d]", n.Inode) }

// String is the shortest that a person knows it by: a name of `ip netns`, its
// container, a process in it, or else what it is bound to.
func (n *Namespace) String() string {
	switch {
	case len(n.Names) > 0:
		return n.Names[0]
	case n.First:
		return "host"
	case n.Container.ID != "":
		return n.Container.Short()
	case len(n.Processes) > 0 && n.Processes[0].Name != "":
		return fmt.Sprintf("%s (%d)", n.Processes[0].Name, n.Processes[0].PID)
	case len(n.Mounts) > 0:
		return path.Base(n.Mounts[0])
	}
	return n.Link()
}

// Short is a container as `docker ps` shows it, by 12 digits.
func (c *Container) Short() string {
	const digits = 12
	return strings.TrimSpace(c.Runtime + " " + c.ID[:min(digits, len(c.ID))])
}

// Verdict is what is said of a snapshot of a namespace.
type Verdict struct {
	// Pressure is that of the worst destination in percent, and Free what
	// connect() gets there now; FreeExact is false where that is an upper bound.
	Pressure  float64
	Free      int
	FreeExact bool
	// Destination is the worst one, "" where nothing is connected to.
	Destination string
	Capacity    int // ports for each destination
	// Critical and Warning are the severity of Headline.
	Critical, Warning bool
	Headline          string
}

// Standing is a namespace with how it stood when it was last looked into.
type Standing struct {
	Namespace
	// Looked is when; zero where nobody has looked yet, or could.
	Looked time.Time
	Range  PortRange // of local ports, if RangeKnown
	// RangeKnown is false as well where nobody looked.
	RangeKnown bool
	// Sockets is how many of any kind may hold a port, those in TIME_WAIT
	// included; nil if unknown.
	Sockets, TimeWait *int
	// AtMost bounds the pressure in percent by these two figures: each socket
	// holds one port at the most. nil if unknown.
	AtMost *float64
	// Verdict is nil where the sockets were not listed, because so few cannot
	// run short, or could not be.
	Verdict *Verdict
	// Gone: it is not there any more.
	Gone bool
	// Trouble says why there is no look, or no verdict, though one was due.
	Trouble string
}

// Pressure is that of the worst destination in percent, and whether it is an
// upper bound; ok is false where it is not known.
func (s *Standing) Pressure() (percent float64, atMost, ok bool) {
	switch {
	case s.Verdict != nil:
		return s.Verdict.Pressure, false, true
	case s.AtMost != nil:
		return *s.AtMost, true, true
	}
	return 0, false, false
}

// Exhausted reports whether connect() gets no port for some destination now.
func (s *Standing) Exhausted() bool {
	return !s.Gone && s.Verdict != nil && s.Verdict.Pressure >= 100
}

// WorseFirst orders standings by how much has to be done about them: measured
// pressure before a bound of it, known before unknown, gone last.
func WorseFirst(a, b Standing) int {
	if d := rank(&a) - rank(&b); d != 0 {
		return d
	}
	p, _, _ := a.Pressure()
	q, _, _ := b.Pressure()
	switch {
	case p > q:
		return -1
	case p < q:
		return 1
	case a.Own != b.Own:
		if a.Own {
			return -1
		}
		return 1
	}
	return compareIDs(&a.Namespace, &b.Namespace)
}

func rank(s *Standing) int {
	_, atMost, ok := s.Pressure()
	switch {
	case s.Gone:
		return 3
	case !ok:
		return 2
	case atMost:
		return 1
	}
	return 0
}

// compareIDs keeps rows with nothing else between them in one order.
func compareIDs(a, b *Namespace) int {
	for _, p := range [...][2]uint64{{a.Inode, b.Inode}, {a.Cookie, b.Cookie}} {
		if p[0] != p[1] {
			if p[0] < p[1] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// NoPortLeft says which namespaces have no port left, "" if none:
// "1 of 43 namespaces has no port left: payments".
func NoPortLeft(list []Standing) string {
	const named = 3
	var names []string
	n, there := 0, 0
	for i := range list {
		if list[i].Gone {
			continue
		}
		there++
		if list[i].Exhausted() {
			if n++; n <= named {
				names = append(names, list[i].String())
			}
		}
	}
	if n == 0 {
		return ""
	}
	if n > named {
		names = append(names, fmt.Sprintf("and %d more", n-named))
	}
	has := "has"
	if n > 1 {
		has = "have"
	}
	return fmt.Sprintf("%d of %d namespaces %s no port left: %s", n, there, has, strings.Join(names, ", "))
}
