package live

import (
	"time"

	"github.com/359a26c5/twtop/source/procnet"
)

// Config says which sockets to look at. The zero Config is the namespace of
// the process, both families, no sysctls but those that the ports depend on.
type Config struct {
	// NetNS is a namespace as `ip netns` names it, or the path of one. It
	// excludes PID.
	NetNS string
	// PID is a process, or thread, whose namespace is looked at; 0 for none.
	PID int
	// Family is 4 or 6 for one family only, 0 for both. An IPv4-mapped
	// connection of an IPv6 socket is IPv4. Listeners and bound sockets are
	// read of both families always, because they block a port for both.
	Family int
	// SysctlKeys are the keys to read into each snapshot, in dots.
	SysctlKeys []string
	// Owners finds out who holds the sockets, and who opens the connections
	// that live between two reads. That takes a thread of its own, up to 2 %
	// of one core, and nothing for more than a few seconds after a Read.
	Owners bool
	// OwnersWait is how long the first Read may wait for who holds what is
	// open; 0 leaves it to the next one.
	OwnersWait time.Duration
	// CgroupRoot is where cgroup2 is, its usual places if empty.
	CgroupRoot string
	// ProcRoot is where procfs is, "/proc" if empty.
	ProcRoot string
}

// procRoot is ProcRoot with its default.
func (c *Config) procRoot() string {
	if c.ProcRoot == "" {
		return "/proc"
	}
	return c.ProcRoot
}

// cgroupRoots are where cgroup2 may be.
func (c *Config) cgroupRoots() []string {
	if c.CgroupRoot != "" {
		return []string{c.CgroupRoot}
	}
	return procnet.CgroupRoots()
}
