package diagnosis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// hint fails unless there is one notice that is possible, and that says all that.
func hint(t *testing.T, found []Finding, says ...string) Finding {
	t.Helper()
	if len(found) == 1 {
		if found[0].Severity != SeverityNotice {
			t.Errorf("severity %v", found[0].Severity)
		}
		found[0].Severity = SeverityWarning
	}
	return one(t, found, says...)
}

func TestIdleOutlivesNAT(t *testing.T) {
	const far = "198.51.100.9:5432"
	probed := quiet(400_000)
	probed.Retrans = 2
	acked, unaged, untold := quiet(400_000), quiet(400_000), quiet(400_000)
	acked.LastAckRecv = 100_000
	unaged.Has &^= source.HasInfo
	untold.Has &^= source.HasRetrans
	for name, c := range map[string]struct {
		n      int
		local  string
		remote string
		d      source.Detail
		timer  source.Timer
		next   uint32 // ms
		says   string // "" for nothing
		value  string
	}{
		"no keepalive":               {5, "10.0.0.1", far, quiet(350_001), source.TimerNone, 0, "5 of them without SO_KEEPALIVE", ""},
		"not longer":                 {5, "10.0.0.1", far, quiet(350_000), source.TimerNone, 0, "", ""},
		"a few":                      {4, "10.0.0.1", far, quiet(9_000_000), source.TimerNone, 0, "", ""},
		"in a private network":       {19, "10.0.0.1", away, quiet(900_000), source.TimerNone, 0, "", ""},
		"many in a private network":  {90, "10.0.0.1", away, quiet(900_000), source.TimerNone, 0, "", ""},
		"two private networks":       {90, "192.168.1.1", away, quiet(900_000), source.TimerNone, 0, "", ""},
		"a carrier's, or an overlay": {90, "100.64.0.1", "100.127.255.9:5432", quiet(900_000), source.TimerNone, 0, "", ""},
		"beyond the carrier's":       {5, "100.64.0.1", "100.128.0.1:5432", quiet(900_000), source.TimerNone, 0, "idle for up to 15 min", ""},
		"private IPv6":               {90, "fd00::1", "[fd00::2]:5432", quiet(900_000), source.TimerNone, 0, "", ""},
		"a public end here":          {5, "198.51.100.1", away, quiet(900_000), source.TimerNone, 0, "idle for up to 15 min", ""},
		"IPv6":                       {5, "2001:db8::1", "[2001:db8::2]:5432", quiet(900_000), source.TimerNone, 0, "[2001:db8::2]:5432", ""},
		"the default time":           {5, "10.0.0.1", far, quiet(400_000), source.TimerKeepalive, 6_800_000, "lower TCP_KEEPIDLE to 60", "60"},
		"a time of the program's":    {5, "10.0.0.1", far, quiet(400_000), source.TimerKeepalive, 200_000, "next probe in 3 min", ""},
		"soon, but too late":         {5, "10.0.0.1", far, quiet(7_190_000), source.TimerKeepalive, 10_000, "next probe in 10 s", "60"},
		"being probed in vain":       {5, "10.0.0.1", far, probed, source.TimerKeepalive, 30_000, "", ""},
		"probes not told":            {5, "10.0.0.1", far, untold, source.TimerKeepalive, 30_000, "", ""},
		"answers to probes":          {5, "10.0.0.1", far, acked, source.TimerKeepalive, 200_000, "", ""},
		"ages not known":             {50, "10.0.0.1", far, unaged, source.TimerNone, 0, "", ""},
		"timers not known":           {50, "10.0.0.1", far, quiet(900_000), source.TimerUnknown, 0, "", ""},
		"data on the way":            {50, "10.0.0.1", far, quiet(900_000), source.TimerRetransmit, 300, "", ""},
		"a window of 0":              {50, "10.0.0.1", far, quiet(900_000), source.TimerProbe, 300, "", ""},
		"loopback":                   {50, lo, backend, quiet(900_000), source.TimerNone, 0, "", ""},
		"an own address":             {50, "10.0.0.1", "10.0.0.1:5432", quiet(900_000), source.TimerNone, 0, "", ""},
		"link-local":                 {50, "fe80::1", "[fe80::2]:5432", quiet(900_000), source.TimerNone, 0, "", ""},
		"link-local IPv4":            {50, "169.254.1.1", "169.254.169.254:80", quiet(900_000), source.TimerNone, 0, "", ""},
		"without a timer, very long": {5, "10.0.0.1", far, quiet(1<<32 - 1), source.TimerNone, 0, "idle for up to 1193 h", ""},
	} {
		w := newWorld()
		w.sysctls[keyKeepaliveTime] = "7200"
		for i := range c.n {
			e := w.conn(c.local, 20000+i, c.remote, source.StateEstablished)
			e.Detail, e.Timer, e.Expires = c.d, c.timer, c.next
		}
		found := of(assess(w), IdleOutlivesNAT)
		if c.says == "" {
			none(t, found, name)
			continue
		}
		f := hint(t, found, c.says, "page "+PageNATKeepalive, "TCP_KEEPIDLE")
		if f.Confidence != Possible || (c.timer == source.TimerNone) != strings.Contains(f.text(), "turn on SO_KEEPALIVE") || f.remedyFor(keyKeepaliveTime) != c.value || f.Destination != 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestIdleAccepted: the connections of a service's clients, and those of clients
// whose other end is in this namespace too.
func TestIdleAccepted(t *testing.T) {
	w := newWorld()
	w.listen("10.0.0.1:80")
	for i := range 5 {
		w.serve(1, "198.51.100."+string(rune('1'+i)), source.StateEstablished, quiet(500_000))
	}
	f := hint(t, of(assess(w), IdleOutlivesNAT), "10.0.0.1:80: 5 connections idle")
	if f.Service != 0 || f.Destination != -1 {
		t.Errorf("%+v", f)
	}
	w = newWorld()
	w.listen("10.0.0.2:80")
	for i := range 30 {
		w.conn("10.0.0.1", 20000+i, "10.0.0.2:80", source.StateEstablished).Detail = quiet(500_000)
		e := w.conn("10.0.0.2", 80, "10.0.0.1:1", source.StateEstablished)
		e.Detail, e.RemotePort = quiet(500_000), uint16(20000+i)
	}
	none(t, of(assess(w), IdleOutlivesNAT), "both ends are here")
}

// TestIdleBesideLoopback: a service on all addresses has clients here, too, who
// say nothing of the others.
func TestIdleBesideLoopback(t *testing.T) {
	const own = "203.0.113.5"
	w := newWorld()
	w.listen("0.0.0.0:5432")
	pair := func(port int, client, server string) {
		w.conn(client, port, server+":5432", source.StateEstablished).Detail = quiet(500_000)
		w.conn(server, 5432, fmt.Sprintf("%s:%d", client, port), source.StateEstablished).Detail = quiet(500_000)
	}
	for i := range 300 {
		w.conn(own, 5432, fmt.Sprintf("198.51.100.%d:40000", i%250+1), source.StateEstablished).Detail = quiet(500_000)
		if i >= 250 {
			w.entries[i].RemotePort++
		}
	}
	for i := range 7 {
		pair(20000+i, lo, lo)
		pair(20010+i, own, own)
		pair(20020+i, "203.0.113.6", own)
	}
	hint(t, of(assess(w), IdleOutlivesNAT), "0.0.0.0:5432: 300 connections idle")
}

// TestIdleForgotten: in a private network, those that repeat in vain speak for it.
func TestIdleForgotten(t *testing.T) {
	for name, c := range map[string]struct {
		idle    int
		retrans uint8
		timer   source.Timer
		ack     uint32 // ms
		want    bool
	}{
		"data":               {20, 3, source.TimerRetransmit, 350_001, true},
		"probes":             {20, 4, source.TimerKeepalive, 900_000, true},
		"too few are idle":   {19, 9, source.TimerRetransmit, 900_000, false},
		"a lost segment":     {20, 2, source.TimerRetransmit, 900_000, false},
		"an answer just now": {20, 9, source.TimerRetransmit, 350_000, false},
		"nothing was":        {20, 0, source.TimerRetransmit, 900_000, false},
	} {
		w := newWorld()
		w.many(c.idle, away, source.StateEstablished, quiet(900_000))
		d := quiet(100)
		d.LastAckRecv, d.Retrans = c.ack, c.retrans
		w.many(1, away, source.StateEstablished, d)
		w.entries[c.idle].Timer, w.entries[c.idle].Expires = c.timer, 500
		found := of(assess(w), IdleOutlivesNAT)
		if c.want {
			hint(t, found, "20 connections idle", "1 more repeat what they sent")
		} else {
			none(t, found, name)
		}
	}
}

// TestOwnAddresses: those of loopback are left out, and there is an end to it.
func TestOwnAddresses(t *testing.T) {
	b := source.NewBuilder()
	b.Begin(source.Frame{Clock: 1 << 20, Range: source.DefaultPortRange, RangeKnown: true})
	e := source.Entry{State: source.StateEstablished, RemotePort: 443, LocalPort: 40000}
	for i := range uint32(maxAsked + 9) {
		for _, net := range []uint32{0x7f000001, 0xcb000001} {
			e.Local, e.Remote = source.AddrFromV4(net+i), source.AddrFromV4(0xcc000001)
			b.Add(&e)
		}
	}
	own := (&scene{Report: &Report{Snapshot: b.Finish()}}).ownAddresses()
	if len(own) != maxAsked || own[source.AddrFromV4(0x7f000001)] {
		t.Errorf("%d are known", len(own))
	}
}

// TestIdleBudget: of a million connections some are looked at.
func TestIdleBudget(t *testing.T) {
	busy := func(n int) *source.Snapshot {
		b := source.NewBuilder()
		b.Begin(source.Frame{Clock: 1 << 20, Range: source.DefaultPortRange, RangeKnown: true, Hint: n,
			Listeners: []source.Listener{{Local: source.AddrFromV4(0), Port: 80}}})
		e := source.Entry{State: source.StateEstablished, Detail: quiet(9), Local: source.AddrFromV4(0xcb007101), LocalPort: 80}
		for i := range n + 5 {
			if e.Remote, e.RemotePort = source.AddrFromV4(0xcb010000+uint32(i>>14)), uint16(1+i&0x3fff); i >= n {
				e.Remote, e.Detail = source.AddrFromV4(0xcc000001), quiet(900_000)
			}
			b.Add(&e)
		}
		return b.Finish()
	}
	for n, want := range map[int]int{maxIdleLooks: 0, maxIdleLooks - 1<<14: 1} {
		r := new(Assessor).Assess(busy(n))
		if found := of(r, IdleOutlivesNAT); len(found) != want {
			t.Errorf("after %d: %d findings", n, len(found))
		}
	}
}
