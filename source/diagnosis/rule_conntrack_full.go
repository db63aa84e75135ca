package diagnosis

import (
	"fmt"
	"strconv"
)

// conntrackFullRule tells conntrack-full: the table of connection tracking is
// near nf_conntrack_max, beyond which the first packet of a connection is
// dropped (__nf_conntrack_alloc, net/netfilter/nf_conntrack_core.c). Each
// namespace has a table of its own, and the limit of each is the host's.
type conntrackFullRule struct{ near nearness }

const (
	keyConntrackMax      = "net.netfilter.nf_conntrack_max"
	keyConntrackTimeWait = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
)

// An entry takes 256 bytes and more (slab nf_conntrack, Linux 6.18, 64 bits),
// and more than four million of them are not advised.
const (
	bytesPerEntry = 256
	mostEntries   = 1 << 22
)

func (c *conntrackFullRule) look(s *scene) []Finding {
	count, most := s.Snapshot.Counters.ConntrackCount, s.Snapshot.Counters.ConntrackMax
	if count == nil || most == nil || *most == 0 || !c.near.observe(*count, *most) { // 0 is no limit
		return nil
	}
	f := ofHost(ConntrackFull, fmt.Sprintf("conntrack has %s entries: when it is full, new connections are dropped", outOf(*count, *most)))
	if *count >= *most {
		f.Claim = fmt.Sprintf("conntrack is full, with %s entries: new connections are dropped", outOf(*count, *most))
	}
	said := fmt.Sprintf("%d %% of nf_conntrack_max.", percentOf(*count, *most))
	timeWait, known := s.Snapshot.Sysctl(keyConntrackTimeWait)
	if known {
		said = fmt.Sprintf("%d %% of nf_conntrack_max; a closed connection stays in it for %s s, where its TIME-WAIT lasts 60 s.",
			percentOf(*count, *most), timeWait)
	}
	f.Evidence = append(f.Evidence, said, "The kernel logs \"nf_conntrack: table full, dropping packet\" where it drops; programs see time-outs.")
	f.Remedies = s.conntrackRemedies(*count, *most, timeWait)
	return []Finding{f}
}

// conntrackRemedies is more room now, less that takes room, and keeping out
// what need not be followed.
func (s *scene) conntrackRemedies(count, most uint64, timeWait string) (out []Remedy) {
	if r, value, ok := s.raise(keyConntrackMax, count, most, mostEntries); ok {
		r.Effect = fmt.Sprintf("for all namespaces, on the host only; takes up to %s of memory and more", megabytes(value, bytesPerEntry))
		r.Page = PageConntrack
		out = append(out, r)
	}
	if sec, err := strconv.Atoi(timeWait); err == nil && sec > timeWaitSeconds {
		r := s.set(keyConntrackTimeWait, strconv.Itoa(timeWaitSeconds))
		r.Effect, r.Page = "closed connections leave with their TIME-WAIT; holds for those that close from then on", PageConntrack
		out = append(out, r)
	}
	return append(out,
		Remedy{Kind: RemedySystem, Page: PageConntrack,
			Text:   "do not track loopback and other connections that need no NAT (notrack)",
			Effect: "what is not tracked takes no entry"},
		Remedy{Kind: RemedyApplication, Page: PageKeepalive,
			Text:   "keep connections open and use them again",
			Effect: "each connection is an entry, and stays one after it was closed"})
}
