package source

import (
	"math/rand/v2"
	"testing"
)

// TestListenerIndexAgainstAll compares match with a look at every listener,
// where many of them are the same: the first of the most specific ones.
func TestListenerIndexAgainstAll(t *testing.T) {
	addrs := []Addr{{}, AddrFromV4(0), AddrFromV4(0x7f000001), AddrFromWords(0, 1)}
	rng := rand.New(rand.NewPCG(14, 0))
	for range 2000 {
		all := make([]Listener, rng.IntN(20))
		for i := range all {
			all[i] = Listener{Local: addrs[rng.IntN(len(addrs))], Port: uint16(80 + rng.IntN(2)), Device: uint32(rng.IntN(3))}
			all[i].Detail.V6Only = rng.IntN(2) == 0
		}
		local, port, device := addrs[rng.IntN(len(addrs))], uint16(80+rng.IntN(2)), uint32(rng.IntN(3))
		want, best := int32(-1), 0
		for i := range all {
			if s := all[i].score(local, port, device); s > best {
				want, best = int32(i), s
			}
		}
		x := newListenerIndex(all)
		if got := x.match(local, port, device); got != want {
			t.Fatalf("%v:%d on %d: listener %d, want %d of %+v", local.IP(), port, device, got, want, all)
		}
	}
}

// TestListenerIndexKeepsOneOfEach: what match has to try does not grow with
// the sockets of one service.
func TestListenerIndexKeepsOneOfEach(t *testing.T) {
	workers := make([]Listener, 256)
	for i := range workers {
		workers[i] = Listener{Local: AddrFromV4(0), Port: 80, Detail: Detail{Inode: uint32(i)}}
	}
	x := newListenerIndex(workers)
	if n := len(x.byPort[80]); n != 1 {
		t.Errorf("%d listeners to try, want 1", n)
	}
}
