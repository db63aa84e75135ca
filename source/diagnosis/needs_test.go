package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

func needed(r *Report) (out []string) {
	for _, n := range r.Needs() {
		s := strings.TrimPrefix(n.Key, "net.ipv4.") + "=" + n.Value + " by " + n.Finding
		if n.Enough != nil {
			s += " " + shown(n.Enough)
		}
		out = append(out, s)
	}
	return out
}

func TestNeeds(t *testing.T) {
	const ports = "port-pressure"
	for _, c := range []struct {
		name string
		make func() *world
		want []string
	}{
		{"ports run out", func() *world { return wave(lo, backend) },
			[]string{"tcp_tw_reuse=1 by port-pressure enough", "ip_local_port_range= by port-pressure enough", "ip_local_reserved_ports= by port-pressure"}},
		{"two destinations, and for one of them nobody knows what is enough", func() *world {
			w := wave(lo, backend)
			for i := range 450 {
				w.waiting(lo, 20000+2*i, "127.0.0.1:4002", i/2)
			}
			return w
		}, []string{"tcp_tw_reuse=1 by port-pressure", "ip_local_port_range= by port-pressure", "ip_local_reserved_ports= by port-pressure"}},
		{"timestamps off", func() *world {
			w := wave(lo, backend)
			w.sysctls = set("tcp_timestamps", "0")
			return w
		}, []string{"tcp_timestamps=1 by port-pressure", "tcp_tw_reuse=1 by port-pressure enough",
			"ip_local_port_range= by port-pressure enough", "ip_local_reserved_ports= by port-pressure"}},
		{"a range that is wide already", func() *world {
			w := newWorld()
			w.frame.Range.Low, w.frame.Range.High = 1024, 65535
			for i := range 30_000 {
				w.waiting(lo, 1024+2*i, backend, i/2)
			}
			return w
		}, []string{"tcp_tw_reuse=1 by port-pressure enough", "ip_local_port_range= by port-pressure", "ip_local_reserved_ports= by port-pressure"}},
	} {
		got := needed(assess(c.make()))
		for i, s := range got { // other findings may ask for more
			if !strings.Contains(s, ports) {
				got = got[:i]
				break
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n     %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestNeedsOfOneKey: two findings ask for one key.
func TestNeedsOfOneKey(t *testing.T) {
	yes, no := true, false
	ask := func(id ID, key, value, effect string, enough *bool) Finding {
		return Finding{ID: id, Remedies: []Remedy{
			{Kind: RemedyApplication, Text: "other things"},
			{Kind: RemedySysctl, Key: key, Value: value, Effect: effect, Enough: enough},
		}}
	}
	const count, seconds = "net.core.somaxconn", "net.ipv4.tcp_keepalive_time"
	for _, c := range []struct {
		findings []Finding
		want     string
	}{
		{[]Finding{ask(ListenOverflow, count, "1024", "", nil), ask(Orphans, count, "4096", "", nil)}, "net.core.somaxconn=4096 by listen-overflow: , not known"},
		{[]Finding{ask(ListenOverflow, count, "4096", "", nil), ask(Orphans, count, "1024", "", nil)}, "net.core.somaxconn=4096 by listen-overflow: , not known"},
		{[]Finding{ask(IdleOutlivesNAT, seconds, "120", "", nil), ask(Orphans, seconds, "300", "", nil)}, "net.ipv4.tcp_keepalive_time=120 by idle-outlives-nat: , not known"},
		{[]Finding{ask(PortPressure, sysctl.TWReuse, "1", "a", &yes), ask(SlowConnect, sysctl.TWReuse, "1", "b", &no)}, "net.ipv4.tcp_tw_reuse=1 by port-pressure: b, not enough"},
		{[]Finding{ask(PortPressure, sysctl.TWReuse, "1", "a", &no), ask(SlowConnect, sysctl.TWReuse, "1", "b", &yes)}, "net.ipv4.tcp_tw_reuse=1 by port-pressure: a, not enough"},
		{[]Finding{ask(PortPressure, sysctl.TWReuse, "1", "a", &yes), ask(SlowConnect, sysctl.TWReuse, "1", "b", nil)}, "net.ipv4.tcp_tw_reuse=1 by port-pressure: b, not known"},
		{[]Finding{ask(PortPressure, sysctl.TWReuse, "1", "a", &no), ask(SlowConnect, sysctl.TWReuse, "1", "b", &no)}, "net.ipv4.tcp_tw_reuse=1 by port-pressure: a, not enough"},
		{[]Finding{ask(PortPressure, sysctl.TWReuse, "1", "a", &yes), ask(SlowConnect, sysctl.TWReuse, "1", "b", &yes)}, "net.ipv4.tcp_tw_reuse=1 by port-pressure: a, enough"},
		{[]Finding{ask(PortPressure, sysctl.TWReuse, "1", "a", &yes), ask(ReuseWithoutTimestamps, sysctl.TWReuse, "1", "", nil)}, "net.ipv4.tcp_tw_reuse=1 by port-pressure: a, enough"},
	} {
		got := (&Report{Findings: c.findings}).Needs()[0]
		if s := fmt.Sprintf("%s=%s by %s: %s, %s", got.Key, got.Value, got.Finding, got.Effect, shown(got.Enough)); s != c.want {
			t.Errorf("%s, want %s", s, c.want)
		}
	}
}

func TestNoNeeds(t *testing.T) {
	if n := (&Report{}).Needs(); n != nil {
		t.Errorf("%+v", n)
	}
}
