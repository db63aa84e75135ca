package live_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestCancelInMidDump gives up dumps of the real kernel's at all sorts of
// moments. What is left of one must not get into the next.
func TestCancelInMidDump(t *testing.T) {
	t.Parallel()
	const sockets = 5000
	ns := netnstest.New(t)
	ns.Storm(2, sockets/2)
	src := open(t, live.Config{NetNS: ns.Path()})
	givenUp := 0
	for i := range 60 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
		_, err := src.Read(ctx)
		cancel()
		if err != nil {
			givenUp++
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error %v, want the context's", err)
			}
		}
	}
	s, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := s.States[source.StateTimeWait]; n != sockets || givenUp == 0 {
		t.Errorf("%d TIME_WAITs after %d dumps that were given up, want %d and some", n, givenUp, sockets)
	}
}
