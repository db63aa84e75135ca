package inetdiag

import (
	"fmt"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// datagramSize is that of the kernel's datagrams where the receive buffer is
// 32 KiB.
const datagramSize = 32 << 10

// BenchmarkParse climbs from one socket to a million, repeating recorded
// messages of one kind. ns/socket is what counts.
func BenchmarkParse(b *testing.B) {
	kinds := []struct {
		name string
		v    func(e *source.Entry) bool
	}{
		{"time-wait", func(e *source.Entry) bool {
			return e.State == source.StateTimeWait && e.Local.Is4() && e.LocalPort != 4002
		}},
		{"time-wait-v6", func(e *source.Entry) bool { return e.State == source.StateTimeWait && !e.Local.Is4() }},
		{"estab", func(e *source.Entry) bool { return e.State == source.StateEstablished }},
		{"all", func(*source.Entry) bool { return true }},
	}
	for _, kind := range kinds {
		msgs := recordedMessages(b, kind.v)
		for n := 1; n <= 1_000_000; n *= 10 {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) { benchmarkParse(b, msgs, n) })
		}
	}
}

// recordedMessages are those of the sockets that want wants.
func recordedMessages(b *testing.B, want func(*source.Entry) bool) (out [][]byte) {
	for _, m := range messages(b, recording(b, "compat")) {
		if v := parse(recordedSeq, m); len(v.entries) == 1 && want(&v.entries[0]) {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		b.Fatal("no such message was recorded")
	}
	return out
}

// dumpOf makes the datagrams of a dump of n sockets.
func dumpOf(msgs [][]byte, n int) (datagrams [][]byte) {
	d := make([]byte, 0, datagramSize)
	for i := range n {
		m := msgs[i%len(msgs)]
		if len(d)+len(m) > datagramSize {
			datagrams = append(datagrams, d)
			d = make([]byte, 0, datagramSize)
		}
		d = append(d, m...)
	}
	return append(datagrams, d, message(typeDone, 2, recordedSeq, int32(0)))
}

func benchmarkParse(b *testing.B, msgs [][]byte, n int) {
	datagrams := dumpOf(msgs, n)
	// The datagrams lie apart, 96 MB of them for a million sockets, so that no
	// cache helps; live, with its one buffer, is better off.
	var p Parser
	seen := 0
	emit := func(*source.Entry) { seen++ }
	b.ReportAllocs()
	for b.Loop() {
		p.Reset(recordedSeq)
		for _, d := range datagrams {
			if _, err := p.Parse(d, emit); err != nil {
				b.Fatal(err)
			}
		}
	}
	if seen != n*b.N {
		b.Fatalf("%d sockets, want %d × %d", seen, n, b.N)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*b.N), "ns/socket")
}
