package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// BenchmarkScreen is the real program in a real terminal beside so many
// TIME_WAITs: from its start to the first frame, and from a key to its answer
// while one dump follows the other. With a million, a dump takes a third of a
// second, and most keys arrive during one.
func BenchmarkScreen(b *testing.B) {
	for _, sockets := range []int{28_000, 1_000_000} {
		b.Run(fmt.Sprint(sockets), func(b *testing.B) {
			ns := netnstest.New(b)
			ns.Storm(36, sockets/36)
			x := onScreen(b, 200, 60, ns, "-i", "100ms")
			x.shows("LIVE", "127.0.0.1:4001")
			first := time.Since(x.started)
			var took []time.Duration
			for i := range 40 {
				key, title := "4", "━ [4] SYSCTLS"
				if i%2 == 1 {
					key, title = "2", "━ [2] DESTINATIONS"
				}
				start := time.Now()
				x.keys(key)
				x.until("focus on "+title, func(screen string) bool { return strings.Contains(screen, title) })
				took = append(took, time.Since(start))
			}
			x.keys("q")
			x.exit()
			slices.Sort(took)
			b.ReportMetric(ms(first), "first-frame-ms")
			b.ReportMetric(ms(took[len(took)/2]), "key-median-ms")
			b.ReportMetric(ms(took[len(took)-1]), "key-max-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
