package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// timeWaitOverflowRule tells time-wait-overflow: a connection that this side
// closed got no TIME_WAIT, because there are tcp_max_tw_buckets
// (inet_twsk_alloc, net/ipv4/inet_timewait_sock.c; the kernel counts the same
// where it has no memory for one).
type timeWaitOverflowRule struct{ growth growth }

// A TIME_WAIT takes 256 bytes (slab tw_sock_TCP, Linux 6.18, 64 bits), and more
// than a million of them are not advised.
const (
	bytesPerTimeWait = 256
	mostTimeWaits    = 1 << 20
)

func (t *timeWaitOverflowRule) look(s *scene) []Finding {
	n, _ := s.grown(func(c *source.Counters) *uint64 { return c.TimeWaitOverflow })
	t.growth.observe(s, n)
	dropped, _ := t.growth.lately()
	if dropped == 0 {
		return nil
	}
	clock := s.Snapshot.Clock
	ongoing := t.growth.ended(clock) == 0
	f := ofHost(TimeWaitOverflow, "The kernel dropped TIME-WAITs: there were more than tcp_max_tw_buckets allows")
	if ongoing {
		f.Claim = "The kernel drops TIME-WAITs: there are more than tcp_max_tw_buckets allows"
	}
	said := fmt.Sprintf("%s dropped %s (TCPTimeWaitOverflow)", Plural(int(dropped), "TIME-WAIT"), t.growth.when(clock))
	if limit, known := s.maxBuckets(); known {
		kept := uint64(s.States[source.StateTimeWait])
		said += fmt.Sprintf("; %s kept", outOf(kept, limit))
		if ongoing && 2*kept < limit {
			f.Confidence = Likely // it may be memory
		}
	}
	f.Evidence = []string{
		said + ".",
		"A port without TIME-WAIT is free at once: a late segment of the old connection may get into the next one.",
	}
	f.Remedies = append(f.Remedies, Remedy{Kind: RemedyApplication, Page: PageKeepalive,
		Text: "keep connections open and use them again", Effect: "who closes less needs fewer TIME-WAITs"})
	t.moreBuckets(s, &f)
	return []Finding{f}
}

// moreBuckets raises the limit, where ports are not what would run out then.
func (t *timeWaitOverflowRule) moreBuckets(s *scene, f *Finding) {
	limit, known := s.maxBuckets()
	if !known {
		return
	}
	need := limit + t.growth.inAMinute(s.Snapshot.Clock)
	if d := s.shortWith(need); d != nil {
		f.Evidence = append(f.Evidence, fmt.Sprintf("If this goes on with all of them kept, %v runs out of ports: do not raise tcp_max_tw_buckets alone.", d))
		return
	}
	r, value, ok := s.raise(sysctl.MaxTWBuckets, need, limit, mostTimeWaits)
	if !ok {
		return
	}
	if enough := value >= need; !enough || t.growth.lasted(s.Snapshot.Clock) {
		r.Enough = &enough
	}
	r.Effect = fmt.Sprintf("%s are wanted; takes up to %s of memory, and outgoing ones keep their port for 60 s",
		amount(need), megabytes(value, bytesPerTimeWait))
	f.Remedies = append(f.Remedies, r)
}

func (s *scene) maxBuckets() (n uint64, known bool) {
	if m := s.TimeWait.MaxBuckets; m != nil && *m >= 0 {
		return uint64(*m), true
	}
	return 0, false
}

// shortWith is the destination that would be short of ports if there were n
// TIME_WAITs, spread as those that there are; nil if none would be.
func (s *scene) shortWith(n uint64) *Destination {
	all := s.States[source.StateTimeWait]
	if all == 0 || s.Ports.Capacity == 0 {
		return nil
	}
	reuse := reuseRuleOf(s.Snapshot)
	for i := range s.Destinations {
		d := &s.Destinations[i]
		then := float64(d.Ports.Used) + float64(d.Ports.UsedTimeWait)*(float64(n)/float64(all)-1)
		reusable := zeroIfNil(d.Ports.Reusable) > 0 && reuse.reaches(&s.Snapshot.Flows[d.Flow]) == yes
		if !reusable && then*100 >= highPressure*float64(d.Ports.Capacity) {
			return d
		}
	}
	return nil
}
