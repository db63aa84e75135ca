package live

import (
	"fmt"
	"slices"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// facts is what /proc tells of a namespace before its sockets are read. A nil
// figure is absent or could not be read.
type facts struct {
	ports      source.PortRange
	portsKnown bool
	reserved   source.PortSet
	// reservedKnown: reserved is what the kernel told.
	reservedKnown bool
	sysctls       map[string]string
	counters      source.Counters

	fullSockets *int // of both families, in whatever state
	timeWait    *int
	// unhashed counts sockets of the namespace that are in no table, as
	// procnet.FS.Unhashed does. It is asked where it matters only.
	unhashed func() (n int, ok bool)

	processes []source.Process // as in source.Snapshot
	gaps      []string
}

// connections is about how many sockets a dump brings; 0 if unknown.
func (f *facts) connections() int {
	if !f.connectionsKnown() {
		return 0
	}
	return *f.fullSockets + *f.timeWait
}

func (f *facts) connectionsKnown() bool { return f.fullSockets != nil && f.timeWait != nil }

// The sysctls that every snapshot has.
const (
	keyPortRange     = "net.ipv4.ip_local_port_range"
	keyReservedPorts = "net.ipv4.ip_local_reserved_ports"
)

// factReader reads facts from inside the namespace.
type factReader struct {
	proc  procnet.FS
	keys  []string
	root  bool // the process runs as root
	named bool // owners are looked for
	files *fileSweep
}

func newFactReader(proc procnet.FS, keys []string) *factReader {
	r := &factReader{
		proc: proc, keys: slices.Clone(keys), root: seesAll(),
		files: newFileSweep(proc, passwdFile),
	}
	for _, key := range []string{keyPortRange, keyReservedPorts} {
		if !slices.Contains(r.keys, key) {
			r.keys = append(r.keys, key)
		}
	}
	return r
}

func (r *factReader) read() *facts {
	f := &facts{unhashed: r.proc.Unhashed}
	var err error
	f.processes, err = r.files.read()
	f.gaps = r.unseen()
	f.miss(err)
	f.sysctls, err = r.proc.Sysctls(r.keys)
	f.miss(err)
	f.counters, err = r.proc.Counters()
	f.miss(err)
	stat, err := r.proc.SockStat()
	f.miss(err)
	f.readSizes(stat)
	f.readPorts()
	return f
}

func (r *factReader) close() { r.files.close() }

// unseen says which processes' sockets and files are not shown.
func (r *factReader) unseen() (gaps []string) {
	switch {
	case !r.root && r.named && r.files.denied:
		gaps = append(gaps, "not root: of other users' sockets the process is not shown, nor how many files it has open")
	case !r.root && r.named:
		gaps = append(gaps, "not root: of other users' sockets the process is not shown")
	case !r.root && r.files.denied:
		gaps = append(gaps, "not root: the owners of sockets are not shown, nor the open files of other users' processes")
	case !r.root:
		gaps = append(gaps, "not root: the owners of sockets are not shown")
	case r.files.denied:
		gaps = append(gaps, "the open files of some processes could not be counted: permission denied")
	}
	if !r.files.whole {
		gaps = append(gaps, "there are many processes: the open files of some are not counted yet")
	}
	return gaps
}

// readSizes takes what SockStat read, nil if it could not.
func (f *facts) readSizes(stat *procnet.SockStat) {
	if stat == nil {
		return
	}
	f.counters.Orphans = stat.Orphans
	f.timeWait = count(stat.TimeWait)
	f.fullSockets = count(stat.TCPInUse)
	if more := count(stat.TCP6InUse); f.fullSockets != nil && more != nil {
		*f.fullSockets += *more
	}
}

// count makes a figure an int; more than maxCount is nonsense.
func count(n *uint64) *int {
	const maxCount = 1 << 30
	if n == nil || *n > maxCount {
		return nil
	}
	c := int(*n)
	return &c
}

// readPorts understands the sysctls that say which ports there are.
func (f *facts) readPorts() {
	f.ports = source.DefaultPortRange
	v, ok := f.sysctls[keyPortRange]
	if ok {
		r, err := procnet.ParsePortRange(v)
		f.miss(err)
		if err == nil {
			f.ports, f.portsKnown = r, true
		}
	}
	if !f.portsKnown {
		f.gaps = append(f.gaps, fmt.Sprintf("%s could not be read: the default, %v, is assumed", keyPortRange, f.ports))
	}
	v, ok = f.sysctls[keyReservedPorts]
	if !ok {
		f.gaps = append(f.gaps, keyReservedPorts+" could not be read: no port is taken for reserved")
		return
	}
	reserved, err := procnet.ParsePorts(v)
	f.miss(err)
	f.reserved, f.reservedKnown = reserved, err == nil
}

// miss makes gaps of an error, one of each that is joined in it.
func (f *facts) miss(err error) {
	if err == nil {
		return
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			f.miss(one)
		}
		return
	}
	if gap := err.Error(); !slices.Contains(f.gaps, gap) {
		f.gaps = append(f.gaps, gap)
	}
}
