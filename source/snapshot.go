package source

import (
	"context"
	"net/netip"
	"time"
)

// Source gives one Snapshot after another.
type Source interface {
	// Read takes the next snapshot. Only one Read is under way at a time. An
	// error is final unless it is the context's.
	Read(ctx context.Context) (*Snapshot, error)
	// Close frees what the source holds.
	Close() error
}

// Kind tells what a snapshot was made from.
type Kind string

// The kinds of source.
const (
	KindLive    Kind = "live"    // this kernel, by sock_diag
	KindProc    Kind = "proc"    // this kernel, by /proc/net/tcp, because sock_diag is not there
	KindCapture Kind = "capture" // a recording
	KindText    Kind = "text"    // pasted text
)

// Role says which end of a connection the local end is.
type Role uint8

// The roles; RoleGone is an accepted connection whose listener is not there any more.
const (
	RoleOutgoing Role = iota
	RoleAccepted
	RoleGone
)

// Flow is what connections to one destination, or from one address to one
// service, have in common. Its sockets lie together in Snapshot.Sockets.
type Flow struct {
	Local, Remote Addr
	// Device tells link-local addresses apart; 0 for all others.
	Device uint32
	// Port is the service's port: the remote one of an outgoing flow, the
	// local one of an accepted flow.
	Port uint16
	Role Role
	// Listener is the index in Snapshot.Listeners of the listener that gets
	// the credit for an accepted flow, -1 for none.
	Listener int32

	first, n uint32
}

// Len is the number of sockets of the flow.
func (f *Flow) Len() int { return int(f.n) }

// RemoteAddrPort is the destination of an outgoing flow.
func (f *Flow) RemoteAddrPort() netip.AddrPort { return netip.AddrPortFrom(f.Remote.IP(), f.Port) }

// Socket is one connection, 16 bytes. The other port than its flow's is here:
// the local (ephemeral) port where the flow is outgoing, the remote one where
// it is accepted.
type Socket struct {
	flow uint32
	// Deadline is when Timer fires, in milliseconds of Snapshot.Clock. For a
	// mini-socket it was fixed when the socket was first seen.
	Deadline uint32
	detail   uint32 // index in Snapshot.details plus 1; 0 for none
	Port     uint16
	State    State
	Timer    Timer
}

// Mini reports whether the socket is a timewait mini-socket; see Entry.Mini.
func (s *Socket) Mini() bool {
	return s.State == StateTimeWait || s.State == StateFinWait2 && s.Timer == TimerTimeWait
}

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
	Host  Host

	Range      PortRange
	RangeKnown bool // false: Range is assumed, the source did not tell
	Reserved   PortSet

	Flows     []Flow
	Sockets   []Socket // grouped by flow
	details   []Detail
	Listeners []Listener
	Bound     []Bound
	States    StateCounts
	// Orphans counts full sockets that are closing and that no process holds.
	Orphans int

	// Sysctls maps keys in dots ("net.ipv4.tcp_tw_reuse") to values as the
	// kernel prints them, spaces folded. An absent key is not in the map.
	Sysctls  map[string]string
	Counters Counters
	Cost     Cost
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
