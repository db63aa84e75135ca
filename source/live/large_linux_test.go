package live_test

import (
	"fmt"
	"testing"

	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/procnet"
)

// TestBoundSocketsOfALargeTable: beyond 5,000 sockets the look for bound ones
// goes by the sockets that are in no table, and a tunnel's socket hides one
// there. The first look is not deceived, later ones not for long.
func TestBoundSocketsOfALargeTable(t *testing.T) {
	const many, hidden, shown = 8000, 501, 502 // ports that Storm uses none of
	ns := netnstest.New(t)
	ns.Storm(4, many/4)
	ns.IP("link add vx0 type vxlan id 1 dstport 4789 local 127.0.0.1 dev lo")
	ns.IP("link set vx0 up")
	unhashed := func(want int) {
		t.Helper()
		eventually(t, func() (ok bool, last string) {
			var n int
			ns.Do(func() { n, ok = procnet.FS{Root: "/proc"}.Unhashed() })
			return ok && n == want, fmt.Sprintf("%d sockets in no table, known %v; want %d", n, ok, want)
		})
	}
	unhashed(-1)
	sock := ns.Bind(addr("127.0.0.1", hidden))
	unhashed(0)
	src := open(t, live.Config{NetNS: ns.Path()})
	bound := func() (ports []int) {
		t.Helper()
		s, err := src.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Sockets) < many*3/4 {
			t.Fatalf("the kit left %d sockets, meant to make %d", len(s.Sockets), many)
		}
		for i := range s.Bound {
			ports = append(ports, int(s.Bound[i].Port))
		}
		return ports
	}
	if got := bound(); len(got) != 1 || got[0] != hidden {
		t.Errorf("bound at first: %v, want %d", got, hidden)
	}
	sock.Close()
	ns.Bind(addr("127.0.0.1", shown))
	for range 12 { // one more than the frames that may be skipped
		if got := bound(); len(got) == 1 && got[0] == shown {
			return
		}
	}
	t.Errorf("bound in the end: %v, want %d", bound(), shown)
}
