package procnet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxListed bounds how many descriptors are counted one by one: 0.7 µs each.
const maxListed = 1 << 17

// countsFiles reports whether st_size of a process's fd directory is the number
// of its open files (proc_fd_getattr in fs/proc/fd.c, since Linux 6.2), for any
// user. Before it was 0, and on another file system it is something else.
func (f FS) countsFiles() bool {
	info, err := os.Stat(filepath.Join(f.Root, "self/fd"))
	return err == nil && info.Size() > 0 && isProcfs(f.Root)
}

// OpenFiles is the number of a process's open descriptors. Before Linux 6.2
// this takes time for each of them, and root for another user's.
func (p *Processes) OpenFiles(pid int) (uint64, error) {
	path := p.fs.pidPath(pid, "fd")
	if !p.counted {
		return countEntries(path, maxListed)
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, wrap(path, gone(err))
	}
	return uint64(max(info.Size(), 0)), nil
}

// countEntries counts what is in a directory, a part at a time; more than most
// is an error.
func countEntries(path string, most uint64) (n uint64, err error) {
	dir, err := os.Open(path)
	if err != nil {
		return 0, wrap(path, gone(err))
	}
	defer func() { _ = dir.Close() }()
	const part = 1024
	for n <= most {
		names, err := dir.Readdirnames(part)
		n += uint64(len(names))
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, wrap(path, gone(err))
		}
	}
	return 0, wrap(path, fmt.Errorf("more than %d descriptors: too many to count one by one", most))
}
