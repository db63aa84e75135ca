package diagnosis

import (
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
		"many in a private network":  {20, "10.0.0.1", away, quiet(900_000), source.TimerNone, 0, "idle for up to 15 min", ""},
		"private IPv6":               {19, "fd00::1", "[fd00::2]:5432", quiet(900_000), source.TimerNone, 0, "", ""},
		"IPv6":                       {5, "2001:db8::1", "[2001:db8::2]:5432", quiet(900_000), source.TimerNone, 0, "[2001:db8::2]:5432", ""},
		"the default time":           {5, "10.0.0.1", far, quiet(400_000), source.TimerKeepalive, 6_800_000, "next probe in 113 min", "60"},
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
		f := hint(t, found, c.says, "page "+PageNATKeepalive, "SO_KEEPALIVE")
		if f.Confidence != Possible || f.remedyFor(keyKeepaliveTime) != c.value || f.Destination != 0 {
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
