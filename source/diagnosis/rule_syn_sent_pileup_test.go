package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// repeated is a connection in SYN_SENT whose SYN was sent again so often.
func repeated(times uint8) source.Detail {
	return source.Detail{Has: source.HasRetrans, Retrans: times}
}

func TestSynSentPileup(t *testing.T) {
	for name, c := range map[string]struct {
		n      int
		d      source.Detail
		frames int
		want   Confidence // "" for nothing
	}{
		"20 repeated":              {20, repeated(1), 1, Likely},
		"19 repeated":              {19, repeated(1), 1, ""},
		"10 repeated three times":  {10, repeated(3), 1, Likely},
		"10 repeated twice":        {10, repeated(2), 1, ""},
		"9 repeated for ever":      {9, repeated(255), 1, ""},
		"a burst of fresh SYNs":    {1000, repeated(0), 1, ""},
		"a slow link":              {1000, repeated(0), 20, ""},
		"not told, one look":       {1000, source.Detail{}, 1, ""},
		"not told, none goes away": {20, source.Detail{}, 6, Possible},
		"not told, a few":          {19, source.Detail{}, 6, ""},
	} {
		w, s := newWorld(), newSeries()
		w.many(c.n, away, source.StateSynSent, c.d)
		var r *Report
		for range c.frames {
			r = s.assess(w)
			w.frame.Clock += 1000
		}
		found := of(r, SynSentPileup)
		if c.want == "" {
			none(t, found, name)
			continue
		}
		f := one(t, found, "10.0.0.1 → 10.0.0.9:5432 does not answer: ", " connect() calls are waiting", " of 100 local ports are in SYN-SENT", "check that 10.0.0.9:5432 is up and no firewall drops it", "time-out", "page syn-sent-pileup")
		if f.Confidence != c.want || f.Destination != 0 || f.Remedies[0].Kind != RemedySystem {
			t.Errorf("%s: %+v", name, f)
		}
		if strings.Contains(f.text(), "up to 0") {
			t.Errorf("%s: %s", name, f.text())
		}
	}
}

// TestSynSentOfFullQueue: where the service is in this namespace its queue is the cause.
func TestSynSentOfFullQueue(t *testing.T) {
	for name, c := range map[string]struct {
		listener string
		queue    uint32
		remote   string
		want     bool
	}{
		"its queue is full":          {backend, 6, backend, false},
		"at the wildcard":            {"0.0.0.0:4001", 6, backend, false},
		"at the wildcard of IPv6":    {"[::]:4001", 6, backend, false},
		"at an own address":          {"0.0.0.0:5432", 6, "10.0.0.1:5432", false},
		"another port":               {"0.0.0.0:4002", 6, backend, true},
		"its queue is not full":      {backend, 5, backend, true},
		"another host, same port":    {"0.0.0.0:5432", 6, away, true},
		"another address, same port": {"127.0.0.2:4001", 6, backend, true},
	} {
		w := newWorld()
		w.listen(c.listener).Detail = source.Detail{Has: source.HasQueues, RecvQ: c.queue, SendQ: 5}
		for i := range 50 {
			local := "10.0.0.1"
			if c.remote == backend {
				local = lo
			}
			w.conn(local, 20000+i, c.remote, source.StateSynSent).Detail = repeated(2)
		}
		if got := len(of(assess(w), SynSentPileup)) == 1; got != c.want {
			t.Errorf("%s: told is %v", name, got)
		}
	}
}

func TestSynSentBesideOthers(t *testing.T) {
	w := newWorld()
	w.many(40, "[2001:db8::9]:443", source.StateSynSent, repeated(2))
	for i := range w.entries {
		w.entries[i].Local, _ = addrPort("[2001:db8::1]:0")
		w.entries[i].Device = 3
	}
	e := w.conn("2001:db8::1", 20099, "[2001:db8::9]:443", source.StateEstablished)
	e.Device = 3
	one(t, of(assess(w), SynSentPileup), "2001:db8::1%3 → [2001:db8::9]:443 does not answer every SYN", "up to 2 times; 1 ESTAB")
}
