package ui

import (
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// owned gives a screen owners: nginx holds most, two others serve or are full.
func owned(t *testing.T, w, h int) *driver {
	t.Helper()
	d := drive(t, "exhausted", w, h, nil)
	r := *d.frame.report
	some := func(n uint64) *uint64 { return &n }
	closes := 1450.4
	snap := *r.Snapshot
	snap.Counters.FilesOpen, snap.Counters.FilesMax = some(3456), some(1048576)
	r.Snapshot = &snap
	r.Holdings = []diagnosis.Holding{
		{Process: source.Process{PID: 2872, Name: "nginx\x1b[2J", User: "www-data", Place: source.Place{Unit: "nginx.service"}, Files: some(412), FilesMax: some(1024)},
			Ports: 28110, Share: 0.982, Basis: diagnosis.OwnerSampled, Samples: 1412, Destination: 0, Service: -1, Closes: &closes},
		{Process: source.Process{UID: 1000, Place: source.Place{Container: source.Container{ID: "3f2a9c81b0d4aabb", Runtime: "docker"}}},
			Ports: 400, Share: 0.01, Basis: diagnosis.OwnerNow, Samples: 400, Destination: 1, Service: -1},
		{Process: source.Process{PID: 77, Name: "leak", User: "root", Files: some(1020), FilesMax: some(1024)}, Destination: -1, Service: 0},
	}
	r.Destinations[0].Owners = &diagnosis.Owners{All: []diagnosis.Owner{{Process: r.Holdings[0].Process, Share: 1}}}
	f := newFrame(&r, d.reader.catalogue, false)
	f.order = d.Model.view.arrange(&r)
	d.send(frameMsg{frame: f})
	return d
}

func TestOwnersScreens(t *testing.T) {
	for _, s := range sizes {
		t.Run(s.name, func(t *testing.T) {
			d := owned(t, s.w, s.h)
			d.press("7")
			d.wantShape()
			golden.RequireEqual(t, d.text()+"\n")
		})
	}
}

// TestOwnersPane: who is nearest to the limit of files comes first when the rows
// are sorted by them, and Enter shows where a process connects to.
func TestOwnersPane(t *testing.T) {
	d := owned(t, 120, 40)
	d.press("7")
	d.wantRow("nginx ")
	d.wantText("host 3,456 files open of 1,048,576", "nginx.service", "user 1000", "docker 3f2a9c81b0d4", "serves 127.0.0.1:4001")
	d.press("s") // neither shares nor closes can be sorted by
	d.wantText("by FILES ▼")
	d.press("g")
	d.wantRow("leak")
	d.press("c")
	if len(d.copied) != 1 || d.copied[0] != "77" {
		t.Errorf("copied %q", d.copied)
	}
	d.press("S", "g", "enter")
	d.wantText("━ [2] DESTINATIONS ━ 1 of 6", "filter pid:2872")
	d.press("esc", "7", "j", "enter")
	d.wantText("no process is known")
}

func TestLimitWords(t *testing.T) {
	n := func(n uint64) *uint64 { return &n }
	for want, p := range map[string]*uint64{unknown: nil, "0": n(0), "1,024": n(1024), "no limit": n(1<<63 - 1)} {
		if got := limitWords(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
