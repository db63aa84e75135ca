package live

import (
	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
)

// describeHost runs inside the namespace. What cannot be told stays empty.
func (s *Source) describeHost() source.Host {
	h := source.Host{NetNS: s.ns.label(s.cfg.procRoot())}
	var u unix.Utsname
	if err := unix.Uname(&u); err == nil {
		h.Name = unix.ByteSliceToString(u.Nodename[:])
		h.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	h.BootID = s.proc.BootID()
	return h
}
