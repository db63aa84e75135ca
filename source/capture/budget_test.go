package capture_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// host is a kernel with connections through loopback: each lives for a while,
// then its client's end is in TIME_WAIT until the timer wheel ends it, up to
// 2 s late (HZ=250 rounds a timer of a minute up to 512 ticks). A dump has its
// sockets in the order of a hash table.
type host struct {
	rng     *rand.Rand
	builder *source.Builder
	clock   uint32
	taken   time.Time
	rate    int // connections a second, over destinations
	targets int
	idle    int // connections that do nothing
	next    int
	used    [2][28232]bool // by target and port
	cookie  int
	open    []simConn
	waiting []simConn
	closed  int
	counter uint64
}

type simConn struct {
	target, port int
	at           uint32 // when it closes, or is gone
	deadline     uint32
	cookie       int
}

func newHost(rate, targets, idle int) *host {
	return &host{
		rng: rand.New(rand.NewPCG(1, 2)), builder: source.NewBuilder(), clock: 1 << 24,
		taken: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), rate: rate, targets: targets, idle: idle,
	}
}

// step goes on by a second.
func (h *host) step() {
	for range h.rate {
		h.clock += uint32(1000 / h.rate)
		if h.rng.IntN(h.rate) < 1000%h.rate {
			h.clock++
		}
		h.cookie++
		target := h.cookie % h.targets
		h.open = append(h.open, simConn{
			target: target, port: h.free(target),
			at: h.clock + uint32(2+h.rng.IntN(40)), cookie: h.cookie,
		})
	}
	if h.rate == 0 {
		h.clock += 1000
	}
	h.taken = h.taken.Add(time.Second)
	var still []simConn
	for _, c := range h.open {
		if int32(c.at-h.clock) > 0 {
			still = append(still, c)
			continue
		}
		c.deadline = c.at + 60_000
		c.at = (c.deadline + 2047) / 2048 * 2048
		h.waiting = append(h.waiting, c)
		h.closed++
	}
	h.open = still
	still = h.waiting[:0]
	for _, c := range h.waiting {
		if int32(c.at-h.clock) > 0 {
			still = append(still, c)
		} else {
			h.used[c.target][c.port-32768] = false
		}
	}
	h.waiting = still
}

// free is a port for a new connection: the next one that is free, of the half
// that connect() prefers, from some offset on.
func (h *host) free(target int) int {
	for h.next += 2 * (1 + h.rng.IntN(3)); ; h.next += 2 {
		if h.next%28232 < 2 {
			h.next++ // the other half
		}
		if used := &h.used[target][h.next%28232]; !*used {
			*used = true
			return 32768 + h.next%28232
		}
	}
}

var loopback = source.AddrFromV4(0x7f000001)

func (c *simConn) entry(state source.State) source.Entry {
	return source.Entry{Local: loopback, LocalPort: uint16(c.port), Remote: source.AddrFromV4(0x7f000001 + uint32(c.target)), RemotePort: 4001, State: state}
}

func (h *host) look() *source.Snapshot {
	ls := []source.Listener{{Local: source.AddrFromV4(0), Port: 4001, Detail: source.Detail{Has: source.HasQueues, RecvQ: uint32(h.rng.IntN(3)), SendQ: 511}}}
	h.builder.Begin(source.Frame{Clock: h.clock, Range: source.DefaultPortRange, RangeKnown: true, Listeners: ls, Hint: len(h.waiting) + h.idle})
	for i := range h.open {
		e := h.open[i].entry(source.StateEstablished)
		e.Detail = source.Detail{
			Has: source.HasQueues | source.HasUID | source.HasInode | source.HasCgroup | source.HasInfo | source.HasRetrans, UID: 33, Inode: uint32(h.open[i].cookie * 2), Cgroup: 77,
			Options: 7, RTT: uint32(20 + h.rng.IntN(100)), LastDataSent: uint32(h.rng.IntN(40)), LastDataRecv: uint32(h.rng.IntN(40)), LastAckRecv: uint32(h.rng.IntN(40)),
		}
		h.builder.Add(&e)
		e.Local, e.Remote, e.LocalPort, e.RemotePort = e.Remote, e.Local, e.RemotePort, e.LocalPort
		e.Detail.Inode++
		h.builder.Add(&e)
	}
	for i := range h.waiting {
		c := &h.waiting[i]
		e := c.entry(source.StateTimeWait)
		e.Timer, e.Expires = source.TimerTimeWait, uint32(max(int32(c.deadline-h.clock)+int32(4*h.rng.IntN(8)), 0))
		h.builder.Add(&e)
	}
	for i := range h.idle {
		c := simConn{target: i / 28232, port: 32768 + i%28232}
		e := c.entry(source.StateEstablished)
		e.RemotePort, e.Timer, e.Expires = 5432, source.TimerKeepalive, uint32(i*7)-h.clock
		e.Detail = source.Detail{
			Has: source.HasQueues | source.HasUID | source.HasInode | source.HasCgroup | source.HasInfo | source.HasRetrans, UID: 33, Inode: uint32(i), Cgroup: 77,
			Options: 7, RTT: uint32(20 + i%100), LastDataSent: h.clock - uint32(i*31) + uint32(h.rng.IntN(8)), LastDataRecv: h.clock - uint32(i*31), LastAckRecv: h.clock - uint32(i*31),
		}
		h.builder.Add(&e)
	}
	s := h.builder.Finish()
	s.Taken, s.Kind = h.taken, source.KindLive
	s.Host = source.Host{Name: "web-3", Kernel: "6.18.44"}
	s.Sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": "0", "net.ipv4.ip_local_port_range": "32768 60999"}
	h.counter += uint64(h.rate)
	a, b := h.counter, h.counter
	s.Counters = source.Counters{ActiveOpens: &a, PassiveOpens: &b}
	s.Cost = source.Cost{Wall: time.Duration(5e6 + h.rng.IntN(1e6)), CPU: time.Duration(4e6 + h.rng.IntN(1e6))}
	return s
}

// ss writes the world as `ss -tanoe` does, in the order of its hash table.
func (h *host) ss(w io.Writer) {
	for i := range h.waiting {
		c := &h.waiting[i]
		fmt.Fprintf(w, "TIME-WAIT 0      0          127.0.0.1:%-5d      127.0.0.%d:4001  timer:(timewait,%dsec,0) ino:0 sk:%x\n",
			c.port, c.target+1, max(int32(c.deadline-h.clock), 0)/1000, c.cookie)
	}
}

// TestBudget holds what a recording may take, in bytes.
func TestBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for seconds in one goroutine: nothing for the race detector")
	}
	for _, c := range []struct {
		name                string
		rate, targets, idle int
		seconds             int
		perClose, perFrame  float64 // at the most
	}{
		{"800/s, 48,000 sockets", 800, 2, 0, 240, 5, 0},
		{"440/s, 27,000 sockets", 440, 1, 0, 240, 5, 0},
		{"28,000 idle", 0, 1, 28_000, 240, 0, 2500},
		{"a quiet host", 0, 1, 3, 240, 0, 100},
	} {
		h, n := newHost(c.rate, c.targets, c.idle), new(count)
		for range 62 {
			h.step()
		}
		w, err := capture.NewWriter(n, header)
		if err != nil {
			t.Fatal(err)
		}
		h.closed = 0
		var spent time.Duration
		for range c.seconds {
			h.step()
			s := h.look()
			start := time.Now()
			if err := w.Write(s); err != nil {
				t.Fatal(err)
			}
			spent += time.Since(start)
		}
		perClose, perFrame := float64(*n)/float64(max(h.closed, 1)), float64(*n)/float64(c.seconds)
		t.Logf("%s: %d sockets, %.0f bytes a frame, %.2f for each connection closed, %v a frame", c.name, len(h.waiting)+len(h.open)*2+c.idle, perFrame, perClose, spent/time.Duration(c.seconds))
		if c.perClose > 0 && perClose > c.perClose || c.perFrame > 0 && perFrame > c.perFrame {
			t.Errorf("%s: %.2f bytes for each connection, %.0f a frame", c.name, perClose, perFrame)
		}
	}
}

// count is a writer that counts.
type count int64

func (n *count) Write(b []byte) (int, error) { *n += count(len(b)); return len(b), nil }

// TestAgainstText holds that a capture is five times smaller than what `ss`
// prints each second, through `zstd -19`.
func TestAgainstText(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes zstd -19 some seconds")
	}
	h := newHost(100, 2, 0)
	for range 62 {
		h.step()
	}
	var text bytes.Buffer
	n := new(count)
	w, err := capture.NewWriter(n, header)
	if err != nil {
		t.Fatal(err)
	}
	for range 25 {
		h.step()
		h.ss(&text)
		if err := w.Write(h.look()); err != nil {
			t.Fatal(err)
		}
	}
	packed := packedByZstd(t, text.Bytes())
	t.Logf("ss | zstd -19: %d bytes of %d; the capture %d: %.1f times smaller", packed, text.Len(), *n, float64(packed)/float64(*n))
	if packed < 5*int(*n) {
		t.Errorf("%d bytes against %d", *n, packed)
	}
}

func packedByZstd(t *testing.T, text []byte) int {
	t.Helper()
	c := exec.Command("zstd", "-19", "-c", "-q")
	c.Stdin = bytes.NewReader(text)
	out, err := c.Output()
	if err != nil {
		t.Skipf("no figure without zstd: %v", err)
	}
	return len(out)
}

// hour is an hour at a frame a second, made once.
var hour = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, header)
	if err != nil {
		panic(err)
	}
	h := newHost(440, 1, 0)
	for range 3600 {
		h.step()
		if err := w.Write(h.look()); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
})

// BenchmarkOpenAndSeek opens an hour and shows a frame somewhere in it: that
// must not take more than 150 ms.
func BenchmarkOpenAndSeek(b *testing.B) {
	file := hour()
	rng := rand.New(rand.NewPCG(1, 1))
	var worst time.Duration
	for b.Loop() {
		start := time.Now()
		r, err := capture.Open(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Frame(rng.IntN(r.Len())); err != nil {
			b.Fatal(err)
		}
		worst = max(worst, time.Since(start))
		r.Close()
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-worst")
	b.ReportMetric(float64(len(file)), "bytes")
}

// BenchmarkBack goes from frame to frame backwards.
func BenchmarkBack(b *testing.B) {
	r, err := capture.Open(bytes.NewReader(hour()))
	if err != nil {
		b.Fatal(err)
	}
	for i := r.Len() - 1; b.Loop(); i = max(i-1, 600) {
		if _, err := r.Frame(i); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord is one frame of 28,000 sockets: 30 ms are 3 % of a core.
func BenchmarkRecord(b *testing.B) {
	for _, c := range []struct {
		name                string
		rate, targets, idle int
	}{{"440", 440, 1, 0}, {"idle", 0, 1, 28_000}} {
		h := newHost(c.rate, c.targets, c.idle)
		var all []*source.Snapshot
		for i := range 90 {
			if h.step(); i >= 60 {
				all = append(all, h.look())
			}
		}
		b.Run(c.name, func(b *testing.B) {
			w, err := capture.NewWriter(io.Discard, header)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := w.Write(all[i%len(all)]); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapInuse)/(1<<20), "MB-in-use")
		})
	}
}

// BenchmarkSeek shows the verdict of a frame somewhere in an hour of 27,000
// sockets, with what was before it as far as it counts, and then of those
// around it.
func BenchmarkSeek(b *testing.B) {
	r, err := capture.Open(bytes.NewReader(hour()))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for name, next := range map[string]func(*rand.Rand, int) int{
		"anywhere": func(rng *rand.Rand, _ int) int { return 100 + rng.IntN(r.Len()-200) },
		"on":       func(_ *rand.Rand, at int) int { return at + 1 },
		"back":     func(_ *rand.Rand, at int) int { return at - 1 },
	} {
		b.Run(name, func(b *testing.B) {
			deck, rng, at := diagnosis.NewDeck(r), rand.New(rand.NewPCG(1, 1)), 1800
			if _, _, err := deck.Report(b.Context(), at); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				at = min(max(next(rng, at), 100), r.Len()-1)
				if _, _, err := deck.Report(b.Context(), at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
