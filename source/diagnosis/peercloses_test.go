package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestPeerClosesMany: 400/s all along, beside a pool of kept connections that
// the peer closes at once. What was opened in that second does not show; the
// demand is not 0 for it, and says that it may be higher.
func TestPeerClosesMany(t *testing.T) {
	skipShort(t)
	const rate, pool, drop = 400, 5900, 700 // ms into a second
	for _, until := range []int{100, 5200, 5899} {
		s := newSeries()
		for sec := range 30 {
			w := newWorld()
			w.frame.Range = source.DefaultPortRange
			w.frame.Clock += uint32(sec*1000 + drop)
			kept := pool
			if sec >= 10 {
				kept = until
			}
			for i := range kept {
				w.live(lo, 50000+i, backend, true)
			}
			for i := range rate * 30 { // one each 2.5 ms
				w.waiting(lo, 32768+(i+sec*rate)%16000, backend, 1000*(rate*30-1-i)/rate)
			}
			d := only(s.assess(w))
			x := d.Demand
			lost := sec >= 10 && sec < 15 && pool-until > 2*rate // in the window
			switch {
			case x == nil || x.PerSecond > rate*1.02 || x.PerSecond < rate*0.6 || !lost && x.PerSecond < rate*0.7:
				t.Errorf("%d s, %d left: demand %s, it is %d/s", sec, until, toldDemand(x), rate)
			case lost && (!x.AtLeast || x.firm):
				t.Errorf("%d s, %d left: demand %s is a lower bound, the peer closed %d", sec, until, toldDemand(x), pool-until)
			case (sec < 10 && sec > 0 || sec > 20 || until == pool-1) && sec > 0 && (x.AtLeast || x.PerSecond < rate*0.98):
				t.Errorf("%d s, %d left: demand %s, it is %d/s", sec, until, toldDemand(x), rate)
			}
		}
	}
}
