package procnet

import (
	"os"
	"path/filepath"
)

// SharesNetNS reports whether a process is in the network namespace of the
// calling thread. It is not known where the process has ended, or hides.
func (f FS) SharesNetNS(pid int) (shares, known bool) {
	own, err := os.Readlink(filepath.Join(f.Root, "thread-self/ns/net"))
	if err != nil { // a kernel without namespaces, or without thread-self
		return true, true
	}
	if its, err := os.Readlink(f.pidPath(pid, "ns/net")); err == nil {
		return its == own, true
	}
	return f.sharesNetFiles(pid)
}

// sharesNetFiles is for users who may not read the link: the inode of a file
// in /proc/PID/net is that of its namespace (proc_get_inode in
// fs/proc/inode.c), and any user may ask for it.
func (f FS) sharesNetFiles(pid int) (shares, known bool) {
	const name = "net/snmp"
	own, err := os.Stat(filepath.Join(f.Root, "thread-self", name))
	if err != nil {
		return false, false
	}
	its, err := os.Stat(f.pidPath(pid, name))
	if err != nil {
		return false, false
	}
	return os.SameFile(own, its), true
}
