package source

import "time"

// Host is where a snapshot was taken.
type Host struct {
	Name   string
	Kernel string // uname -r
	NetNS  string // "net:[4026531840]", or the name it was asked for by
	Cookie uint64 // SO_NETNS_COOKIE; 0 if unknown. Inode numbers are used again, this is not.
	BootID string
}

// Cost is what taking a snapshot took.
type Cost struct {
	Wall, CPU   time.Duration
	Interrupted bool // the kernel said NLM_F_DUMP_INTR, also the second time
	// Search is the CPU time that the search for owners took since the snapshot
	// before. It goes by the clock: fewer snapshots make it no less.
	Search time.Duration
}

// Counters are figures of the kernel's that are no socket. A nil one is absent
// on this kernel, or could not be read.
type Counters struct {
	ActiveOpens      *uint64 // /proc/net/snmp Tcp: connect() that sent a SYN
	PassiveOpens     *uint64
	AttemptFails     *uint64
	EstabResets      *uint64
	ListenOverflows  *uint64 // /proc/net/netstat TcpExt
	ListenDrops      *uint64
	TWRecycled       *uint64 // TIME_WAITs that were reused
	TimeWaitOverflow *uint64 // TCPTimeWaitOverflow
	Orphans          *uint64 // /proc/net/sockstat; host-wide
	ConntrackCount   *uint64
	ConntrackMax     *uint64 // host-wide
	FilesOpen        *uint64 // fs.file-nr; host-wide
	FilesMax         *uint64
}

// Snapshot is one look at a network namespace. It is a value: nobody changes
// it once it is built, and it may be kept as long as one likes.
type Snapshot struct {
	Taken time.Time
	// Clock is the moment of the snapshot on the clock of its deadlines,
	// milliseconds modulo 2³².
	Clock uint32
	Kind  Kind
	// Origin is what a recorded snapshot was made from; "" where it is not of
	// a capture, or not known.
	Origin Kind
	Host   Host

	Range      PortRange
	RangeKnown bool // false: Range is assumed, the source did not tell
	Reserved   PortSet

	Flows     []Flow
	Sockets   []Socket // grouped by flow
	details   []Detail
	Listeners []Listener
	Bound     []Bound
	// BlockersUnknown: something may take ports from every destination that is
	// not here: a listener, a bound-inactive socket, a reserved port, or a
	// connection of the family that was not asked for, whose client bound its
	// port first or whose listener went away.
	BlockersUnknown bool
	States          StateCounts
	// Ambiguous counts sockets of this host of which it cannot be told whether
	// they hold their port alone or, accepted by a listener that went away,
	// for every destination. Where it is not 0, ports may be fewer than they look.
	Ambiguous int
	// Orphans counts full sockets that are closing and that no process holds.
	Orphans int

	// Sysctls maps keys in dots ("net.ipv4.tcp_tw_reuse") to values as the
	// kernel prints them, spaces folded. An absent key is not in the map.
	Sysctls  map[string]string
	Counters Counters
	// Processes are those that matter; nil where nobody looked.
	Processes []Process
	// Owners says who holds the sockets; nil where nobody looked.
	Owners *Owners
	Cost   Cost
	// Gaps says in words what could not be read, and why.
	Gaps []string
}

// SocketsOf returns the sockets of flow i; the caller must not change them.
func (s *Snapshot) SocketsOf(i int) []Socket {
	f := &s.Flows[i]
	return s.Sockets[f.first : f.first+f.n : f.first+f.n]
}

// DetailOf returns what is known of a full socket, nil for a mini-socket.
func (s *Snapshot) DetailOf(k *Socket) *Detail {
	if k.detail == 0 {
		return nil
	}
	return &s.details[k.detail-1]
}

// Remaining is how long it is until the socket's timer fires; negative where
// the kernel is late. It means nothing for TimerNone and TimerUnknown.
func (s *Snapshot) Remaining(k *Socket) time.Duration {
	return time.Duration(int32(k.Deadline-s.Clock)) * time.Millisecond
}

// Sysctl returns a sysctl's value, and whether it is known.
func (s *Snapshot) Sysctl(key string) (string, bool) {
	v, ok := s.Sysctls[key]
	return v, ok
}
