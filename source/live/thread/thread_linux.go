package thread

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Go runs fn on a thread of its own, which ends with it: whatever namespace fn
// entered, no other goroutine gets to run there. It is never the main thread.
// That one cannot end before the program, and /proc/self/net and
// /proc/self/ns/net are its view: once it is elsewhere, the whole process seems
// to be.
func Go(fn func()) { go run(fn, make(chan struct{}, 1)) }

// run says on placed when fn has a thread.
func run(fn func(), placed chan<- struct{}) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		next := make(chan struct{}, 1)
		go run(fn, next)
		<-next // held until then, so that the next one is not put here again
		runtime.UnlockOSThread()
		return
	}
	placed <- struct{}{}
	fn()
}
