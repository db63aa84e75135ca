package diagnosis

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// orphansRule tells orphans: connections that no process holds any more and
// that are not finished are near tcp_max_orphans, beyond which the kernel
// resets them (tcp_check_oom, net/ipv4/tcp.c); those that make no progress from
// a half or a quarter of it on (tcp_out_of_resources, net/ipv4/tcp_timer.c).
// Both figures are the host's; an
// inner namespace has no such limit to read.
type orphansRule struct{ near nearness }

const keyMaxOrphans = "net.ipv4.tcp_max_orphans"

// An orphan takes up to 64 KB of memory that is not swapped out
// (Documentation/networking/ip-sysctl.rst), and more than a million of them
// are not advised.
const (
	bytesPerOrphan = 64 << 10
	mostOrphans    = 1 << 20
)

func (o *orphansRule) look(s *scene) []Finding {
	count, most := s.Snapshot.Counters.Orphans, sysctlInt(s.Snapshot, keyMaxOrphans)
	if count == nil || most == nil || *most <= 0 || !o.near.observe(*count, uint64(*most)) {
		return nil
	}
	limit := uint64(*most)
	f := ofHost(Orphans, fmt.Sprintf("%s sockets without a process: they may be reset from half of tcp_max_orphans on", outOf(*count, limit)))
	if *count >= limit {
		f.Claim = fmt.Sprintf("%s sockets without a process, beyond tcp_max_orphans: further ones are reset", amount(*count))
	}
	f.Evidence = []string{
		fmt.Sprintf("%d %% of tcp_max_orphans (%s), counted on the whole host; %s", percentOf(*count, limit), amount(limit), s.ownOrphans()),
		"Each waits for its far end to take what was sent, and holds up to 64 KB of memory that is not swapped out. One without progress counts double or more.",
	}
	f.Remedies = []Remedy{
		{Kind: RemedyApplication, Page: string(Orphans),
			Text:   "find the program that closes connections whose far end is gone or does not read",
			Effect: "their bytes are sent again and again until the kernel gives up"},
		{Kind: RemedySystem, Page: string(Orphans),
			Text:   "set net.ipv4.tcp_orphan_retries to 3 (0 stands for 8)",
			Effect: "the kernel gives each of them up sooner"},
	}
	if r, value, ok := s.raise(keyMaxOrphans, *count, limit, mostOrphans); ok {
		r.Effect = fmt.Sprintf("for the whole host; takes up to %s of memory", megabytes(value, bytesPerOrphan))
		f.Remedies = append(f.Remedies, r)
	}
	return []Finding{f}
}

// ownOrphans is what of them is in this namespace.
func (s *scene) ownOrphans() string {
	var parts []string
	for _, state := range []source.State{source.StateFinWait1, source.StateLastAck, source.StateClosing} {
		if n := s.States[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", Grouped(int(n)), state))
		}
	}
	if len(parts) == 0 {
		return Grouped(s.Snapshot.Orphans) + " in this namespace."
	}
	return fmt.Sprintf("%s in this namespace, with %s.", Grouped(s.Snapshot.Orphans), strings.Join(parts, ", "))
}
