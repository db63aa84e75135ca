package live

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/thread"
	"github.com/359a26c5/twtop/source/procnet"
)

// What the search for owners may take, in parts of one core. What the one
// does not need, the other may have.
const (
	sweepShare  = 0.01
	sampleShare = 0.01
	// firstOwners is what the first sweep may take at once: about 600 processes
	// with 25 descriptors each.
	firstOwners = 50 * time.Millisecond
	// mostCredit is how much may be saved up.
	mostCredit = 20 * time.Millisecond
	// ownersIdle is how long after a Read the search goes on: a frozen screen
	// costs nothing.
	ownersIdle = 5 * time.Second
)

// owners finds out who holds the sockets that matter, on a thread of its own
// inside the namespace. It knows three ways: it sweeps over the descriptors of
// all processes where a socket that stays is nobody's yet; it asks the likeliest
// processes first; and between two frames of a destination where many
// connections come and go it makes a few small dumps of those that are open
// just then, and looks at once who has them.
type owners struct {
	proc    procnet.FS
	clock   clock
	dump    dumper
	cgroups procnet.CgroupTree
	users   users
	wait    time.Duration

	stop context.CancelFunc
	done chan struct{}
	wake chan struct{} // a frame came
	idle chan struct{} // there is nothing left to be swept for

	mu       sync.Mutex
	frames   int
	lastRead time.Time
	want     *wanted             // of the last frame; not changed after
	before   *wanted             // of the one before: who had what is closed by now
	found    map[uint32]*process // by inode
	hopeless map[uint32]bool     // inodes that no process has
	missing  int                 // inodes that are worth a sweep
	sights   map[uint32]*sight   // by inode, since the last frame
	places   map[uint64]source.Place
	spent    time.Duration // processor time that no frame has been told of
	panicked *source.PanicError

	searcher // what only its own thread touches
}

// searcher is the state of the thread.
type searcher struct {
	list        *procnet.Processes
	procs       map[int]*process
	verified    time.Time
	greeted     *wanted // the last that the known processes were asked for
	sweep       sweep
	suspects    suspects
	sweepCredit time.Duration
	burstCredit time.Duration
	refilled    time.Time
	nextBurst   time.Time
}

// startOwners starts the thread. It enters the namespace by enter.
func startOwners(cfg *Config, proc procnet.FS, b border, enter func() error) (*owners, error) {
	ctx, stop := context.WithCancel(context.Background())
	o := &owners{
		proc: proc, clock: b.clock, dump: dumper{dial: b.dial},
		cgroups: procnet.CgroupTree{Roots: cfg.cgroupRoots()}, users: users{path: passwdFile}, wait: cfg.OwnersWait,
		stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1), idle: make(chan struct{}, 1),
		want: newWanted(), before: newWanted(), found: map[uint32]*process{}, hopeless: map[uint32]bool{},
		sights: map[uint32]*sight{}, places: map[uint64]source.Place{},
	}
	o.procs = map[int]*process{}
	o.suspects.seen = map[maker]bool{}
	o.sweepCredit = max(firstOwners, o.wait)
	ready := make(chan error)
	thread.Go(func() { o.run(ctx, enter, ready) })
	if err := <-ready; err != nil {
		stop()
		return nil, err
	}
	return o, nil
}

// run is the thread's life.
func (o *owners) run(ctx context.Context, enter func() error, ready chan<- error) {
	err := enter()
	ready <- err
	if err != nil {
		return
	}
	defer close(o.done)
	defer o.free()
	hurry()
	defer func() {
		if p := source.Panicked(recover()); p != nil {
			o.mu.Lock()
			o.panicked = p
			o.mu.Unlock()
			o.tell()
		}
	}()
	o.refilled = time.Now()
	for o.pause(ctx, o.work(ctx)) {
	}
}

// pause waits, for a frame at the most where d is 0, and is false at the end.
func (o *owners) pause(ctx context.Context, d time.Duration) bool {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-o.wake:
	case <-timer:
	}
	return ctx.Err() == nil
}

// work does what there is credit for, and returns how long to wait then; 0 is
// until the next frame.
func (o *owners) work(ctx context.Context) time.Duration {
	const soonest, latest = 2 * time.Millisecond, time.Second
	o.mu.Lock()
	want, lastRead, missing := o.want, o.lastRead, o.missing
	o.mu.Unlock()
	now := time.Now()
	sweeping, sampling := missing > 0, len(want.targets) > 0
	o.refill(now, sweeping, sampling)
	if !sweeping {
		o.tell()
	}
	fresh := want != o.greeted && len(o.procs) > 0
	if now.Sub(lastRead) > ownersIdle || !sweeping && !sampling && !fresh {
		return 0
	}
	o.charge(&o.sweepCredit, func() { o.verify(now) })
	if fresh && o.sweepCredit > 0 {
		o.greeted = want
		o.charge(&o.sweepCredit, func() { o.askKnown(want) })
	}
	next := latest
	if sweeping {
		if o.sweepCredit > 0 {
			o.charge(&o.sweepCredit, func() { o.sweepOn(want) })
		}
		next = min(next, payBack(o.sweepCredit, sweepShare))
	}
	if sampling {
		if o.burstCredit > 0 && !now.Before(o.nextBurst) {
			o.charge(&o.burstCredit, func() { o.burst(ctx, want) })
			o.nextBurst = now.Add(jitter(payBack(o.burstCredit, sampleShare)))
		}
		next = min(next, time.Until(o.nextBurst))
	}
	return max(next, soonest)
}

// payBack is how long it takes until the credit is positive again.
func payBack(credit time.Duration, share float64) time.Duration {
	if credit > 0 {
		return 0
	}
	return time.Duration(float64(-credit) / share)
}

// refill adds to the credits what the time since the last refill allows.
func (o *owners) refill(now time.Time, sweeping, sampling bool) {
	d := float64(now.Sub(o.refilled))
	o.refilled = now
	sweep, burst := d*sweepShare, d*sampleShare
	switch {
	case !sweeping:
		burst += sweep
	case !sampling:
		sweep += burst
	}
	if o.sweepCredit < mostCredit {
		o.sweepCredit = min(o.sweepCredit+time.Duration(sweep), mostCredit)
	}
	o.burstCredit = min(o.burstCredit+time.Duration(burst), mostCredit)
}

// charge runs fn and takes its processor time off a credit.
func (o *owners) charge(credit *time.Duration, fn func()) {
	before := threadCPU()
	fn()
	o.spend(credit, threadCPU()-before)
}

// spend takes processor time off a credit.
func (o *owners) spend(credit *time.Duration, used time.Duration) {
	*credit -= used
	o.mu.Lock()
	o.spent += used
	o.mu.Unlock()
}

// tell says that there is nothing to wait for.
func (o *owners) tell() {
	select {
	case o.idle <- struct{}{}:
	default:
	}
}

// free gives back what the thread holds.
func (o *owners) free() {
	o.dump.close()
	o.suspects.close()
	o.sweep.close()
	if o.list != nil {
		_ = o.list.Close()
	}
}

// close ends the thread and waits for it.
func (o *owners) close() {
	o.stop()
	<-o.done
}

// frame gives a snapshot what is known of its owners, and tells the thread
// what to look for.
func (o *owners) frame(s *source.Snapshot) {
	want := o.announce(s)
	if o.wait > 0 {
		o.await(o.wait)
		o.wait = 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.panicked != nil {
		panic(o.panicked)
	}
	s.Owners = o.fill(want)
	s.Cost.Search = o.spent
	o.spent = 0
}

// announce makes what s wants known to the thread.
func (o *owners) announce(s *source.Snapshot) *wanted {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before = o.want
	want := collect(s, o.want, o.frames == 0)
	if s.Kind != source.KindLive { // no sock_diag, no small dumps
		want.targets = nil
	}
	o.frames++
	o.want, o.lastRead = want, time.Now()
	gone := func(inode uint32) bool {
		_, now := want.inodes[inode]
		_, then := o.before.inodes[inode]
		return !now && !then
	}
	maps.DeleteFunc(o.found, func(inode uint32, _ *process) bool { return gone(inode) })
	maps.DeleteFunc(o.hopeless, func(inode uint32, _ bool) bool { return gone(inode) })
	o.countMissing()
	select {
	case <-o.idle:
	default:
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return want
}

// countMissing counts what is worth a sweep: a socket that was there in the
// frame before, too. One that comes and goes would be gone before it is found.
func (o *owners) countMissing() {
	o.missing = 0
	for inode, stays := range o.want.inodes {
		if stays && o.found[inode] == nil && !o.hopeless[inode] {
			o.missing++
		}
	}
}

// await waits until the thread has nothing left to sweep for.
func (o *owners) await(most time.Duration) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-o.idle:
	case <-t.C:
	case <-o.done:
	}
}
