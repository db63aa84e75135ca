package procnet

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Sockets calls each with the descriptors of a process that are sockets, and
// their inodes, most descriptors at the most, and returns how many it looked
// at: 3 µs each. It takes root for another user's process.
func (f FS) Sockets(pid, most int, each func(fd int, inode uint32)) (n int, err error) {
	path := f.pidPath(pid, "fd")
	dir, err := os.Open(path)
	if err != nil {
		return 0, wrap(path, gone(err))
	}
	defer func() { _ = dir.Close() }()
	const part = 256
	for n < most {
		names, err := dir.Readdirnames(min(part, most-n))
		n += len(names)
		for _, name := range names {
			fd, err := strconv.Atoi(name)
			if err != nil {
				continue
			}
			link, err := os.Readlink(filepath.Join(path, name))
			if err != nil {
				continue // closed meanwhile
			}
			if inode, ok := SocketInode(link); ok {
				each(fd, inode)
			}
		}
		if errors.Is(err, io.EOF) || len(names) == 0 {
			return n, nil
		}
		if err != nil {
			return n, wrap(path, gone(err))
		}
	}
	return n, nil
}

// SocketInode reads what the link of a socket's descriptor says,
// "socket:[48213]" (sockfs_dname in net/socket.c).
func SocketInode(link string) (inode uint32, ok bool) {
	s, ok := strings.CutPrefix(link, "socket:[")
	if !ok || !strings.HasSuffix(s, "]") {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 64)
	if err != nil || n == 0 {
		return 0, false
	}
	return uint32(n), true // idiag_inode has 32 bits as well
}
