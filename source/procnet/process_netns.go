package procnet

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// NetNS is the inode of a process's, or a thread's, network namespace: one
// readlink, 2 µs. It takes root for another user's.
func (f FS) NetNS(pid int) (inode uint64, err error) { return f.netNS(f.pidPath(pid, "ns/net")) }

// OwnNetNS is that of this process.
func (f FS) OwnNetNS() (inode uint64, err error) {
	return f.netNS(filepath.Join(f.Root, "self/ns/net"))
}

func (f FS) netNS(path string) (uint64, error) {
	link, err := os.Readlink(path)
	if err != nil {
		return 0, wrap(path, gone(err))
	}
	inode, ok := NetInode(link)
	if !ok {
		return 0, wrap(path, errors.New("that is no network namespace"))
	}
	return inode, nil
}

// Threads lists the threads of a process but the first, most at the most. A
// process without any costs one stat.
func (f FS) Threads(pid, most int) []int {
	path := f.pidPath(pid, "task")
	// The directory has a link for each thread (proc_task_getattr in fs/proc/base.c).
	if info, err := os.Stat(path); err != nil || linksOf(info) == 3 {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = dir.Close() }()
	var list []int
	for len(list) < most {
		names, err := dir.Readdirnames(min(256, most-len(list)+1))
		for _, name := range names {
			if tid, err := strconv.Atoi(name); err == nil && tid > 0 && tid != pid && len(list) < most {
				list = append(list, tid)
			}
		}
		if errors.Is(err, io.EOF) || len(names) == 0 || err != nil {
			break
		}
	}
	return list
}
