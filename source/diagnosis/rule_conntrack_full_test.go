package diagnosis

import "testing"

func TestConntrackFull(t *testing.T) {
	h := newLimitsHost()
	none(t, h.look(ConntrackFull, 0), "no conntrack")
	h.counters.ConntrackCount = u64(250_000)
	none(t, h.look(ConntrackFull, 1), "no limit known")
	h.counters.ConntrackMax = u64(0)
	none(t, h.look(ConntrackFull, 1), "0 is no limit")
	h.counters.ConntrackMax = u64(300_000)
	none(t, h.look(ConntrackFull, 1), "83 %")
	h.counters.ConntrackMax = u64(262_144)
	h.sysctls[keyConntrackTimeWait] = "120"
	f := one(t, h.look(ConntrackFull, 1), "conntrack has 250,000 of 262,144 entries", "95 % of nf_conntrack_max",
		"for 120 s, where its TIME-WAIT lasts 60 s", "notrack", "keep connections open", "page "+PageConntrack)
	if f.remedyFor(keyConntrackMax) != "524288" || f.remedyFor(keyConntrackTimeWait) != "60" {
		t.Errorf("%+v", f.Remedies)
	}
	h.sysctls[keyConntrackTimeWait] = "30"
	h.counters.ConntrackCount = u64(262_144)
	f = one(t, h.look(ConntrackFull, 1), "conntrack is full, with 262,144 of 262,144 entries")
	if f.remedyFor(keyConntrackTimeWait) != "" {
		t.Errorf("%+v", f.Remedies)
	}
	h.counters.ConntrackCount, h.counters.ConntrackMax = u64(4<<20), u64(4<<20)
	if f = one(t, h.look(ConntrackFull, 1)); f.remedyFor(keyConntrackMax) != "" {
		t.Errorf("%+v", f.Remedies)
	}
}
