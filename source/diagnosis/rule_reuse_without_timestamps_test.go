package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

// reusing is a host with n of 100 ports to a destination in TIME_WAIT for 10 s.
func reusing(mode, timestamps string, n int, local, remote string) *limitsHost {
	h := newLimitsHost()
	h.sysctls[sysctl.TWReuse], h.sysctls[sysctl.Timestamps] = mode, timestamps
	for i := range n {
		h.waiting(local, 20000+2*i, remote, 10_000)
	}
	return h
}

// TestReuseWithoutTimestamps: who set tcp_tw_reuse=1 is told that it is void;
// the default matters where a good part of the ports could come back.
func TestReuseWithoutTimestamps(t *testing.T) {
	const here = "10.0.0.1"
	for name, c := range map[string]struct {
		mode, timestamps string
		n                int
		local, remote    string
		want             string // "" for no finding
	}{
		"asked for, idle":         {"1", "0", 0, lo, backend, "tcp_tw_reuse is 1 and does nothing"},
		"asked for, held":         {"1", "0", 15, here, away, "15 of 100 ports to 10.0.0.1 → 10.0.0.9:5432 are in TIME-WAIT"},
		"default, held, loopback": {"2", "0", 15, lo, backend, "tcp_tw_reuse is 2 and does nothing"},
		"default, a few":          {"2", "0", 9, lo, backend, ""},
		"default, elsewhere":      {"2", "0", 15, here, away, ""},
		"default, idle":           {"2", "0", 0, lo, backend, ""},
		"no reuse":                {"0", "0", 15, lo, backend, ""},
		"timestamps":              {"1", "1", 15, lo, backend, ""},
		"also on":                 {"1", "2", 15, lo, backend, ""},
		"unknown mode":            {"", "0", 15, lo, backend, ""},
		"unknown timestamps":      {"1", "", 15, lo, backend, ""},
	} {
		h := reusing(c.mode, c.timestamps, c.n, c.local, c.remote)
		for _, key := range []string{sysctl.TWReuse, sysctl.Timestamps} {
			if h.sysctls[key] == "" {
				delete(h.sysctls, key)
			}
		}
		found := h.look(ReuseWithoutTimestamps, 1)
		if c.want == "" {
			none(t, found, name)
			continue
		}
		f := one(t, found, c.want, "after 1 s", "must still run out, 60 s")
		if f.remedyFor(sysctl.Timestamps) != "1" || f.Confidence != Certain || (f.Destination >= 0) != (c.n > 0) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestPeersWithoutTimestamps: this end offers them and the far end does not
// agree, as a live connection shows.
func TestPeersWithoutTimestamps(t *testing.T) {
	const here, peers = "10.0.0.1", "does nothing for 10.0.0.1 → 10.0.0.9:5432"
	h := reusing("1", "1", 15, here, away)
	none(t, h.look(ReuseWithoutTimestamps, 1), "nobody knows whether they had timestamps")
	h.live(here, 20080, away, false)
	f := one(t, h.look(ReuseWithoutTimestamps, 1), peers, "15 of 100 ports", "turn TCP timestamps on at 10.0.0.9")
	if f.Confidence != Possible || f.Destination != 0 || f.remedyFor(sysctl.Timestamps) != "" {
		t.Errorf("%+v", f)
	}
	if f = one(t, h.look(ReuseWithoutTimestamps, 58), peers); f.Confidence != Possible {
		t.Errorf("after 59 s: %+v", f)
	}
	if f = one(t, h.look(ReuseWithoutTimestamps, 1), peers); f.Confidence != Likely {
		t.Errorf("after a minute: %+v", f)
	}
	h.live(here, 20080, away, true)
	h.entries = append(h.entries[:15:15], h.entries[16])
	none(t, h.look(ReuseWithoutTimestamps, 61), "they have timestamps now")
}

// TestTimestampsJustOn: what was made before runs out, and that is told of no more.
func TestTimestampsJustOn(t *testing.T) {
	h := reusing("1", "0", 15, "10.0.0.1", away)
	h.live("10.0.0.1", 20080, away, false)
	one(t, h.look(ReuseWithoutTimestamps, 1), "tcp_timestamps is 0")
	h.sysctls[sysctl.Timestamps] = "1"
	none(t, h.look(ReuseWithoutTimestamps, 1), "they were just turned on")
	none(t, h.look(ReuseWithoutTimestamps, 58), "they were just turned on")
	one(t, h.look(ReuseWithoutTimestamps, 2), "does nothing for")
}

// TestTooYoungToReuse: a TIME_WAIT of less than the delay says nothing.
func TestTooYoungToReuse(t *testing.T) {
	h := reusing("1", "1", 0, "10.0.0.1", away)
	h.live("10.0.0.1", 20080, away, false)
	for i := range 15 {
		h.waiting("10.0.0.1", 20000+2*i, away, 700)
	}
	none(t, h.look(ReuseWithoutTimestamps, 1), "young")
}
