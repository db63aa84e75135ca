package diagnosis

import (
	"fmt"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// stormSnapshot has n TIME_WAITs towards 36 destinations, as twstorm makes
// them: the ports in no order, the ages spread over a minute.
func stormSnapshot(n int) *source.Snapshot {
	b := source.NewBuilder()
	b.Begin(source.Frame{
		Clock: 1 << 20, Range: source.PortRange{Low: 1024, High: 65535}, RangeKnown: true, Hint: n,
		Listeners: []source.Listener{{Local: source.AddrFromV4(0), Port: 900}},
	})
	e := source.Entry{Local: source.AddrFromV4(0x7f000001), RemotePort: 900, State: source.StateTimeWait, Timer: source.TimerTimeWait}
	for i, j := 0, 0; i < n; i++ {
		if j += 7919; j >= n {
			j %= n
		}
		e.Remote, e.LocalPort, e.Expires = source.AddrFromV4(0x7f000001+uint32(j%36)), uint16(1024+j/36), uint32(j)*7919%60_000
		b.Add(&e)
	}
	s := b.Finish()
	s.Sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": "1", "net.ipv4.tcp_timestamps": "1"}
	return s
}

// BenchmarkAssess is what one frame costs after it was read.
func BenchmarkAssess(b *testing.B) {
	for n := 1; n <= 1_000_000; n *= 10 {
		s := stormSnapshot(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var a Assessor
			b.ReportAllocs()
			for b.Loop() {
				a.Assess(s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/socket")
		})
	}
}

// BenchmarkAssessFlows is the other extreme: every socket has a destination of its own.
func BenchmarkAssessFlows(b *testing.B) {
	for n := 1000; n <= 1_000_000; n *= 10 {
		bl := source.NewBuilder()
		bl.Begin(source.Frame{Clock: 1 << 20, Range: source.DefaultPortRange, RangeKnown: true, Hint: n})
		e := source.Entry{Local: source.AddrFromV4(0x0a000001), LocalPort: 40000, RemotePort: 80, State: source.StateEstablished}
		e.Detail.Has, e.Detail.Options = source.HasInfo, source.OptTimestamps
		for i := range n {
			e.Remote = source.AddrFromV4(0x0b000000 + uint32(i))
			bl.Add(&e)
		}
		s := bl.Finish()
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var a Assessor
			b.ReportAllocs()
			for b.Loop() {
				a.Assess(s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/flow")
		})
	}
}
