package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// kernelClock is CLOCK_REALTIME and CLOCK_MONOTONIC, which stands still while
// the host sleeps, as the kernel's timers do.
type kernelClock struct{}

// started is a moment, and startedMillis the same on CLOCK_MONOTONIC.
// clock_gettime is a system call in package unix, and time.Since none.
var started, startedMillis = time.Now(), monotonicMillis()

func monotonicMillis() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0 // any origin will do
	}
	return ts.Nano() / 1e6
}

func (kernelClock) Now() time.Time { return time.Now() }

func (kernelClock) Millis() uint32 {
	return uint32(startedMillis + time.Since(started).Milliseconds())
}

// threadCPU is the processor time that the calling thread has used so far.
func threadCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
