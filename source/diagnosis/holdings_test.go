package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestHoldings: what a process holds is added up over the destinations, and a
// process near its limit of files is there though it holds none.
func TestHoldings(t *testing.T) {
	const other = "10.0.0.9:5432"
	s := newSeries()
	w := newWorld()
	inode := uint32(10)
	hold := func(remote string, port int) {
		e := w.conn(lo, port, remote, source.StateEstablished)
		e.Detail = source.Detail{Has: source.HasInode | source.HasUID, Inode: inode}
		inode++
	}
	for i := range 6 {
		hold(backend, 20000+i)
	}
	for i := range 4 {
		hold(other, 20000+i)
	}
	snap := s.snapshot(w)
	snap.Owners = &source.Owners{Processes: []source.Process{nginx, curl}}
	for i := range 10 {
		snap.Owners.Holders = append(snap.Owners.Holders, source.Holder{Inode: uint32(10 + i), Process: int32(i / 8)}) // curl: the last two
	}
	files, limit := uint64(900), uint64(1024)
	full := source.Process{PID: 77, Name: "leak", Files: &files, FilesMax: &limit}
	near := nginx
	near.Files, near.FilesMax = &files, &limit
	snap.Processes = []source.Process{full, near}
	h := s.assessor.Assess(snap).Holdings
	if len(h) != 3 {
		t.Fatalf("%d holdings: %+v", len(h), h)
	}
	if x := &h[0]; x.Process.PID != nginx.PID || x.Ports != 8 || x.Share != 0.8 || x.Destination != 0 || x.Basis != OwnerNow || x.Process.Files == nil {
		t.Errorf("%+v", x)
	}
	if x := &h[1]; x.Process.PID != curl.PID || x.Ports != 2 || x.Destination != 1 || x.Service != -1 {
		t.Errorf("%+v", x)
	}
	if x := &h[2]; x.Process.PID != 77 || x.Ports != 0 || x.Destination != -1 {
		t.Errorf("%+v", x)
	}
	if p, ok := h[2].NearFiles(); !ok || int(p) != 87 {
		t.Errorf("%v, %v", p, ok)
	}
}

func TestHoldingsNobodyLooked(t *testing.T) {
	w := newWorld()
	w.waiting(lo, 20000, backend, 500)
	if h := assess(w).Holdings; h != nil {
		t.Errorf("%+v", h)
	}
}
