package live

import "github.com/359a26c5/twtop/source"

// facts is what /proc tells of a namespace before its sockets are read. A nil
// figure is absent or could not be read.
type facts struct {
	ports      source.PortRange
	portsKnown bool
	reserved   source.PortSet
	sysctls    map[string]string
	counters   source.Counters

	fullSockets *int // of both families, in whatever state
	timeWait    *int
	unhashed    *int // sockets in no hash table: not bound, or bound-inactive

	gaps []string
}

// connections is about how many sockets a dump brings; 0 if unknown.
func (f *facts) connections() int {
	if !f.connectionsKnown() {
		return 0
	}
	return *f.fullSockets + *f.timeWait
}

func (f *facts) connectionsKnown() bool { return f.fullSockets != nil && f.timeWait != nil }
