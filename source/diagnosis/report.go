// Package diagnosis turns snapshots into answers: how many local ports each
// destination holds and how many are left, what the last minute looked like
// and what the next one brings. It is pure: no clock, no kernel, no files.
package diagnosis

import (
	"net/netip"
	"time"

	"github.com/359a26c5/twtop/source"
)

// SeriesLen is the length of a Series: a TIME_WAIT lasts 60 s
// (TCP_TIMEWAIT_LEN), so one dump holds one minute.
const SeriesLen = 60

// Series is a count for each of 60 seconds.
type Series [SeriesLen]uint32

// Report is one frame: a snapshot and everything that is said about it. It is
// a value, made once and never changed.
type Report struct {
	Snapshot *source.Snapshot
	// Elapsed is the time since the frame before; 0 on the first.
	Elapsed time.Duration

	States source.StateCounts
	// Change is States less the frame before; nil on the first frame.
	Change *[source.NumStates]int

	Ports    PortTotals
	TimeWait TimeWaitTotals

	Destinations []Destination // worst first
	Services     []Service     // the fullest accept queue first, then the busiest
	Holdings     []Holding     // of processes, those with most ports first; nil where nobody looked
	Findings     []Finding     // worst first
	Headline     Headline
	Gaps         []string
}

// PortTotals describes R, the ports that connect() may hand out: those of the
// range that are neither reserved nor blocked for every destination.
type PortTotals struct {
	Range    source.PortRange
	Assumed  bool // the source did not tell the range
	Size     int  // of the range
	Reserved int  // ports of the range in ip_local_reserved_ports
	// Bound is the number of ports of the range, not reserved, that a
	// listener, a bound-inactive socket or the leftovers of a listener take
	// from every destination.
	Bound    int
	Capacity int // |R| = Size − Reserved − Bound
}

// TimeWaitTotals sums up TIME_WAIT over all flows.
type TimeWaitTotals struct {
	Outbound   int
	Inbound    int
	Reusable   *int // nil where unknown for some destination that holds any
	MaxBuckets *int // net.ipv4.tcp_max_tw_buckets
}

// Destination is a (local address, remote address, remote port) to which this
// host opened connections: the unit that runs out of ports.
type Destination struct {
	Local  netip.Addr
	Remote netip.AddrPort
	Device uint32 // that the clients are bound to, as those of link-local addresses are; 0 for none
	Flow   int    // index in Snapshot.Flows
	States source.StateCounts
	Ports  PortUse

	// ClosesLast is the number of closes by this side in the last full
	// second, ClosesPeak that of the last minute's busiest one. Both are read
	// off the TIME_WAIT timers, and nil where the source does not tell those.
	ClosesLast, ClosesPeak *int
	// Closes is the last minute, oldest first, read off the TIME_WAIT timers;
	// Releases the ports that come back in each of the next 60 s. Both are
	// nil for destinations beyond the MaxSeries worst, and where the source
	// does not tell the timers: absent, not zero.
	Closes, Releases *Series
	// NextRelease is how long it is until the first port comes back, by
	// timer; nil where no timer is running.
	NextRelease *time.Duration

	// Demand is nil where it is not known, and for destinations that hold
	// next to no port where there are more than MaxSeries. Forecast is nil
	// for those too, and where the source does not tell the timers.
	Demand   *Demand
	Forecast *Forecast

	// Owners is nil where nobody looked, and for all but the worst
	// destinations.
	Owners *Owners
}

// MaxSeries bounds how many destinations get a minute-by-second history, so
// that a host with a million destinations costs 2 MB for them, not 500.
const MaxSeries = 4096

// PortUse is the port account of one destination.
type PortUse struct {
	Capacity int
	Used     int
	// Free is the number of further connect() calls that the kernel grants
	// now, reuse left out. Where FreeExact is false it is an upper bound.
	Free      int
	FreeExact bool
	Reusable  *int // nil: unknown whether these connections had timestamps
	// UsedTimeWait is the part of Used in TIME_WAIT; Reusable is part of it.
	UsedTimeWait int
	// Pressure is (Used − Reusable) ÷ Capacity in percent; 100 where Capacity is 0.
	Pressure float64
	// SlowConnect: no port of the preferred parity (that of Range.Low) is
	// free or reusable, so each connect() scans half the range first.
	SlowConnect bool
	// BindFirst is the number of ports among Used that look as if a program
	// had bound them before it called connect(): such a port is taken from
	// every other destination as well. A sign, not a proof.
	BindFirst int
}

// Service is a port that this host accepts connections on.
type Service struct {
	Local   netip.AddrPort
	Device  uint32
	Sockets int  // listening sockets; more than one with SO_REUSEPORT
	Gone    bool // nobody listens any more; connections are left
	States  source.StateCounts
	Flows   []int // indices in Snapshot.Flows
	// AcceptQueue is the number of connections that wait for accept(), summed
	// over Sockets; Backlog their limit. nil where the source does not tell.
	AcceptQueue, Backlog *int
	// WorstQueue and WorstBacklog are those of the one listening socket that
	// is nearest to overflow: the kernel gives each connection to one of them
	// by its addresses, however empty the others are. nil as above.
	WorstQueue, WorstBacklog *int

	Owners *Owners // as in Destination
}

// Severity ranks findings and the headline.
type Severity uint8

// The severities, rising.
const (
	SeverityNone Severity = iota
	SeverityNotice
	SeverityWarning
	SeverityCritical
)

// String returns the severity as in the JSON: "critical".
func (s Severity) String() string {
	return [...]string{"ok", "notice", "warning", "critical"}[min(s, SeverityCritical)]
}

// Headline is the first thing a person reads: how bad it is, and where.
type Headline struct {
	Severity Severity
	// Text is one sentence; Evidence one more with its figures, or "".
	Text, Evidence string
	// Action is what to do next, in a few words, or "".
	Action string
	// BySysctl: what it says to do now is a change of sysctls.
	BySysctl bool
	// Destination is the index in Report.Destinations it speaks of, -1 for none.
	Destination int
	// Finding is the index in Report.Findings of what it says, -1 for none.
	Finding int
}
