package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// kernelClock is CLOCK_REALTIME and CLOCK_MONOTONIC.
type kernelClock struct{}

func (kernelClock) Now() time.Time { return time.Now() }

func (kernelClock) Millis() uint32 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return uint32(time.Now().UnixMilli()) // cannot happen: the clock is older than sock_diag
	}
	return uint32(uint64(ts.Sec)*1000 + uint64(ts.Nsec)/1e6)
}

// threadCPU is the processor time that the calling thread has used so far.
func threadCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
