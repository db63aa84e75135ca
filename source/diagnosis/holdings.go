package diagnosis

import (
	"cmp"
	"math"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// Holding is a process with what it holds, towards all destinations together.
// Where the process is not known, but the user or the cgroup, PID is 0.
type Holding struct {
	Process source.Process
	// Ports is how many local ports it holds, Share its part of all that are
	// held. They go by its shares of the destinations, so they are as good as
	// Basis, which is that of the worst destination.
	Ports   int
	Share   float64
	Basis   OwnerBasis
	Samples int
	// Destination is the index of that towards which it holds most, -1 for none,
	// and Service that of the first that it serves.
	Destination, Service int
	// Closes is how many connections it closed in the last second; nil if unknown.
	Closes *float64

	ports, most float64
}

// NearFiles is the part of its open files' limit that a process has used, in
// percent; ok is false where that is not known.
func (h *Holding) NearFiles() (percent float64, ok bool) {
	p := &h.Process
	if p.Files == nil || p.FilesMax == nil || *p.FilesMax == 0 {
		return 0, false
	}
	return 100 * float64(*p.Files) / float64(*p.FilesMax), true
}

// holdings adds up what each process holds.
type holdings struct {
	all []Holding
	at  map[holdingKey]int
}

// holdingKey tells processes apart, and where none is known what is.
type holdingKey struct {
	pid   int
	born  int64 // UnixNano
	uid   uint32
	place source.Place
}

func holdingKeyOf(p *source.Process) holdingKey {
	if p.PID > 0 {
		return holdingKey{pid: p.PID, born: p.Born.UnixNano()}
	}
	return holdingKey{uid: p.UID, place: p.Place}
}

func (h *holdings) of(p *source.Process) *Holding {
	k := holdingKeyOf(p)
	i, ok := h.at[k]
	if !ok {
		i = len(h.all)
		h.at[k] = i
		h.all = append(h.all, Holding{Process: *p, Destination: -1, Service: -1})
	}
	return &h.all[i]
}

// holdings are all owners, those with most ports first, and the processes that
// are near their limit of open files. The report's rows have their owners.
func (a *assessment) holdings() {
	if a.snap.Owners == nil && a.snap.Processes == nil {
		return
	}
	h := holdings{at: map[holdingKey]int{}}
	used := 0.0
	for i := range a.report.Destinations {
		d := &a.report.Destinations[i]
		used += float64(d.Ports.Used)
		if d.Owners != nil {
			h.destination(d, i)
		}
	}
	for i := range a.report.Services {
		if o := a.report.Services[i].Owners; o != nil {
			for j := range o.All {
				h.service(&o.All[j], i)
			}
		}
	}
	for i := range a.snap.Processes {
		p := &a.snap.Processes[i]
		x := h.of(p)
		x.Process.Files, x.Process.FilesMax, x.Process.FilesHard = p.Files, p.FilesMax, p.FilesHard
	}
	for i := range h.all {
		x := &h.all[i]
		x.Ports = int(math.Round(x.ports))
		if used > 0 {
			x.Share = x.ports / used
		}
	}
	slices.SortStableFunc(h.all, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(b.Ports, a.Ports), cmp.Compare(nearFiles(&b), nearFiles(&a)), cmp.Compare(a.Process.PID, b.Process.PID))
	})
	a.report.Holdings = h.all
}

func nearFiles(h *Holding) float64 {
	p, _ := h.NearFiles()
	return p
}

func (h *holdings) destination(d *Destination, i int) {
	for j := range d.Owners.All {
		w := &d.Owners.All[j]
		x := h.of(&w.Process)
		n := w.Share * float64(d.Ports.Used)
		x.ports += n
		x.Samples += w.Samples
		if x.Destination < 0 || n > x.most {
			x.Destination, x.most, x.Basis = i, n, w.Basis
		}
		if d.ClosesLast != nil && w.Basis != OwnerNow {
			closes := w.Share * float64(*d.ClosesLast)
			if x.Closes != nil {
				closes += *x.Closes
			}
			x.Closes = &closes
		}
	}
}

func (h *holdings) service(w *Owner, i int) {
	x := h.of(&w.Process)
	if x.Service < 0 {
		x.Service = i
	}
	if x.Destination < 0 && x.Basis == "" {
		x.Basis, x.Samples = w.Basis, w.Samples
	}
}
