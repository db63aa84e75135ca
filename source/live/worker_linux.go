package live

import (
	"sync"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/thread"
)

// worker is a thread of its own inside a namespace: /proc/sys/net and
// /proc/thread-self/net show the namespace of the thread that opens them.
type worker struct {
	mu   sync.Mutex
	jobs chan func() // nil once closed
}

// startWorker starts a worker, which first runs enter.
func startWorker(enter func() error) (*worker, error) {
	w := &worker{jobs: make(chan func())}
	ready := make(chan error)
	thread.Go(func() { run(w.jobs, enter, ready) })
	if err := <-ready; err != nil {
		return nil, err
	}
	return w, nil
}

// run is the worker's life.
func run(jobs <-chan func(), enter func() error, ready chan<- error) {
	err := enter()
	ready <- err
	if err != nil {
		return
	}
	for job := range jobs {
		job()
	}
}

// do runs fn on the worker's thread, one at a time, and reports whether it
// did: a closed worker does nothing. If fn panics, do does, with a
// *source.PanicError.
func (w *worker) do(fn func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs == nil {
		return false
	}
	panicked := make(chan *source.PanicError)
	w.jobs <- func() {
		defer func() { panicked <- source.Panicked(recover()) }()
		fn()
	}
	if p := <-panicked; p != nil {
		panic(p) // where the caller can recover, and put the terminal right
	}
	return true
}

// close waits for what is being done and ends the thread.
func (w *worker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs != nil {
		close(w.jobs)
		w.jobs = nil
	}
}
