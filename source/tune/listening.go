package tune

import (
	"errors"
	"io/fs"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// listenedOn are the ports of listeners at this moment. They come first in
// /proc/net/tcp (tcp_seq_start, net/ipv4/tcp_ipv4.c), so that a long table costs
// nothing.
func listenedOn(procRoot string) (source.PortSet, error) {
	var ports source.PortSet
	emit := func(e *source.Entry) bool {
		if e.State != source.StateListen {
			return false
		}
		ports.Add(e.LocalPort)
		return true
	}
	proc := procnet.FS{Root: procRoot}
	for _, read := range []func(func(*source.Entry) bool) (procnet.TCPTable, error){proc.TCP, proc.TCP6} {
		if _, err := read(emit); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return ports, err
		}
	}
	return ports, nil
}
