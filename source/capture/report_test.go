package capture_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

func diffOf(a, b any) string {
	return cmp.Diff(a, b, cmp.Exporter(func(t reflect.Type) bool { return true }))
}

// said is a report without what refers to the snapshot's own order, and
// without the kind of its source.
func said(r *diagnosis.Report) *diagnosis.Report {
	c := *r
	c.Snapshot = nil
	c.Destinations = append([]diagnosis.Destination(nil), r.Destinations...)
	for i := range c.Destinations {
		c.Destinations[i].Flow = 0
	}
	c.Services = append([]diagnosis.Service(nil), r.Services...)
	for i := range c.Services {
		c.Services[i].Flows = nil
	}
	c.Gaps = append([]string{}, r.Gaps...)
	return &c
}

// TestReplayIsDiagnosedAlike: whoever replays an incident is told what was told
// on the host.
func TestReplayIsDiagnosedAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for seconds in one goroutine: nothing for the race detector")
	}
	seed := seeded(t)
	for n := range 4 {
		var live []*source.Snapshot
		for w := newWorld(seed + uint64(n)); len(live) < 80; w.step() {
			w.unique = true // of two with one tuple, the last in the dump counts
			live = append(live, w.look())
		}
		alike(t, fmt.Sprint("world ", n), live, open(t, record(t, live)).Frame)
	}
	h := newHost(440, 1, 100)
	var live []*source.Snapshot
	for range 70 {
		h.step()
		live = append(live, h.look())
	}
	alike(t, "host", live, open(t, record(t, live)).Frame)
}

func alike(t *testing.T, name string, live []*source.Snapshot, frame func(int) (*source.Snapshot, error)) {
	t.Helper()
	var before, after diagnosis.Assessor
	for i := range live {
		s, err := frame(i)
		if err != nil {
			t.Fatal(err)
		}
		if diff := diffOf(said(before.Assess(live[i])), said(after.Assess(s))); diff != "" {
			t.Fatalf("%s, frame %d: %s", name, i, diff)
		}
	}
}
