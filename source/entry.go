package source

// Timer is the kind of timer a socket waits for (idiag_timer).
type Timer uint8

// The kernel's timers (net/ipv4/inet_diag.c, inet_sk_diag_fill and
// inet_twsk_diag_fill), and TimerUnknown for sources that do not tell.
const (
	TimerNone Timer = iota
	TimerRetransmit
	TimerKeepalive
	TimerTimeWait
	TimerProbe
	TimerUnknown
)

// String returns iproute2's word for the timer, "" for none.
func (t Timer) String() string {
	switch t {
	case TimerRetransmit:
		return "on"
	case TimerKeepalive:
		return "keepalive"
	case TimerTimeWait:
		return "timewait"
	case TimerProbe:
		return "persist"
	case TimerUnknown:
		return "unknown"
	}
	return ""
}

// Has says which of an Entry's or a Detail's fields are known. A field whose
// bit is missing is absent, not zero.
type Has uint16

// The groups of fields that are known or absent together.
const (
	HasQueues  Has = 1 << iota // RecvQ, SendQ
	HasUID                     // UID
	HasInode                   // Inode
	HasCgroup                  // Cgroup
	HasInfo                    // Options, LastDataSent, LastDataRecv, LastAckRecv, RTT
	HasV6Only                  // V6Only
	HasRetrans                 // Retrans
)

// The bits of tcpi_options that twtop reads (include/uapi/linux/tcp.h).
const OptTimestamps = 1

// Entry is one socket as a source reports it, before it is given its place in
// a Snapshot. Sources fill one Entry over and over: Add copies what it keeps.
type Entry struct {
	Local, Remote         Addr
	LocalPort, RemotePort uint16
	State                 State
	Timer                 Timer
	Device                uint32 // idiag_if: the device the socket is bound to, 0 for none
	Expires               uint32 // milliseconds until Timer fires
	Detail                Detail // not kept of a mini-socket: the kernel forgot it
}

// Mini reports whether the entry is a timewait mini-socket: TIME_WAIT, or the
// FIN_WAIT2 of an orphan. These have uid 0, inode 0 and no cgroup, because the
// kernel has freed the socket they were (inet_twsk_diag_fill).
func (e *Entry) Mini() bool {
	return e.State == StateTimeWait || e.State == StateFinWait2 && e.Timer == TimerTimeWait
}

// Detail is what only full sockets have.
type Detail struct {
	Has          Has
	Retrans      uint8  // retransmissions, probes or backoff, as idiag_retrans
	Options      uint8  // tcpi_options
	V6Only       bool   // INET_DIAG_SKV6ONLY
	RecvQ        uint32 // bytes; for a listener, connections waiting to be accepted
	SendQ        uint32 // bytes; for a listener, the backlog
	UID          uint32
	Inode        uint32 // 0: nobody holds the socket (an orphan, or not yet accepted)
	LastDataSent uint32 // ms ago
	LastDataRecv uint32 // ms ago
	LastAckRecv  uint32 // ms ago; for CLOSE_WAIT the age of the FIN
	RTT          uint32 // microseconds, smoothed
	Cgroup       uint64 // inode of the cgroup v2 directory (INET_DIAG_CGROUP_ID)
}
