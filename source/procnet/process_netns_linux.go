package procnet

import (
	"os"
	"syscall"
)

// linksOf is how many links a file has.
func linksOf(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 0
}
