package diagnosis

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// inOrder are remedies in a few words: the key, or the page, and whether that
// is enough.
func inOrder(all []Remedy) string {
	var out []string
	for i := range all {
		m := &all[i]
		name := m.Page
		if m.Kind == RemedySysctl {
			name = strings.TrimPrefix(m.Key, "net.ipv4.")
			if m.Value != "" {
				name += "=" + m.Value
			}
		}
		if m.Enough != nil {
			name += " " + shown(m.Enough)
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// wave is 450 of 1,000 ports closed in the last 9 s: 50/s, where 17/s are borne.
func wave(local, remote string) *world {
	w := newWorld()
	w.frame.Range = source.PortRange{Low: 20000, High: 20999}
	for i := range 450 {
		w.waiting(local, 20000+2*i, remote, 20*i)
	}
	return w
}

// TestPortRemedies: what is advised, in which order, and what is not.
func TestPortRemedies(t *testing.T) {
	const rest = "ip_local_port_range enough, addresses"
	for _, c := range []struct {
		name string
		make func() *world
		want string
	}{
		{"reuse off", func() *world { return wave(lo, backend) }, "tcp_tw_reuse=1 enough, keepalive enough, " + rest},
		{"a database away, that takes timestamps", func() *world {
			w := wave("10.0.0.1", away)
			w.live("10.0.0.1", 20998, away, true)
			return w
		}, "tcp_tw_reuse=1 enough, database-pools enough, " + rest},
		{"the default, and not loopback", func() *world {
			w := wave("10.0.0.1", "10.0.0.9:6379")
			w.sysctls = set("tcp_tw_reuse", "2")
			return w
		}, "tcp_tw_reuse=1, redis enough, " + rest},
		{"reuse on, and nobody knows of timestamps", func() *world {
			w := wave("10.0.0.1", away)
			w.sysctls = set("tcp_tw_reuse", "1")
			w.waiting("10.0.0.1", 20001, away, 1) // the other half is taken: it is not at work
			for i := range 50 {
				w.waiting("10.0.0.1", 20900+2*i, away, 1)
			}
			return w
		}, "database-pools enough, " + rest},
		{"reuse off, and the far end takes no timestamps", func() *world {
			w := wave("10.0.0.1", away)
			w.live("10.0.0.1", 20998, away, false)
			return w
		}, "database-pools enough, " + rest},
		{"timestamps off", func() *world {
			w := wave(lo, backend)
			w.sysctls = set("tcp_timestamps", "0")
			return w
		}, "tcp_timestamps=1, tcp_tw_reuse=1 enough, keepalive enough, " + rest},
		{"timestamps off, and nobody knows of the far end", func() *world {
			w := wave("10.0.0.1", away)
			w.sysctls = set("tcp_timestamps", "0")
			return w
		}, "tcp_timestamps=1, tcp_tw_reuse=1, database-pools enough, " + rest},
		{"timestamps off, and more is wanted than reuse bears", func() *world {
			w := newWorld()
			for i := range 90 {
				w.waiting(lo, 20000+i, backend, i)
			}
			w.sysctls = set("tcp_timestamps", "0", "tcp_tw_reuse_delay", "5000")
			return w
		}, "tcp_timestamps=1, tcp_tw_reuse=1 not enough, keepalive enough, " + rest},
		{"timestamps off, reuse on", func() *world {
			w := wave(lo, backend)
			w.sysctls = set("tcp_timestamps", "0", "tcp_tw_reuse", "1")
			return w
		}, "tcp_timestamps=1 enough, keepalive enough, " + rest},
		{"timestamps off, the default on loopback", func() *world {
			w := wave(lo, backend)
			w.sysctls = set("tcp_timestamps", "0", "tcp_tw_reuse", "2")
			return w
		}, "tcp_timestamps=1 enough, keepalive enough, " + rest},
		{"nobody knows the sysctls", func() *world {
			w := wave(lo, backend)
			w.sysctls = nil
			return w
		}, "tcp_tw_reuse=1, keepalive enough, ip_local_port_range, addresses"},
		{"a range that is wide", func() *world {
			w := newWorld()
			w.frame.Range = source.PortRange{Low: 1024, High: 65535}
			for i := range 30_000 {
				w.waiting(lo, 1024+2*i, backend, i)
			}
			return w
		}, "tcp_tw_reuse=1 enough, keepalive enough, addresses"},
		{"open connections", held100(source.StateEstablished), "keepalive, ip_local_port_range, addresses"},
		{"a peer that does not answer", held100(source.StateSynSent), "syn-sent-pileup, syn-sent-pileup, ip_local_port_range, addresses"},
		{"a leak", held100(source.StateCloseWait), "close-wait-leak, close-wait-leak, ip_local_port_range, addresses"},
		{"a peer that does not close", held100(source.StateFinWait2), "fin-wait2-pileup, close-wait-leak, ip_local_port_range, addresses"},
		{"clients that bind first", func() *world {
			w := newWorld()
			for i := range 45 {
				w.waiting(lo, 20001+2*i, backend, 200*i)
			}
			return w
		}, "bind-address-no-port, keepalive enough, " + rest},
	} {
		s := newSeries()
		r := s.assess(c.make())
		sc := &scene{Report: r}
		if got := inOrder(sc.portRemedies(only(r))); got != c.want {
			t.Errorf("%s:\n     %s\nwant %s", c.name, got, c.want)
		}
	}
}

func held100(state source.State) func() *world {
	return func() *world {
		w := newWorld()
		for i := range 100 {
			w.conn(lo, 20000+i, backend, state)
		}
		return w
	}
}

// TestEffects: what a remedy says that it does, against what is wanted.
func TestEffects(t *testing.T) {
	outage := func(times float64) *Report {
		const size = 4000
		k := newSimKernel(size, 17)
		l, life := steady(float64(size)/60*times), lifetime(5)
		s := newSeries()
		for k.refused < 0 {
			k.run(k.now+1000, l, life)
			s.assess(k.world())
		}
		k.run(k.now+10_000, l, life)
		return s.assess(k.world())
	}
	for _, c := range []struct {
		name string
		r    *Report
		at   int // index of the remedy
		want string
	}{
		{"reuse in an outage", outage(3), 0, `^enough: 4,000/s are borne, at least (199|20\d) connections/s wanted$`},
		{"keep-alive in an outage", outage(3), 1, `^enough: only open connections hold a port then; the first connections have to wait until ports come back$`},
		{"a wider range in an outage", outage(3), 2, `^enough: 922/s are borne, at least (199|20\d) connections/s wanted$`},
		{"a wider range that is not enough", outage(20), 2, `^not enough: 922/s are borne, at least 1,3\d\d connections/s wanted, buys 38 s at this rate; with net.ipv4.tcp_tw_reuse=1 enough$`},
		{"a wider range at the edge", outage(14), 2, `^at the edge: 922/s are borne, at least 9\d\d connections/s wanted`},
		{"reuse before it", assess(wave(lo, backend)), 0, `^enough: 1,000/s are borne, 50 connections/s wanted$`},
		{"reuse where nobody knows of timestamps", assess(wave("10.0.0.1", away)), 0, `^not known; it needs TCP timestamps, and whether`},
		{"reuse with timestamps", assess(unstamped()), 1, `^enough: 1,000/s are borne, 50 connections/s wanted; for connections opened from then on; the TIME-WAITs of now`},
		{"open connections that nobody saw being opened", assess(held100(source.StateEstablished)()), 0, `^100 connections are open at once$`},
		{"a wider range for those", assess(held100(source.StateEstablished)()), 1, `^not known: 920/s are borne, how many are wanted nobody has seen$`},
	} {
		m := (&scene{Report: c.r}).portRemedies(only(c.r))[c.at]
		if !regexp.MustCompile(c.want).MatchString(m.Effect) {
			t.Errorf("%s: %s: %s", c.name, m.Text, m.Effect)
		}
	}
}

func unstamped() *world {
	w := wave(lo, backend)
	w.sysctls = set("tcp_timestamps", "0")
	return w
}

// TestBothAreEnough: where neither reuse nor the range is, and both are.
func TestBothAreEnough(t *testing.T) {
	yes, no := true, false
	bears := func(v float64) Outlook { return Outlook{Sustainable: &v} }
	s := handmade(500, 0, 0)
	s.Destinations[0].Ports.UsedTimeWait = 500
	f := s.Destinations[0].Forecast
	f.Outlook = bears(17)
	f.WhatIf = []WhatIf{
		{Change: ChangeReuse, Outlook: bears(1000), Enough: &no}, {Change: ChangeRange, Outlook: bears(900), Enough: &no},
		{Change: ChangeBoth, Outlook: bears(50000), Enough: &yes},
	}
	s.Destinations[0].Demand.PerSecond = 2000
	s.Snapshot.Sysctls = set("tcp_tw_reuse", "0")
	all := s.portRemedies(&s.Destinations[0])
	if got := inOrder(all); got != "tcp_tw_reuse=1 not enough, keepalive, ip_local_port_range not enough, addresses" {
		t.Error(got)
	}
	if got := all[2].Effect; got != "not enough: 900/s are borne, 2,000 connections/s wanted; with net.ipv4.tcp_tw_reuse=1 enough" {
		t.Error(got)
	}
	f.WhatIf[1].Enough = &yes
	if got := s.portRemedies(&s.Destinations[0])[2].Effect; strings.Contains(got, "with") {
		t.Error(got)
	}
}

func TestPoolPages(t *testing.T) {
	for port, want := range map[uint16]string{
		5432: "database-pools", 3306: "database-pools", 27017: "database-pools", 1433: "database-pools", 1521: "database-pools",
		6379: "redis", 80: "keepalive", 4001: "keepalive", 443: "keepalive",
	} {
		if got := poolPage(port); got != want {
			t.Errorf("%d: %s, want %s", port, got, want)
		}
	}
}

// TestRemediesSayNothingFalse: none of what must never be advised, whatever the
// host looks like.
func TestRemediesSayNothingFalse(t *testing.T) {
	for _, tc := range headlines {
		r := assess(headlineWorld(tc.make))
		for _, f := range r.Findings {
			text := fmt.Sprint(f.Claim, f.Evidence, f.Remedies)
			if s := forbidden.FindString(text); s != "" {
				t.Errorf("%s: %s says %q", tc.name, f.ID, s)
			}
			for _, m := range f.Remedies {
				if m.Text == "" || m.Kind == RemedySysctl && m.Key == "" || strings.HasSuffix(m.Text, ".") {
					t.Errorf("%s: %s: %+v", tc.name, f.ID, m)
				}
			}
		}
	}
}
