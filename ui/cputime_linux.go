package ui

import (
	"syscall"
	"time"
)

// processCPU is the CPU time that this process has used, in user mode and in
// the kernel, all threads together (getrusage, RUSAGE_SELF).
func processCPU() (time.Duration, bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
