package sysctl

import "slices"

// Keys that the plan has something of its own to say of.
const (
	keySomaxconn         = "net.core.somaxconn"
	keyKeepaliveTime     = "net.ipv4.tcp_keepalive_time"
	keyKeepaliveIntvl    = "net.ipv4.tcp_keepalive_intvl"
	keyKeepaliveProbes   = "net.ipv4.tcp_keepalive_probes"
	keyConntrackMax      = "net.netfilter.nf_conntrack_max"
	keyConntrackTimeWait = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
)

// writeOrder is the order of writing that never passes through a worse state:
// tcp_tw_recycle off before timestamps give it effect, timestamps before the
// reuse that needs them, reservations before the range that takes their ports.
// Keys that are not here follow in the order of the catalogue.
var writeOrder = []string{LocalReservedPorts, TWRecycle, Timestamps, TWReuse, LocalPortRange}

// rank is a key's place in the order of writing.
func rank(key string) int {
	if i := slices.Index(writeOrder, key); i >= 0 {
		return i
	}
	i := slices.IndexFunc(catalogue[:], func(k Key) bool { return k.Name == key })
	if i < 0 {
		i = len(catalogue)
	}
	return len(writeOrder) + i
}

// before maps a key to those that have to have their planned value before it
// gets its own.
var before = map[string][]string{
	LocalPortRange: {LocalReservedPorts},
	TWReuse:        {Timestamps},
	Timestamps:     {TWRecycle},
}
