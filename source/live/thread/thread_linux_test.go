package thread_test

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/live/thread"
)

// TestNeverTheMainThread: also where the goroutine that asks is on it, and so
// many ask at once that the scheduler would like to use it.
func TestNeverTheMainThread(t *testing.T) {
	const asks = 200
	tids := make(chan int, asks)
	for range asks {
		thread.Go(func() {
			runtime.Gosched()
			tids <- unix.Gettid()
		})
	}
	for range asks {
		if tid := <-tids; tid == os.Getpid() {
			t.Fatal("it ran on the main thread")
		}
	}
}

// TestThreadEnds: its thread is gone soon after it, and nobody else is on it.
func TestThreadEnds(t *testing.T) {
	tid := make(chan int)
	thread.Go(func() { tid <- unix.Gettid() })
	for its := <-tid; unix.Tgkill(os.Getpid(), its, 0) == nil; {
		runtime.Gosched()
	}
}
