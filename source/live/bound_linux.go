package live

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/359a26c5/twtop/source"
)

// The kernel finds bound-inactive sockets by walking its table of bound ports
// with everything that hangs there, 205 ns for each TIME_WAIT: 205 ms beside a
// million of them, as long as the dump itself takes (Linux 6.18).
const (
	boundAlways = 5_000  // up to this many sockets they are always asked for
	boundNear   = 50_000 // and up to this many before the main dump, not beside it
	// boundFirst is up to how many sockets the first look goes by no figure
	// that can be deceived; it takes 40 ms then, beside the main dump.
	boundFirst = 200_000
)

// boundFleeting is up to how many sockets in no table may be there for 20 ms
// only: netlink sockets that somebody closed just now. They are counted again
// after the main dump, which is worth waiting for on a large table.
const boundFleeting = 4

// boundFrames is after how many frames they are looked for in any case.
const boundFrames = 10

// boundReader reads the sockets that are bound and neither listen nor are connected.
type boundReader struct {
	near   *dumper // for a small table, before the main dump
	far    *dumper // for a large one, beside it
	kernel string  // uname -r
	seen   bool    // this kernel has shown some
	looked bool    // and was asked at least once, to the end

	// none: the last look, with unhashed sockets in no table, brought nothing.
	none     bool
	unhashed int
	counted  bool // unhashed is known
	skipped  int  // frames since
}

// boundRead is one such read, under way or done.
type boundRead struct {
	bound []source.Bound
	cpu   time.Duration // of another thread than the caller's
	gaps  []string

	complete bool          // there was a look, and nothing went wrong
	later    bool          // to be decided upon after the main dump
	done     chan struct{} // nil: done
	panicked *source.PanicError
	reader   *boundReader
}

// start reads at once where that is cheap; in the background where it is not,
// and not at all where none can have come since there were none.
func (r *boundReader) start(ctx context.Context, f *facts) *boundRead {
	b := &boundRead{reader: r}
	known, n := f.connectionsKnown(), f.connections()
	switch {
	case known && n <= boundAlways:
		r.none, r.counted = false, false
		b.read(ctx, r.near)
	case r.maySkip(f):
	case known && n <= boundNear:
		b.read(ctx, r.near)
	case !r.mustLook(f) && 0 < r.unhashed && r.unhashed <= boundFleeting:
		b.later = true
	default:
		b.done = make(chan struct{})
		go b.background(ctx)
	}
	return b
}

// mustLook reports whether this look, perhaps the only one, is for certain:
// always but where the table is so large that the look costs as much as all else.
func (r *boundReader) mustLook(f *facts) bool { return !r.looked && f.connections() <= boundFirst }

// maySkip goes by the number of sockets that are in no table, which a
// bound-inactive socket is one of: it is 0, or what it was when nothing was
// found the last time. It can be deceived, by one that came when another
// unused socket went, and by the kernel's own sockets, which count against it;
// for boundFrames frames at most.
func (r *boundReader) maySkip(f *facts) bool {
	n, ok := f.unhashed()
	if ok && !r.mustLook(f) && r.skipped < boundFrames && (n == 0 && !r.seen || r.none && n == r.unhashed) {
		r.skipped++
		return true
	}
	r.none, r.unhashed, r.counted, r.skipped = false, n, ok, 0
	return false
}

// background reads on the second connection.
func (b *boundRead) background(ctx context.Context) {
	defer close(b.done)
	defer func() { b.panicked = source.Panicked(recover()) }()
	runtime.LockOSThread() // for threadCPU
	defer runtime.UnlockOSThread()
	before := threadCPU()
	b.read(ctx, b.reader.far)
	b.cpu = threadCPU() - before
}

func (b *boundRead) read(ctx context.Context, d *dumper) {
	out, err := d.dump(ctx, &query{
		states: source.StateBoundInactive.Mask(),
		begin:  func() { b.bound = nil },
		socket: func(e *source.Entry) {
			if e.State == source.StateBoundInactive {
				b.bound = append(b.bound, source.Bound{Local: e.Local, Port: e.LocalPort, Device: e.Device, Detail: e.Detail})
			}
		},
	})
	if err == nil {
		err = out.broken
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		b.gaps = append(b.gaps, fmt.Sprintf("bound sockets could not be read, each takes a port from every destination: %v", err))
	case out.interrupted:
		b.gaps = append(b.gaps, "the bound sockets changed while they were read: some may be missing")
	default:
		b.complete = true
	}
}

// wait returns the read when it is done. The main dump is over then.
func (b *boundRead) wait(ctx context.Context, f *facts) *boundRead {
	if b.later && !b.reader.maySkip(f) {
		b.read(ctx, b.reader.near)
	}
	b.join()
	if b.panicked != nil {
		panic(b.panicked)
	}
	r := b.reader
	r.none = r.none || r.counted && b.complete && len(b.bound) == 0
	r.seen = r.seen || len(b.bound) > 0
	r.looked = r.looked || b.complete
	if !r.seen && source.KernelBefore(r.kernel, 6, 8) {
		b.gaps = append(b.gaps, fmt.Sprintf("this kernel (%s) does not show bound sockets, each of which takes a port from every destination", r.kernel))
	}
	return b
}

// join waits for the background.
func (b *boundRead) join() {
	if b.done != nil {
		<-b.done
	}
}
