package procnet

import (
	"errors"
	"os"
	"syscall"
)

// procMagic is PROC_SUPER_MAGIC (include/uapi/linux/magic.h).
const procMagic = 0x9fa0

// isProcfs reports whether a directory is on a procfs of the kernel's.
func isProcfs(dir string) bool {
	var s syscall.Statfs_t
	return syscall.Statfs(dir, &s) == nil && int64(s.Type) == procMagic
}

// ownerOf is the uid that a file belongs to. /proc/PID itself belongs to the
// effective uid of the process, also of one whose files are root's because it
// changed its user (task_dump_owner in fs/proc/base.c).
func ownerOf(info os.FileInfo) uint32 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Uid
	}
	return 0
}

func isNoProcess(err error) bool { return errors.Is(err, syscall.ESRCH) }

// inodeOf is the number of a file.
func inodeOf(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}
