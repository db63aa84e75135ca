package diagnosis

import (
	"cmp"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// rule tells one kind of trouble. It may remember what it saw in the frames of
// one series; rules() makes new ones for the next.
type rule interface {
	// look judges one frame. Its findings are worst first, and at most
	// maxSubjects; all that a rule shows of the others is how many they are.
	look(*scene) []Finding
}

// maxSubjects is of how many rows one rule speaks.
const maxSubjects = 5

// rules are all there are, in the order in which findings of the same severity
// are told: ports first, then servers, then limits, then hints.
func rules() []rule {
	exhaustion := new(portExhaustionRule) // the first: it remembers for those after it
	return []rule{
		exhaustion,
		&portPressureRule{before: &exhaustion.outages},
		new(slowConnectRule),
		new(bindBeforeConnectRule),
		new(serverClosesFirstRule),
		new(closeWaitLeakRule),
		new(synSentPileupRule),
		new(finWait2PileupRule),
		new(listenOverflowRule),
		new(timeWaitOverflowRule),
		new(reuseWithoutTimestampsRule),
		new(twRecycleRule),
		new(conntrackFullRule),
		new(fdLimitRule),
		new(orphansRule),
		new(idleOutlivesNATRule),
		new(cureNotAtWorkRule),
	}
}

// scene is what a rule looks at.
type scene struct {
	*Report // complete but for Findings and Headline
	// before is the counters of the frame before; nil on the first.
	before *source.Counters

	short *shortages // nil until a rule asks
	// held is what was true of destinations a moment ago, and still is said.
	held map[*Destination]hold
}

// grown is by how much a counter grew since the frame before. known is false on
// the first frame and where the counter is absent: since boot proves nothing.
func (s *scene) grown(counter func(*source.Counters) *uint64) (n uint64, known bool) {
	if s.before == nil {
		return 0, false
	}
	now, then := counter(&s.Snapshot.Counters), counter(s.before)
	if now == nil || then == nil || *now < *then {
		return 0, false
	}
	return *now - *then, true
}

// findings asks every rule, and puts the worst first.
func findings(all []rule, s *scene) []Finding {
	var out []Finding
	for _, r := range all {
		found := r.look(s)
		out = append(out, found[:min(len(found), maxSubjects)]...)
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return out
}
