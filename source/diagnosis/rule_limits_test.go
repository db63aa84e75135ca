package diagnosis

import (
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

func u64(n uint64) *uint64 { return &n }

// limitsHost is a host that time goes by on, and whose counters may be set.
type limitsHost struct {
	*world
	*series
	counters  source.Counters
	processes []source.Process
	orphans   int
}

func newLimitsHost() *limitsHost {
	return &limitsHost{world: newWorld(), series: newSeries()}
}

// look takes a look after some seconds, and returns what the rule with the ID found.
func (h *limitsHost) look(id ID, seconds int) []Finding {
	h.frame.Clock += uint32(seconds) * 1000
	snap := h.snapshot(h.world)
	snap.Counters, snap.Processes, snap.Orphans = h.counters, h.processes, h.orphans
	snap.Taken = time.UnixMilli(1_763_941_000_000 + int64(h.frame.Clock))
	var found []Finding
	for _, f := range h.assessor.Assess(snap).Findings {
		if f.ID == id {
			found = append(found, f)
		}
	}
	return found
}

// text is everything that a finding says, for tests to look into.
func (f *Finding) text() string {
	parts := append([]string{f.Subject, f.Claim}, f.Evidence...)
	for _, r := range f.Remedies {
		parts = append(parts, string(r.Kind)+": "+r.Text, r.Effect, "page "+r.Page)
	}
	return strings.Join(parts, "\n")
}

// one fails unless there is one finding, a warning, that says all that.
func one(t *testing.T, found []Finding, says ...string) Finding {
	t.Helper()
	if len(found) != 1 {
		t.Fatalf("%d findings, want one: %+v", len(found), found)
	}
	f := found[0]
	if f.Severity != SeverityWarning {
		t.Errorf("severity %v", f.Severity)
	}
	if n := len([]rune(f.Claim)); n > 110 || strings.HasSuffix(f.Claim, ".") {
		t.Errorf("claim of %d characters: %q", n, f.Claim)
	}
	for _, what := range says {
		if !strings.Contains(f.text(), what) {
			t.Errorf("it does not say %q:\n%s", what, f.text())
		}
	}
	return f
}

func none(t *testing.T, found []Finding, why string) {
	t.Helper()
	if len(found) != 0 {
		t.Errorf("%s: %+v", why, found)
	}
}

// remedyFor returns the value that a finding asks of a key, "" for none.
func (f *Finding) remedyFor(key string) string {
	for _, r := range f.Remedies {
		if r.Key == key {
			return r.Value
		}
	}
	return ""
}

// TestNearness: what is called near stays so until it is clearly not.
func TestNearness(t *testing.T) {
	var x nearness
	for _, c := range []struct {
		n    uint64
		want bool
	}{{890, false}, {900, true}, {899, true}, {850, true}, {849, false}, {860, false}, {899, false}, {1200, true}} {
		if got := x.observe(c.n, 1000); got != c.want {
			t.Errorf("%d of 1,000: near is %v", c.n, got)
		}
	}
}

func TestRoundUp(t *testing.T) {
	for n, want := range map[uint64]uint64{0: 1, 1: 1, 2: 2, 3: 4, 1024: 1024, 1025: 2048, 1<<40 + 1: 1 << 41} {
		if got := roundUp(n); got != want {
			t.Errorf("%d: got %d, want %d", n, got, want)
		}
	}
}
