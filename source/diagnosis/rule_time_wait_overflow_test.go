package diagnosis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// overflowing is a host with 100 TIME_WAITs of clients, where 100 are kept.
func overflowing() *limitsHost {
	h := newLimitsHost()
	h.frame.Range = source.DefaultPortRange
	h.sysctls[sysctl.MaxTWBuckets] = "100"
	h.listen("10.0.0.1:80")
	for i := range 100 {
		h.waiting("10.0.0.1", 80, addr4(i), 500)
	}
	h.counters.TimeWaitOverflow = u64(7000) // since boot
	return h
}

// drop counts TIME_WAITs that were dropped; the snapshots before keep their figure.
func (h *limitsHost) drop(n uint64) {
	h.counters.TimeWaitOverflow = u64(*h.counters.TimeWaitOverflow + n)
}

func addr4(i int) string { return fmt.Sprintf("10.0.9.9:%d", 30_000+i) }

// TestTimeWaitOverflow: growth is told of from the frame that shows it until a
// minute after the last, and what was counted since boot is not.
func TestTimeWaitOverflow(t *testing.T) {
	h := overflowing()
	none(t, h.look(TimeWaitOverflow, 0), "since boot proves nothing")
	none(t, h.look(TimeWaitOverflow, 1), "nothing was dropped")
	h.drop(90)
	f := one(t, h.look(TimeWaitOverflow, 1), "The kernel drops TIME-WAITs", "90 TIME-WAITs dropped in 1 s, 90/s", "100 of 100 kept", "page "+PageKeepalive)
	if f.Confidence != Certain || f.Destination != -1 || f.Service != -1 || f.Subject != "this host" {
		t.Errorf("%+v", f)
	}
	h.drop(110)
	f = one(t, h.look(TimeWaitOverflow, 1), "200 TIME-WAITs dropped in 2 s, 100/s")
	if got := f.remedyFor(sysctl.MaxTWBuckets); got != "16384" { // 100 + 60 × 100, twice that, rounded up
		t.Errorf("tcp_max_tw_buckets=%q", got)
	}
	if r := f.Remedies[len(f.Remedies)-1]; r.Enough != nil || !strings.Contains(r.Effect, "4 MB") {
		t.Errorf("2 s are no measure of what is enough: %+v", r)
	}
	f = one(t, h.look(TimeWaitOverflow, 31), "The kernel dropped TIME-WAITs: there were", "the last 31 s ago")
	if r := f.Remedies[len(f.Remedies)-1]; r.Enough == nil || !*r.Enough {
		t.Errorf("%+v", r)
	}
	one(t, h.look(TimeWaitOverflow, 29), "the last 60 s ago")
	none(t, h.look(TimeWaitOverflow, 1), "a minute is over")
}

// TestTimeWaitOverflowEarlier: only the last minute counts.
func TestTimeWaitOverflowEarlier(t *testing.T) {
	h := overflowing()
	h.look(TimeWaitOverflow, 0)
	for range 300 {
		h.drop(5000)
		h.look(TimeWaitOverflow, 1)
	}
	for range 70 {
		h.drop(10)
		h.look(TimeWaitOverflow, 1)
	}
	h.drop(10)
	f := one(t, h.look(TimeWaitOverflow, 1), "610 TIME-WAITs dropped in 61 s, 10/s")
	if r := f.Remedies[len(f.Remedies)-1]; r.Value != "2048" || r.Enough == nil || !*r.Enough {
		t.Errorf("%+v", r)
	}
}

// TestTimeWaitOverflowAdvice: no limit is advised beyond what is sensible, none
// where it is not known, and none that would only use the ports up.
func TestTimeWaitOverflowAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		limit   string
		dropped uint64
		clients bool // the TIME_WAITs are of clients here
		want    string
		says    string
	}{
		"few":              {"100", 1, false, "512", "160 are wanted"},
		"very many":        {"100", 40_000, false, "1048576", "256 MB"},
		"high already":     {"1048576", 40_000, false, "", ""},
		"unknown":          {"", 40, false, "", ""},
		"outgoing, few":    {"100", 100, true, "16384", "keep their port for 60 s"},
		"outgoing, many":   {"100", 1000, true, "", "runs out of ports"},
		"below the limit?": {"1000", 40, false, "8192", ""},
	} {
		h := overflowing()
		if h.sysctls[sysctl.MaxTWBuckets] = c.limit; c.limit == "" {
			delete(h.sysctls, sysctl.MaxTWBuckets)
		}
		if c.clients {
			h.entries = nil
			for i := range 100 {
				h.waiting("10.0.0.1", 33000+i, "10.0.0.9:443", 500)
			}
		}
		h.look(TimeWaitOverflow, 1)
		h.drop(c.dropped)
		f := one(t, h.look(TimeWaitOverflow, 1), c.says)
		if got := f.remedyFor(sysctl.MaxTWBuckets); got != c.want {
			t.Errorf("%s: tcp_max_tw_buckets=%q, want %q", name, got, c.want)
		}
		if want := map[bool]Confidence{true: Likely, false: Certain}[len(c.limit) > 3]; f.Confidence != want {
			t.Errorf("%s: %s, want %s", name, f.Confidence, want)
		}
		for _, r := range f.Remedies {
			if r.Key != "" && (r.Enough == nil) != (c.dropped < 10_000) {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
	h := overflowing()
	h.sysctls[sysctl.MaxTWBuckets] = "1000"
	h.look(TimeWaitOverflow, 1)
	h.drop(40)
	h.look(TimeWaitOverflow, 1)
	if f := one(t, h.look(TimeWaitOverflow, 30), "100 of 1,000 kept"); f.Confidence != Certain {
		t.Errorf("what there is afterwards is no sign: %s", f.Confidence)
	}
	h = overflowing()
	h.counters.TimeWaitOverflow = nil
	h.look(TimeWaitOverflow, 1)
	none(t, h.look(TimeWaitOverflow, 1), "no such counter")
}
