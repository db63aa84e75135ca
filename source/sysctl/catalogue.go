// Package sysctl knows the sysctls that matter for local ports and TIME_WAIT:
// what each does, where it applies, and what values make sense.
package sysctl

import "math"

// Scope is where a key's value applies.
type Scope string

// The scopes.
const (
	ScopeNetNS Scope = "netns" // each network namespace has its own
	ScopeHost  Scope = "host"  // one value for all namespaces
)

// Key is one entry of the catalogue.
type Key struct {
	Name    string // "net.ipv4.tcp_tw_reuse"
	Scope   Scope
	Summary string // what it does, one line for the screen, at most 48 cells
	Unit    Unit   // what the value counts
	// Since and Until are the kernels between which the key exists, as
	// "6.14"; "" where every kernel that twtop runs on has it. A key may be
	// absent for other reasons too: an inner namespace has no host-wide
	// net keys, and the conntrack keys come with its module.
	Since, Until string
	// Min and Max bound what twtop writes: the kernel takes more, also what
	// makes no sense (tcp_keepalive_time=0). Both are 0 for UnitPorts, whose
	// bounds are those of port numbers.
	Min, Max uint64
	// Fixed says why twtop only reads the key, "" where it may write it.
	Fixed string
	// OneWay says why a value that twtop replaced is not put back, or "".
	OneWay string
}

// Unit is what a key's value counts.
type Unit string

// The units.
const (
	UnitMode         Unit = "mode"  // a small number with a meaning of its own
	UnitPorts        Unit = "ports" // port numbers or ranges of them
	UnitSeconds      Unit = "s"
	UnitMilliseconds Unit = "ms"
	UnitCount        Unit = "count" // sockets, connections, probes, files
)

// The keys that twtop computes with.
const (
	LocalPortRange     = "net.ipv4.ip_local_port_range"
	LocalReservedPorts = "net.ipv4.ip_local_reserved_ports"
	TWReuse            = "net.ipv4.tcp_tw_reuse"
	TWReuseDelay       = "net.ipv4.tcp_tw_reuse_delay"
	Timestamps         = "net.ipv4.tcp_timestamps"
	MaxTWBuckets       = "net.ipv4.tcp_max_tw_buckets"
	TWRecycle          = "net.ipv4.tcp_tw_recycle"
	FinTimeout         = "net.ipv4.tcp_fin_timeout"
	UnprivilegedStart  = "net.ipv4.ip_unprivileged_port_start"
	MaxOrphans         = "net.ipv4.tcp_max_orphans"
)

// catalogue is in the order of the screen: what decides about local ports,
// then servers, then idle connections, then limits that bite elsewhere.
//
// What each key does is documented in Documentation/networking/ip-sysctl.rst,
// nf_conntrack-sysctl.rst and Documentation/admin-guide/sysctl/{net,fs}.rst.
// Its scope was measured on Linux 6.18.
var catalogue = [...]Key{
	{Name: LocalPortRange, Unit: UnitPorts, Scope: ScopeNetNS,
		Summary: "ports connect() may pick, both ends included"},
	{Name: LocalReservedPorts, Unit: UnitPorts, Scope: ScopeNetNS,
		Summary: "ports never picked, still open to bind()"},
	{Name: TWReuse, Unit: UnitMode, Scope: ScopeNetNS, Max: 2,
		Summary: "outgoing reuse: 0 no, 1 all, 2 only 127/8 or ::1"},
	{Name: TWReuseDelay, Unit: UnitMilliseconds, Scope: ScopeNetNS, Since: "6.14", Min: 1, Max: 60_000,
		Fixed:   "the default of 1 s is what reuse was measured with",
		Summary: "age from which a TIME-WAIT may be reused"},
	{Name: Timestamps, Unit: UnitMode, Scope: ScopeNetNS, Max: 2,
		Summary: "RFC 7323 timestamps; reuse needs both ends' yes"},
	{Name: MaxTWBuckets, Unit: UnitCount, Scope: ScopeNetNS, Min: 1, Max: 1 << 24,
		Summary: "TIME-WAITs kept; any beyond are dropped at once"},
	{Name: FinTimeout, Unit: UnitSeconds, Scope: ScopeNetNS, Min: 1, Max: 3600,
		Fixed:   "it ends orphaned FIN-WAIT-2 only, and no TIME-WAIT",
		Summary: "orphaned FIN-WAIT-2 only; TIME-WAIT stays 60 s"},
	{Name: TWRecycle, Unit: UnitMode, Scope: ScopeNetNS, Until: "4.11",
		OneWay:  "it is only ever set to 0",
		Summary: "breaks clients behind NAT: must be 0"},
	{Name: UnprivilegedStart, Unit: UnitPorts, Scope: ScopeNetNS, Since: "4.11",
		Fixed:   "who may bind which port is the operator's to say",
		Summary: "first port that needs no privilege to bind"},

	{Name: "net.core.somaxconn", Unit: UnitCount, Scope: ScopeNetNS, Min: 1, Max: 1 << 20,
		Summary: "cap on a backlog, taken at listen()"},
	{Name: "net.ipv4.tcp_max_syn_backlog", Unit: UnitCount, Scope: ScopeNetNS, Min: 1, Max: 1 << 20,
		Summary: "half-open connections remembered per listener"},
	{Name: "net.ipv4.tcp_syncookies", Unit: UnitMode, Scope: ScopeNetNS, Max: 2,
		Summary: "answer SYNs when the SYN queue is full"},

	{Name: "net.ipv4.tcp_keepalive_time", Unit: UnitSeconds, Scope: ScopeNetNS, Min: 1, Max: 1 << 20,
		Summary: "idle seconds before the first keepalive probe"},
	{Name: "net.ipv4.tcp_keepalive_intvl", Unit: UnitSeconds, Scope: ScopeNetNS, Min: 1, Max: 32767,
		Summary: "seconds between unanswered keepalive probes"},
	{Name: "net.ipv4.tcp_keepalive_probes", Unit: UnitCount, Scope: ScopeNetNS, Min: 1, Max: 127,
		Summary: "unanswered probes until the connection is dead"},

	{Name: MaxOrphans, Unit: UnitCount, Scope: ScopeHost, Min: 1, Max: 1 << 24,
		Summary: "closing sockets without a process, host-wide"},
	{Name: "net.netfilter.nf_conntrack_max", Unit: UnitCount, Scope: ScopeHost, Min: 1, Max: 1 << 28,
		Summary: "connections conntrack follows; then it drops"},
	{Name: "net.netfilter.nf_conntrack_tcp_timeout_time_wait", Unit: UnitSeconds, Scope: ScopeNetNS, Min: 1, Max: 86_400,
		Summary: "how long conntrack keeps its own TIME_WAIT"},
	{Name: "fs.file-max", Unit: UnitCount, Scope: ScopeHost, Min: 1024, Max: math.MaxInt64,
		Summary: "open files of the whole host"},
	{Name: "fs.nr_open", Unit: UnitCount, Scope: ScopeHost, Min: 1024, Max: math.MaxInt32 - 63,
		Summary: "highest limit of open files a process can get"},
}

// Catalogue is every key twtop reads, in the order the screen shows them. The
// caller may change what it gets.
func Catalogue() []Key { return append([]Key(nil), catalogue[:]...) }

// Names returns the catalogue's key names, in the order of Catalogue.
func Names() []string {
	names := make([]string, len(catalogue))
	for i := range catalogue {
		names[i] = catalogue[i].Name
	}
	return names
}

// Lookup returns the catalogue's entry for a name.
func Lookup(name string) (Key, bool) {
	for i := range catalogue {
		if catalogue[i].Name == name {
			return catalogue[i], true
		}
	}
	return Key{}, false
}
