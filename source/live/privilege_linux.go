package live

import (
	"os"

	"golang.org/x/sys/unix"
)

// seesAll reports whether this process may see who holds the sockets of other
// users: as root, or with the two capabilities that /proc/PID/fd asks for, to
// enter the directory and to read its links (proc_fd_permission and
// proc_pid_readlink in fs/proc), as a service has them that is not root.
func seesAll() bool {
	if os.Geteuid() == 0 {
		return true
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData // of 32 capabilities each
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return false
	}
	const both = 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_SYS_PTRACE
	return sets[0].Effective&both == both
}
