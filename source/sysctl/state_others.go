//go:build !linux

package sysctl

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

var errSystem = errors.New("sysctls are changed on Linux only, this is " + runtime.GOOS)

// ours is not told on this system.
func ours(fs.FileInfo) bool { return true }

// flock fails on this system.
func flock(*os.File) error { return errSystem }
