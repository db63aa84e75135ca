package procnet

import "github.com/359a26c5/twtop/source"

// maxComm bounds a process's name in characters: the kernel keeps 15 bytes of a
// program's, and shows up to 63 of a thread of its own.
const maxComm = 63

// Comm reads a process's name from /proc/PID/comm, cleaned: a program may call
// itself anything.
func (f FS) Comm(pid int) (string, error) {
	b, err := f.readPID(pid, "comm")
	if err != nil {
		return "", err
	}
	return source.Clean(string(b), maxComm), nil
}
