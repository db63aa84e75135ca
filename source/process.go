package source

import "time"

// Process is a process of this host that matters to a snapshot: it holds
// sockets, or is near its limit of open files. A nil or zero field is unknown.
type Process struct {
	PID  int
	Name string // /proc/PID/comm, cleaned; at most 15 bytes of the kernel's
	UID  uint32
	User string    // "" where the uid has no name
	Born time.Time // tells two processes with the same PID apart
	Place

	// Files is the number of open descriptors, FilesMax the soft limit
	// (RLIMIT_NOFILE) that open(), socket() and accept() fail at with EMFILE.
	Files, FilesMax *uint64
	// FilesHard is the hard limit, up to which the soft one may be raised
	// without privilege. nil as well where it is no number but "unlimited".
	FilesHard *uint64
}

// Same reports whether both are the same process: a PID is used again.
func (p *Process) Same(q *Process) bool { return p.PID == q.PID && p.Born.Equal(q.Born) }
