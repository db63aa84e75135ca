//go:build !linux

package ui

import "time"

// processCPU is not known here: a snapshot's own cost stands for it.
func processCPU() (time.Duration, bool) { return 0, false }
