package live

import (
	"math/rand/v2"
	"time"

	"golang.org/x/sys/unix"
)

// hurry lets the calling thread go before others where they want more than there
// is of the processors: the search for owners takes 2 % at the most, and what it
// sees a few milliseconds late has been closed. Without the right to it the
// thread waits its turn.
func hurry() { _ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), -10) }

// jitter is d, half of it more or less, so that the samples do not keep step
// with a program that works by the clock.
func jitter(d time.Duration) time.Duration {
	const least = 20 * time.Millisecond
	d = max(d, least)
	return d/2 + rand.N(d)
}
