package diagnosis

import (
	"slices"
	"strings"
	"testing"
)

// TestVerdictOfAnIncident follows a proxy that opens 3.2 times what its ports
// bear, until none is left, through ten seconds of it, and until tcp_tw_reuse=1
// was set: what is said, and how it changes.
func TestVerdictOfAnIncident(t *testing.T) {
	t.Parallel()
	const size = 4000
	k := newSimKernel(size, 41)
	l, life := steady(size/60.0*3.2), lifetime(5)
	s := newSeries()
	var told []string
	say := func(r *Report) {
		now := strings.Join(portFindings(r), ", ") + " → " + r.Headline.Action
		if len(told) == 0 || told[len(told)-1] != now {
			told = append(told, now)
			t.Logf("%5.1f s: %v: %s\n        %s\n        %s", float64(k.now)/1000, r.Headline.Severity, r.Headline.Text, r.Headline.Evidence, r.Headline.Action)
		}
	}
	for k.refused < 0 {
		k.run(k.now+1000, l, life)
		say(s.assess(k.world()))
	}
	for range 10 {
		k.run(k.now+1000, l, life)
		say(s.assess(k.world()))
	}
	k.reuse = true
	for range 30 {
		k.run(k.now+1000, l, life)
		say(s.assess(k.world()))
	}
	const act = " → now: tcp_tw_reuse 0 → 1, enough for 213/s · cure: keep connections open"
	seen := strings.Replace(act, "213/s", "the 213/s seen", 1)
	want := []string{
		" → ",
		"warning port-pressure" + act,
		"warning port-pressure, warning slow-connect" + act,
		"critical port-pressure, warning slow-connect" + act,
		"critical port-exhaustion" + seen,
		" → ",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

// TestVerdictOfAGrowingDemand: a demand that grows, slowly, through what is
// sustainable: the verdict gets worse, and never better on the way, although a
// few ports come back each other second.
func TestVerdictOfAGrowingDemand(t *testing.T) {
	t.Parallel()
	const size = 4000
	k := newSimKernel(size, 43)
	l := varying(func(t float64) float64 { return size / 60.0 * 2 * min(t/120, 1) })
	s := newSeries()
	worst := SeverityNone
	for k.refused < 0 && k.now < 300_000 {
		k.run(k.now+1000, l, lifetime(5))
		h := s.assess(k.world()).Headline
		if h.Severity < worst {
			t.Errorf("at %d s: %v after %v: %s", k.now/1000, h.Severity, worst, h.Text)
		}
		if h.Severity != worst {
			t.Logf("at %d s: %v: %s", k.now/1000, h.Severity, h.Text)
		}
		worst = max(worst, h.Severity)
	}
	if worst != SeverityCritical {
		t.Errorf("%v at the worst", worst)
	}
}
