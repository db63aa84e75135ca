package diagnosis

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// simKernel is the part of the kernel that hands out ports towards one
// destination: TIME_WAITs of 60 s that the timer wheel ends up to 2 s late
// (HZ=250 rounds a timer of a minute up to 512 ticks), connect() that takes
// the preferred half first, and reuse.
type simKernel struct {
	low, size int
	reuse     bool
	rng       *rand.Rand

	now     int // ms
	state   []portState
	free    [halves]int // ports by half
	due     []int       // by port: when it closes, or comes back
	closed  []int       // by port: when it was closed
	waiting []int       // ports in TIME_WAIT, and some that no longer are
	listed  []bool      // by port: it is in waiting
	open    [][2]int    // closing time and port, in order of opening
	cursor  [halves]int
	refused int // moment of the first refusal, -1
	fails   int
	swept   int
	stop    bool // at the first refusal
}

type portState uint8

const (
	portFree portState = iota
	portOpen
	portWaiting
)

const (
	wheelMS = 2048
	reuseMS = 1000
)

func newSimKernel(size int, seed uint64) *simKernel {
	k := &simKernel{low: 32768, size: size, rng: rand.New(rand.NewPCG(seed, 1)), refused: -1}
	k.state, k.due, k.closed, k.listed = make([]portState, size), make([]int, size), make([]int, size), make([]bool, size)
	k.free = [halves]int{(size + 1) / 2, size / 2}
	return k
}

// step goes on to the moment to: what is to close closes, what is to come back does.
func (k *simKernel) step(to int) {
	k.now = to
	k.open = slices.DeleteFunc(k.open, func(o [2]int) bool {
		if o[0] > to {
			return false
		}
		p := o[1]
		k.state[p], k.closed[p] = portWaiting, o[0]
		k.due[p] = (o[0] + timeWaitMS + wheelMS - 1) / wheelMS * wheelMS
		if !k.listed[p] {
			k.waiting, k.listed[p] = append(k.waiting, p), true
		}
		return true
	})
	if k.swept++; k.swept%10 != 0 { // every tenth of a second
		return
	}
	k.waiting = slices.DeleteFunc(k.waiting, func(p int) bool {
		if k.state[p] == portWaiting && k.due[p] <= to {
			k.state[p] = portFree
			k.free[p%halves]++
		}
		k.listed[p] = k.state[p] == portWaiting
		return !k.listed[p]
	})
}

// connect opens a connection that lives for life ms.
func (k *simKernel) connect(life int) {
	for half := range halves {
		if k.free[half] == 0 && !k.reuse {
			continue // the kernel searches it, and finds none
		}
		n := (k.size + 1 - half) / 2
		for i := range n {
			at := (k.cursor[half] + i) % n
			p := 2*at + half
			if k.state[p] == portFree || k.reuse && k.state[p] == portWaiting && k.now-k.closed[p] >= reuseMS {
				k.cursor[half] = at + 1 + k.rng.IntN(8)
				if k.state[p] == portFree {
					k.free[half]--
				}
				k.state[p] = portOpen
				k.open = append(k.open, [2]int{k.now + life, p})
				return
			}
		}
	}
	k.fails++
	if k.refused < 0 {
		k.refused = k.now
	}
}

// load is what programs want: the moments (ms) of connect(), between two.
type load func(from, to int) []int

// steady is that many a second, evenly.
func steady(rate float64) load { return varying(func(float64) float64 { return rate }) }

// varying follows a rate over time in seconds.
func varying(rate func(t float64) float64) load {
	owed := 0.0
	return func(from, to int) (at []int) {
		for ms := from; ms < to; ms++ {
			for owed += rate(float64(ms)/1000) / 1000; owed >= 1; owed-- {
				at = append(at, ms)
			}
		}
		return at
	}
}

// poisson are arrivals that know nothing of each other.
func poisson(rate float64, rng *rand.Rand) load {
	next := 0.0
	return func(from, to int) (at []int) {
		for next = max(next, float64(from)); next < float64(to); next += rng.ExpFloat64() * 1000 / rate {
			at = append(at, int(next))
		}
		return at
	}
}

// run lets the load and the kernel go on until a moment, in ms.
func (k *simKernel) run(until int, l load, life func() int) {
	const tick = 10
	for from := k.now; from < until; from += tick {
		for _, at := range l(from, from+tick) {
			k.now = at
			k.connect(life())
		}
		k.step(from + tick)
		if k.stop && k.refused >= 0 {
			return
		}
	}
}

func (k *simKernel) used() (n int) {
	for _, s := range k.state {
		if s != portFree {
			n++
		}
	}
	return n
}

func lifetime(ms int) func() int { return func() int { return ms } }

// clockBase is the snapshots' clock when the simulated one is 0.
const clockBase = 1 << 20

// world is what a dump shows now.
func (k *simKernel) world() *world {
	w := newWorld()
	w.frame.Clock = uint32(clockBase + k.now)
	w.frame.Range = source.PortRange{Low: uint16(k.low), High: uint16(k.low + k.size - 1)}
	w.entries = make([]source.Entry, 0, len(k.waiting)+len(k.open))
	if k.reuse {
		w.sysctls = set("tcp_tw_reuse", "1")
	}
	for _, p := range k.waiting {
		if k.state[p] == portWaiting {
			left := k.closed[p] + timeWaitMS - k.now
			w.waiting(lo, k.low+p, backend, timeWaitMS-max(left, 0))
		}
	}
	for _, o := range k.open {
		w.live(lo, k.low+o[1], backend, true)
	}
	return w
}

// copy is a kernel that goes its own way from here.
func (k *simKernel) copy() *simKernel {
	c := *k
	c.state, c.due, c.closed = slices.Clone(k.state), slices.Clone(k.due), slices.Clone(k.closed)
	c.listed = slices.Clone(k.listed)
	c.waiting, c.open = slices.Clone(k.waiting), slices.Clone(k.open)
	c.rng = rand.New(rand.NewPCG(k.rng.Uint64(), 2))
	c.refused, c.fails = -1, 0
	return &c
}

// widen makes the range as wide as the what-if has it.
func (k *simKernel) widen(low, high int) {
	grown := newSimKernel(high-low+1, 3)
	shift := k.low - low
	copy(grown.state[shift:], k.state)
	copy(grown.due[shift:], k.due)
	copy(grown.closed[shift:], k.closed)
	copy(grown.listed[shift:], k.listed)
	for i := range k.waiting {
		k.waiting[i] += shift
	}
	for i := range k.open {
		k.open[i][1] += shift
	}
	k.low, k.size, k.state, k.due, k.closed, k.listed = low, grown.size, grown.state, grown.due, grown.closed, grown.listed
	k.free = [halves]int{}
	for p, s := range k.state {
		if s == portFree {
			k.free[p%halves]++
		}
	}
}

// skipShort leaves out what simulates minutes of a kernel in one goroutine: the
// race detector makes it five times as long and can find nothing.
func skipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it simulates a kernel for minutes")
	}
}
