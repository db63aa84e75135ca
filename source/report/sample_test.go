package report

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

func ptr[T any](v T) *T { return &v }

// incident is a report of a host whose ports towards one destination are gone.
func incident() *diagnosis.Report {
	s := &source.Snapshot{
		Taken: time.Date(2026, 11, 21, 2, 2, 3, 456_789_000, time.FixedZone("CET", 3600)),
		Kind:  source.KindLive,
		Host:  source.Host{Name: "web-3", Kernel: "6.18.44", NetNS: "net:[4026531840]"},
		Sysctls: map[string]string{
			"net.ipv4.tcp_tw_reuse":        "0",
			"net.ipv4.ip_local_port_range": "32768 60999",
		},
		Orphans: 3,
		Cost:    source.Cost{Wall: 4200 * time.Microsecond, CPU: 3 * time.Millisecond},
	}
	r := &diagnosis.Report{
		Snapshot:     s,
		Ports:        diagnosis.PortTotals{Range: source.DefaultPortRange, Size: 28232, Bound: 2, Capacity: 28230},
		TimeWait:     diagnosis.TimeWaitTotals{Outbound: 28104, Inbound: 22, Reusable: ptr(0), MaxBuckets: ptr(131072)},
		Destinations: []diagnosis.Destination{exhausted(), atEase()},
		Services:     services(),
		Headline: diagnosis.Headline{
			Severity: diagnosis.SeverityCritical, Destination: 0,
			Text:     "127.0.0.1 → 127.0.0.1:4001 has no local port left: connect() fails now (errno 99)",
			Evidence: "28,230 of 28,230 ports are taken; 28,104 of them are in TIME-WAIT for up to 60 s.",
			Action:   "now: set net.ipv4.tcp_tw_reuse to 1, enough at this rate · cure: keep nginx's upstream connections open",
		},
		Findings: findings(),
		Gaps:     []string{"owners: not root, so only the processes of this user could be looked at"},
	}
	r.States[source.StateEstablished] = 540
	r.States[source.StateTimeWait] = 28126
	r.States[source.StateListen] = 2
	r.States[source.StateNewSynRecv] = 1
	return r
}

func exhausted() diagnosis.Destination {
	d := diagnosis.Destination{
		Local: netip.MustParseAddr("127.0.0.1"), Remote: netip.MustParseAddrPort("127.0.0.1:4001"),
		Ports: diagnosis.PortUse{Capacity: 28230, Used: 28230, FreeExact: true, Reusable: ptr(0),
			UsedTimeWait: 28104, Pressure: 100, SlowConnect: true},
		ClosesLast: ptr(0), ClosesPeak: ptr(1480), Closes: &diagnosis.Series{}, Releases: &diagnosis.Series{},
		NextRelease: ptr(3 * time.Second),
		Demand:      &diagnosis.Demand{PerSecond: 1480.04, Basis: diagnosis.BasisRemembered, AtLeast: true},
		Forecast:    shortage(),
	}
	d.States[source.StateEstablished] = 126
	d.States[source.StateTimeWait] = 28104
	for i := range d.Closes {
		if i < 19 {
			d.Closes[i], d.Releases[i+3] = 1480, 1480
		}
	}
	return d
}

// shortage is a forecast with everything that one can have.
func shortage() *diagnosis.Forecast {
	return &diagnosis.Forecast{
		Outlook: diagnosis.Outlook{Sustainable: ptr(468.4), Exhausted: new(time.Duration)},
		Above:   41 * time.Second,
		WhatIf: []diagnosis.WhatIf{
			{Change: diagnosis.ChangeReuse, Text: "net.ipv4.tcp_tw_reuse=1", Capacity: 28230, Enough: ptr(true),
				Outlook: diagnosis.Outlook{Sustainable: ptr(28104.0), Settles: ptr(14112)}},
			{Change: diagnosis.ChangeRange, Text: "net.ipv4.ip_local_port_range=10240 65535", Capacity: 55294, Enough: ptr(false),
				Outlook: diagnosis.Outlook{Sustainable: ptr(919.4667), Exhausted: ptr(18_320 * time.Millisecond)}},
			{Change: diagnosis.ChangeBoth, Text: "net.ipv4.tcp_tw_reuse=1 + net.ipv4.ip_local_port_range=10240 65535", Capacity: 55294,
				Note: "it needs TCP timestamps, and whether these connections have them is not known"},
			{Change: diagnosis.ChangeKeepalive, Text: "keepalive", Capacity: 28230, Enough: ptr(true),
				Outlook: diagnosis.Outlook{Settles: ptr(126)}, Note: "the first connections have to wait until ports come back"},
		},
	}
}

func atEase() diagnosis.Destination {
	d := diagnosis.Destination{
		Local: netip.MustParseAddr("2001:db8:1111:2222:3333:4444:5555:6666"), Remote: netip.MustParseAddrPort("[2001:db8:7777:8888:9999:aaaa:bbbb:cccc]:5432"),
		Ports: diagnosis.PortUse{Capacity: 28230, Used: 412, Free: 27818, UsedTimeWait: 12, Pressure: 1.4594},
	}
	d.States[source.StateEstablished] = 400
	d.States[source.StateTimeWait] = 12
	return d
}

func services() []diagnosis.Service {
	s := []diagnosis.Service{
		{Local: netip.MustParseAddrPort("0.0.0.0:4001"), Sockets: 2, AcceptQueue: ptr(512), Backlog: ptr(511), WorstQueue: ptr(300), WorstBacklog: ptr(255)},
		{Local: netip.MustParseAddrPort("[::]:8080"), Gone: true},
	}
	s[0].States[source.StateEstablished] = 128
	s[0].States[source.StateTimeWait] = 22
	s[1].States[source.StateCloseWait] = 9
	return s
}

// crowd is a report of n destinations.
func crowd(n int) *diagnosis.Report {
	r := &diagnosis.Report{Snapshot: &source.Snapshot{Kind: source.KindLive}}
	for i := range n {
		d := exhausted()
		d.Remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 80)
		d.ClosesLast = ptr(i)
		r.Destinations = append(r.Destinations, d)
	}
	return r
}

// hostile are strings that somebody else chose.
var hostile = []string{
	"\x1b[2J\x1b]0;owned\x07web", "a\u202eb\u200b\x00\r\nc", "\xff\xfe" + fmt.Sprint('x'), "\u009b31mx",
}

// findings are two, with every kind of remedy.
func findings() []diagnosis.Finding {
	return []diagnosis.Finding{{
		ID: diagnosis.PortExhaustion, Severity: diagnosis.SeverityCritical, Confidence: diagnosis.Certain,
		Subject: "127.0.0.1 → 127.0.0.1:4001", Destination: 0, Service: -1,
		Claim: "127.0.0.1 → 127.0.0.1:4001 has no local port left: connect() fails now (errno 99)",
		Evidence: []string{
			"28,104 of 28,230 ports are in TIME-WAIT, which lasts 60 s and cannot be tuned.",
			"At least 1,480 connections/s are wanted; 28,230 ports allow 468/s.",
		},
		Remedies: []diagnosis.Remedy{
			{Kind: diagnosis.RemedySysctl, Text: "set net.ipv4.tcp_tw_reuse to 1 (now 0)", Effect: "enough: 28,104/s are borne, at least 1,480/s wanted",
				Enough: ptr(true), Key: "net.ipv4.tcp_tw_reuse", Value: "1", Page: "port-exhaustion"},
			{Kind: diagnosis.RemedyApplication, Text: "keep nginx's upstream connections open", Effect: "126 ports in use", Enough: ptr(true), Page: "nginx"},
			{Kind: diagnosis.RemedySysctl, Text: "widen net.ipv4.ip_local_port_range", Enough: ptr(false), Key: "net.ipv4.ip_local_port_range"},
			{Kind: diagnosis.RemedySysctl, Text: "set net.ipv4.tcp_timestamps to 1 (now 0)", Key: "net.ipv4.tcp_timestamps", Value: "1"},
			{Kind: diagnosis.RemedySystem, Text: "give the backend a second address"},
		},
	}, {
		ID: diagnosis.ListenOverflow, Severity: diagnosis.SeverityWarning, Confidence: diagnosis.Certain,
		Subject: "0.0.0.0:4001", Destination: -1, Service: 0,
		Claim:    "0.0.0.0:4001 accepts too slowly: its accept queue is full",
		Evidence: []string{"300 connections wait to be accepted, with a backlog of 255."},
		Remedies: []diagnosis.Remedy{{Kind: diagnosis.RemedyApplication, Text: "accept faster: more workers"}, {Kind: diagnosis.RemedySystem, Text: "second"}},
	}}
}
