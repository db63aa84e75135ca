package source

import (
	"fmt"
	"testing"
)

// addTimeWaits adds n TIME_WAITs towards 36 destinations, in the order of a
// hash table: neighbours have nothing in common. It fills one Entry over and
// over, as a parser does.
func addTimeWaits(b *Builder, n int) {
	e := Entry{Local: AddrFromV4(0x7f000001), RemotePort: 900, State: StateTimeWait, Timer: TimerTimeWait}
	for i, j := 0, 0; i < n; i++ {
		if j += 7919; j >= n {
			j %= n
		}
		e.Remote, e.LocalPort, e.Expires = AddrFromV4(0x7f000001+uint32(j%36)), uint16(1024+j/36), uint32(j&0xffff)
		b.Add(&e)
	}
}

// BenchmarkBuilder is what a snapshot costs after its entries are decoded:
// interning, orientation, grouping and, for "next", fixing the deadlines.
func BenchmarkBuilder(b *testing.B) {
	listeners := []Listener{{Local: AddrFromV4(0), Port: 900}}
	for n := 1; n <= 1_000_000; n *= 10 {
		run := func(bl *Builder) {
			bl.Begin(Frame{Range: PortRange{1024, 65535}, Listeners: listeners, Hint: n})
			addTimeWaits(bl, n)
			bl.Finish()
		}
		b.Run(fmt.Sprintf("first/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				run(NewBuilder())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/socket")
		})
		b.Run(fmt.Sprintf("next/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			bl := NewBuilder()
			run(bl)
			b.ResetTimer()
			for range b.N {
				run(bl)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/socket")
		})
	}
}
