package procnet

import (
	"io"
	"strings"
)

// SockStat is net/sockstat with net/sockstat6. A field is nil where the kernel
// has no such figure.
type SockStat struct {
	// Used counts the sockets of the namespace that programs made, of all
	// address families, in a hash table or not (sock_inuse_get).
	Used *uint64
	// TCPInUse and TCP6InUse count full TCP sockets in a hash table.
	TCPInUse, TCP6InUse *uint64
	// TimeWait counts timewait mini-sockets of both families.
	TimeWait *uint64
	// Orphans is host-wide, also inside a namespace.
	Orphans *uint64
}

// SockStat reads net/sockstat and net/sockstat6.
func (f FS) SockStat() (*SockStat, error) {
	s := new(SockStat)
	for _, name := range []string{"sockstat", "sockstat6"} {
		if _, err := f.readNet(name, s.parse); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// parse reads lines like "TCP: inuse 2 orphan 0 tw 28233 alloc 3 mem 0"
// (sockstat_seq_show in net/ipv4/proc.c).
func (s *SockStat) parse(r io.Reader) error {
	return eachLine(r, func(fields []string) error {
		if len(fields) == 0 {
			return nil
		}
		group := strings.TrimSuffix(fields[0], ":")
		for i := 1; i+1 < len(fields); i += 2 {
			p := s.field(group, fields[i])
			if p == nil {
				continue
			}
			n, err := number(group+" "+fields[i], fields[i+1])
			if err != nil {
				return err
			}
			*p = n
		}
		return nil
	})
}

func (s *SockStat) field(group, name string) **uint64 {
	switch group + " " + name {
	case "sockets used":
		return &s.Used
	case "TCP inuse":
		return &s.TCPInUse
	case "TCP orphan":
		return &s.Orphans
	case "TCP tw":
		return &s.TimeWait
	case "TCP6 inuse":
		return &s.TCP6InUse
	}
	return nil
}
