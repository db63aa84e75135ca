package diagnosis

import "github.com/359a26c5/twtop/source"

// Assessor makes a Report of each Snapshot of one series and remembers what
// the next one needs. The zero Assessor is ready to use.
type Assessor struct {
	prev *Report
}

// Assess returns the report of s, the snapshot after those assessed before.
func (a *Assessor) Assess(s *source.Snapshot) *Report {
	r := &Report{Snapshot: s, States: s.States}
	a.prev = r
	return r
}
