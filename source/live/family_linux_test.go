package live_test

import (
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestFamilies: of a family that was not asked for nothing is shown, but its
// listeners block their ports all the same.
func TestFamilies(t *testing.T) {
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.Listen("127.0.0.1:20001")
	ns.Listen("[::1]:20002")
	ns.Listen("[::]:20003")
	ns.Listen("[::]:20004", netnstest.V6Only)
	for family, want := range map[int]int{0: 4, 4: 2, 6: 3} {
		s, err := open(t, live.Config{NetNS: ns.Path(), Family: family}).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := new(diagnosis.Assessor).Assess(s)
		if n := int(r.States[source.StateListen]); n != want || len(r.Services) != want || r.Ports.Capacity != 96 {
			t.Errorf("family %d: %d listeners, %d services, capacity %d; want %d, %d and 96",
				family, n, len(r.Services), r.Ports.Capacity, want, want)
		}
	}
}
