package live

import (
	"math/rand/v2"
	"time"
)

// jitter is d, half of it more or less, so that the samples do not keep step
// with a program that works by the clock.
func jitter(d time.Duration) time.Duration {
	const least = 20 * time.Millisecond
	d = max(d, least)
	return d/2 + rand.N(d)
}
