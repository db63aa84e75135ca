package procnet

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// NetMount is a network namespace that is bound to a file, which keeps it alive
// without a process in it: `ip netns add` does that, and container runtimes.
type NetMount struct {
	Inode uint64
	Path  string // as in the mount namespace of the process that was asked
}

const (
	// maxMountLine bounds a line of mountinfo: the paths in it have 4,096
	// bytes at the most, each of which may be written as four.
	maxMountLine = 64 << 10
	maxMounts    = 100_000 // lines, fs.mount-max's default
)

// NetMounts reads the network namespaces that are mounted where a process sees
// them, from /proc/PID/mountinfo.
func (f FS) NetMounts(pid string) ([]NetMount, error) {
	path := filepath.Join(f.Root, pid, "mountinfo")
	file, err := os.Open(path)
	if err != nil {
		return nil, wrap(path, err)
	}
	defer func() { _ = file.Close() }()
	list, err := parseNetMounts(file)
	return list, wrap(path, gone(err))
}

// parseNetMounts reads lines like (show_mountinfo in fs/proc_namespace.c)
//
//	43 42 0:4 net:[4026532246] /run/netns/a rw shared:2 - nsfs nsfs rw
//
// A line that is too long is passed over, as all that is of another kind.
func parseNetMounts(r io.Reader) (list []NetMount, err error) {
	in := bufio.NewReaderSize(r, maxMountLine)
	for range maxMounts {
		line, err := in.ReadSlice('\n')
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if m, ok := parseNetMount(string(line)); ok && !tooLong {
			list = append(list, m)
		}
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
	}
	return list, nil
}

func parseNetMount(line string) (m NetMount, ok bool) {
	mount, fs, ok := strings.Cut(line, " - ")
	if !ok || !strings.HasPrefix(fs, "nsfs ") {
		return m, false
	}
	fields := strings.Fields(mount)
	if len(fields) < 6 {
		return m, false
	}
	m.Inode, ok = NetInode(fields[3])
	m.Path = unescapeMount(fields[4])
	return m, ok
}

// NetInode reads what a link of /proc/PID/ns says, "net:[4026531840]"
// (ns_get_name in fs/nsfs.c).
func NetInode(link string) (inode uint64, ok bool) {
	s, ok := strings.CutPrefix(link, "net:[")
	if !ok || !strings.HasSuffix(s, "]") {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 64)
	return n, err == nil && n > 0
}

// unescapeMount undoes \040 for a blank, and \011 \012 \134 (mangle in
// fs/proc_namespace.c).
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
