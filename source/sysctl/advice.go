package sysctl

// advice is what a change of a key does, and what it may cost.
type advice struct {
	why, risk string
	// lower: a lower value is the better one, as with time-outs.
	lower bool
	// mind is a warning that goes with every change of it, or "".
	mind string
}

const noneKnown = "none known"

// advices has an entry for every key of the catalogue.
var advices = map[string]advice{
	LocalReservedPorts: {
		why:  "keeps connect() off the ports of services; they can still bind() them",
		risk: "each port of it is one less for connect()",
	},
	LocalPortRange: {
		why:  "more local ports for every destination",
		risk: "connect() may take the port of a service that is down now, which then cannot start: reserve it first",
	},
	Timestamps: {
		why:  "a port in TIME-WAIT is reused only where the connection had timestamps (RFC 7323)",
		risk: "12 bytes more in every segment",
	},
	TWReuse: {
		why:  "connect() may take a port in TIME-WAIT again after 1 s, where the connection had timestamps; outgoing ones only",
		risk: "small: the far end tells old segments from new ones by their timestamps (RFC 6191)",
	},
	TWReuseDelay: {
		why:  "the age from which a TIME-WAIT may be reused: stays as it is",
		risk: "not changed",
	},
	MaxTWBuckets: {
		why:  "beyond it TIME-WAITs are dropped at once, and late segments of old connections may get into new ones",
		risk: "256 bytes of memory for each TIME-WAIT, and outgoing ones then keep their port for 60 s",
	},
	FinTimeout: {
		why:  "stays as it is: it ends orphaned FIN-WAIT-2 only; a TIME-WAIT lasts 60 s, whatever it says",
		risk: "not changed",
	},
	TWRecycle: {
		why:  "it drops connections of clients that share an address behind a NAT",
		risk: "none known; undo leaves it at 0",
	},
	UnprivilegedStart: {
		why:  "stays as it is: the range of local ports must not begin below it",
		risk: "not changed",
	},
	keySomaxconn: {
		why:  "caps the backlog that a service asks for in listen()",
		risk: "where the service itself is too slow, a longer queue means longer waits",
		mind: "a service gets it when it calls listen() again: restart or reload it",
	},
	"net.ipv4.tcp_max_syn_backlog": {
		why:  "half-open connections that a listener remembers",
		risk: "memory for each half-open connection",
		mind: "the backlog of the service and net.core.somaxconn bound it as well",
	},
	"net.ipv4.tcp_syncookies": {
		why:  "answers SYNs when the queue of half-open connections is full",
		risk: "connections made that way lose TCP options where the client sends no timestamps",
	},
	keyKeepaliveTime: {
		why:   "the first probe goes out before a NAT or firewall on the way forgets the idle connection",
		risk:  "a few more packets on idle connections",
		lower: true,
		mind:  "it holds for sockets with SO_KEEPALIVE that set no time of their own",
	},
	keyKeepaliveIntvl: {
		why:   "a far end that has gone is noticed sooner",
		risk:  "a short break of the network ends idle connections",
		lower: true,
	},
	keyKeepaliveProbes: {
		why:   "a far end that has gone is noticed sooner",
		risk:  "a short break of the network ends idle connections",
		lower: true,
	},
	MaxOrphans: {
		why:  "beyond it the kernel resets closing connections that no process holds",
		risk: "up to 64 KB of memory, not swapped out, for each",
	},
	keyConntrackMax: {
		why:  "beyond it packets of new connections are dropped",
		risk: "256 bytes of memory and more for each entry; lookups get slower unless nf_conntrack_buckets grows too",
	},
	keyConntrackTimeWait: {
		why:   "conntrack keeps an entry for that long after a connection was closed",
		risk:  noneKnown,
		lower: true,
		mind:  "it holds for connections that close from then on",
	},
	"fs.file-max": {
		why:  "beyond it open(), socket() and accept() fail with ENFILE on the whole host",
		risk: "kernel memory for each open file",
	},
	"fs.nr_open": {
		why:  "no process can have a higher limit of open files",
		risk: noneKnown,
		mind: "it raises no process's limit by itself",
	},
}

// Advice is what there is to say of a key, for lists of all keys.
type Advice struct {
	// Recommended is the value that the plan ticks, or else the value now;
	// Known false where there is neither.
	Recommended string
	Known       bool
	Why, Risk   string
}

// Advice tells of a key of the catalogue: what the plan has for it, or that it
// stays as it is.
func (p *Plan) Advice(key, now string, known bool) Advice {
	a := Advice{Recommended: now, Known: known, Why: advices[key].why, Risk: advices[key].risk}
	if i := p.Item(key); i != nil {
		a.Why, a.Risk = i.Why, i.Risk
		if i.Ticked {
			a.Recommended, a.Known = i.Want, true
		}
	}
	return a
}
