package diagnosis

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// ownersOf assesses frames that follow each other, and returns the owners of
// the backend in the last one.
func ownersOf(t *testing.T, frames ...func(w *world) *source.Owners) *Owners {
	t.Helper()
	s := newSeries()
	var r *Report
	w := newWorld()
	for i, frame := range frames {
		w.entries = nil
		w.frame.Clock = uint32(1_000_000 + 1000*i)
		o := frame(w)
		snap := s.snapshot(w)
		snap.Owners = o
		r = s.assessor.Assess(snap)
	}
	return find(t, r, lo+" → "+backend).Owners
}

var (
	bornAt = time.Unix(1_763_941_000, 0)
	nginx  = source.Process{PID: 2872, Name: "nginx", UID: 33, User: "www-data", Born: bornAt, Place: source.Place{Unit: "nginx.service"}}
	curl   = source.Process{PID: 3001, Name: "curl", Born: bornAt}
)

// hold opens a connection whose socket has that inode.
func (w *world) hold(port int, inode uint32) {
	e := w.conn(lo, port, backend, source.StateEstablished)
	e.Detail = source.Detail{Has: source.HasInode | source.HasUID, Inode: inode}
}

func seenOpen(port int, inode uint32, process int32, walk, open uint32) source.Sighting {
	a, p := addrPort(backend)
	l, _ := addrPort(lo + ":1")
	return source.Sighting{Local: l, Remote: a, LocalPort: uint16(port), RemotePort: p, Inode: inode, Process: process, Walk: walk, Open: open}
}

func share(o *Owners, p *source.Process) (float64, OwnerBasis) {
	for i := range o.All {
		if o.All[i].Process.Same(p) {
			return o.All[i].Share, o.All[i].Basis
		}
	}
	return 0, ""
}

func checkSum(t *testing.T, o *Owners) {
	t.Helper()
	sum := o.Unknown
	for i := range o.All {
		sum += o.All[i].Share
	}
	if math.Abs(sum-1) > 1e-9 || o.Unknown < 0 {
		t.Errorf("the shares add up to %v: %+v", sum, o)
	}
}

func TestOwnersNow(t *testing.T) {
	o := ownersOf(t, func(w *world) *source.Owners {
		w.hold(20000, 10)
		w.hold(20002, 11)
		w.hold(20004, 12)
		w.hold(20006, 13)
		return &source.Owners{Processes: []source.Process{nginx, curl}, Holders: []source.Holder{{Inode: 10}, {Inode: 11}, {Inode: 12, Process: 1}}}
	})
	checkSum(t, o)
	n, basis := share(o, &nginx)
	if c, _ := share(o, &curl); n != 0.5 || c != 0.25 || basis != OwnerNow || o.Unknown != 0.25 {
		t.Errorf("%+v", o)
	}
}

// TestOwnersClosed: who had a connection in the frame before is named after it
// was closed, also where the process has ended.
func TestOwnersClosed(t *testing.T) {
	o := ownersOf(t, func(w *world) *source.Owners {
		for i := range uint32(12) {
			w.hold(20000+int(i), 10+i)
		}
		holders := []source.Holder{{Inode: 10}}
		for i := uint32(11); i < 22; i++ {
			holders = append(holders, source.Holder{Inode: i, Process: 1})
		}
		return &source.Owners{Processes: []source.Process{nginx, curl}, Holders: holders}
	}, func(w *world) *source.Owners {
		for i := range 12 {
			w.waiting(lo, 20000+i, backend, 500)
		}
		return &source.Owners{}
	})
	checkSum(t, o)
	n, basis := share(o, &nginx)
	if c, _ := share(o, &curl); math.Abs(n-1./12) > 1e-9 || math.Abs(c-11./12) > 1e-9 || basis != OwnerSampled {
		t.Errorf("%+v", o)
	}
}

// TestOwnersLength: of connections that last ten times as long, ten times as
// many are seen; the shares are the same.
func TestOwnersLength(t *testing.T) {
	o := ownersOf(t, func(w *world) *source.Owners {
		w.waiting(lo, 20098, backend, 59_000)
		return &source.Owners{}
	}, func(w *world) *source.Owners {
		o := &source.Owners{Processes: []source.Process{nginx, curl}}
		for i := range 60 {
			w.waiting(lo, 20000+i, backend, 500)
		}
		for i := range 100 {
			o.Sightings = append(o.Sightings, seenOpen(20000+i%10, uint32(1000+i), 0, 2000, 100))
		}
		for i := range 1000 {
			o.Sightings = append(o.Sightings, seenOpen(20010+i%40, uint32(2000+i), 1, 2000, 1000))
		}
		return o
	})
	checkSum(t, o)
	n, _ := share(o, &nginx)
	if c, basis := share(o, &curl); math.Abs(n-c) > 0.001 || n < 0.45 || basis != OwnerSampled {
		t.Errorf("%+v", o)
	}
}

// TestOwnersUnseen: of what was seen in nobody's hands, it is not known whose
// it was.
func TestOwnersUnseen(t *testing.T) {
	o := ownersOf(t, func(w *world) *source.Owners {
		w.waiting(lo, 20098, backend, 59_000)
		return &source.Owners{}
	}, func(w *world) *source.Owners {
		o := &source.Owners{Processes: []source.Process{nginx}}
		for i := range 60 {
			w.waiting(lo, 20000+i, backend, 500)
		}
		for i := range 1000 {
			o.Sightings = append(o.Sightings, seenOpen(20000+i%60, uint32(100+i), int32(-(i%2)), 2000, 500))
		}
		return o
	})
	checkSum(t, o)
	if n, _ := share(o, &nginx); math.Abs(n-0.5) > 0.02 || math.Abs(o.Unknown-0.5) > 0.02 {
		t.Errorf("%+v", o)
	}
}

// TestOwnersSameDestination: one process, and nothing else that was seen.
func TestOwnersSameDestination(t *testing.T) {
	o := ownersOf(t, func(w *world) *source.Owners {
		w.hold(20000, 10)
		w.waiting(lo, 20002, backend, 5000)
		return &source.Owners{Processes: []source.Process{nginx}, Holders: []source.Holder{{Inode: 10}}}
	})
	if n, basis := share(o, &nginx); n != 1 || basis != OwnerSameDestination {
		t.Errorf("%+v", o)
	}
	if m, ok := o.Main(); !ok || m.Who != "nginx (pid 2872, nginx.service)" || m.Share != 1 {
		t.Errorf("%+v", m)
	}
}

// TestOwnersReusedPID: another process with the same PID is another owner.
func TestOwnersReusedPID(t *testing.T) {
	later := nginx
	later.Born, later.Name = bornAt.Add(time.Hour), "later"
	o := ownersOf(t, func(w *world) *source.Owners {
		w.hold(20000, 10)
		w.hold(20002, 11)
		return &source.Owners{Processes: []source.Process{nginx, later}, Holders: []source.Holder{{Inode: 10}, {Inode: 11, Process: 1}}}
	})
	if n, _ := share(o, &nginx); len(o.All) != 2 || n != 0.5 {
		t.Errorf("%+v", o)
	}
}

func TestOwnersNobodyLooked(t *testing.T) {
	w := newWorld()
	w.waiting(lo, 20000, backend, 500)
	if o := find(t, assess(w), lo+" → "+backend).Owners; o != nil {
		t.Errorf("%+v", o)
	}
	if m, ok := (*Owners)(nil).Main(); ok {
		t.Error(m)
	}
}

// TestMainOwner: processes of one name and place are told together, with the
// basis of the largest; a share below the unknown rest is no main owner's.
func TestMainOwner(t *testing.T) {
	worker := nginx
	worker.PID++
	o := &Owners{Unknown: 0.1, All: []Owner{
		{Process: nginx, Share: 0.45, Basis: OwnerSampled, Samples: 900}, {Process: curl, Share: 0.25, Basis: OwnerNow, Samples: 5},
		{Process: worker, Share: 0.2, Basis: OwnerNow, Samples: 334},
	}}
	if m, ok := o.Main(); !ok || m.String() != "nginx (2 processes, nginx.service): 65 % of 1,234 samples" {
		t.Errorf("%v, %v", &m, ok)
	}
	d := &Destination{Owners: o}
	if s := openedBy(d); s != "Opened by nginx (2 processes, nginx.service): 65 % of 1,234 samples." {
		t.Error(s)
	}
	o.Unknown = 0.7
	if s := openedBy(d); s != "" {
		t.Error(s)
	}
}

// TestVerdictNamesTheOwner: in the headline of an exhaustion, and among the
// evidence of its finding.
func TestVerdictNamesTheOwner(t *testing.T) {
	s := newSeries()
	w := newWorld()
	w.frame.Range.High = 20003
	w.hold(20000, 10)
	for port := 20001; port <= 20003; port++ {
		w.waiting(lo, port, backend, 5000)
	}
	snap := s.snapshot(w)
	snap.Owners = &source.Owners{Processes: []source.Process{nginx}, Holders: []source.Holder{{Inode: 10}}}
	r := s.assessor.Assess(snap)
	const want = "Opened by nginx (pid 2872, nginx.service): 100 % as nobody else connects to it."
	if !strings.HasPrefix(r.Headline.Evidence, want) {
		t.Errorf("%+v", r.Headline)
	}
	if !slices.Contains(r.Findings[0].Evidence, want) {
		t.Errorf("%+v", r.Findings[0])
	}
}

// sampledOwners are of two processes, so many of each, as bursts see them that miss
// when they were opened.
func sampledOwners(t *testing.T, first, second int, open uint32) *Owners {
	t.Helper()
	return ownersOf(t, func(w *world) *source.Owners {
		w.waiting(lo, 20098, backend, 59_000)
		return &source.Owners{}
	}, func(w *world) *source.Owners {
		o := &source.Owners{Processes: []source.Process{nginx, curl}}
		for i := range 60 {
			w.waiting(lo, 20000+i, backend, 500)
		}
		for i := range first + second {
			o.Sightings = append(o.Sightings, seenOpen(20000+i%60, uint32(100+i), int32(min(i/first, 1)), 2000, open))
		}
		return o
	})
}

// TestOwnersInDoubt: what few samples say is told as less than it seems, and what
// many say as nearly that; where nobody knows how long the connections last, two
// that are seen equally often may have any share.
func TestOwnersInDoubt(t *testing.T) {
	few, many := sampledOwners(t, 8, 4, 500), sampledOwners(t, 800, 400, 500)
	for _, o := range []*Owners{few, many} {
		checkSum(t, o)
		n, _ := share(o, &nginx)
		c, _ := share(o, &curl)
		if math.Abs(n/(n+c)-2.0/3) > 0.001 {
			t.Errorf("the parts changed: %+v", o)
		}
	}
	if few.Unknown < 0.15 || few.Unknown > 0.3 {
		t.Errorf("12 samples leave %.2f unknown", few.Unknown)
	}
	if many.Unknown > 0.03 {
		t.Errorf("1,200 samples leave %.2f unknown", many.Unknown)
	}
	if o := sampledOwners(t, 300, 300, 0); o.Unknown < 0.95 {
		t.Errorf("of equals whose connections last nobody knows how long: %+v", o)
	}
	if o := sampledOwners(t, 600, 6, 0); o.Unknown > 0.05 {
		t.Errorf("of one that has nearly all: %+v", o)
	}
}

// TestOwnersOfOneService: connections that were closed before anybody could be
// found are those of the processes of their service, where these are all alike,
// and nobody's where the cgroup is that of a login.
func TestOwnersOfOneService(t *testing.T) {
	look := func(unit string) *Owners {
		return ownersOf(t, func(w *world) *source.Owners {
			w.waiting(lo, 20098, backend, 59_000)
			return &source.Owners{}
		}, func(w *world) *source.Owners {
			o := &source.Owners{Processes: []source.Process{nginx}, Cgroups: []source.Cgroup{{ID: 7, Place: source.Place{Unit: unit}}}}
			for i := range 60 {
				w.waiting(lo, 20000+i, backend, 500)
			}
			for i := range 1000 {
				k := seenOpen(20000+i%60, uint32(100+i), int32(-(i % 4 / 3)), 2000, 500) // of one in four nobody is found
				k.UID, k.Cgroup = 33, 7
				o.Sightings = append(o.Sightings, k)
			}
			return o
		})
	}
	for unit, want := range map[string]float64{"nginx.service": 1, "session-3.scope": 0.75} {
		o := look(unit)
		checkSum(t, o)
		if n, _ := share(o, &nginx); math.Abs(n-want) > 0.02 {
			t.Errorf("%s: %.3f, want %v: %+v", unit, n, want, o)
		}
	}
}
