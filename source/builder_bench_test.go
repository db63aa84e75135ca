package source

import (
	"fmt"
	"testing"
)

// timeWaits are n TIME_WAITs towards 36 destinations, in the order of a hash
// table: neighbours have nothing in common.
func timeWaits(n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		j := i * 7919 % n
		out[i] = Entry{
			Local: AddrFrom4([4]byte{127, 0, 0, 1}), Remote: AddrFrom4([4]byte{127, 0, 0, byte(1 + j%36)}),
			LocalPort: uint16(1024 + j/36), RemotePort: 900,
			State: StateTimeWait, Timer: TimerTimeWait, Expires: uint32(j % 60_000),
		}
	}
	return out
}

// BenchmarkBuilder is what a snapshot costs after its entries are decoded:
// interning, orientation, grouping and, for "next", fixing the deadlines.
func BenchmarkBuilder(b *testing.B) {
	listeners := []Listener{{Local: AddrFrom4([4]byte{}), Port: 900}}
	for n := 1; n <= 1_000_000; n *= 10 {
		entries := timeWaits(n)
		run := func(bl *Builder) {
			bl.Begin(Frame{Range: PortRange{1024, 65535}, Listeners: listeners, Hint: n})
			for i := range entries {
				bl.Add(&entries[i])
			}
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
