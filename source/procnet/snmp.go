package procnet

import (
	"io"
	"strings"
)

// mibs are the counters of net/snmp and net/netstat that are read:
// "Tcp ActiveOpens" and where its value goes.
type mibs map[string]**uint64

// parse reads pairs of lines, the names of a group and then their values
// (snmp_seq_show, netstat_seq_show in net/ipv4/proc.c).
func (m mibs) parse(r io.Reader) error {
	var names []string
	return eachLine(r, func(fields []string) error {
		if len(names) == 0 || len(fields) == 0 || fields[0] != names[0] {
			names = fields
			return nil
		}
		group := strings.TrimSuffix(names[0], ":")
		for i := 1; i < min(len(names), len(fields)); i++ {
			name := group + " " + names[i]
			p := m[name]
			if p == nil {
				continue
			}
			n, err := number(name, fields[i])
			if err != nil {
				return err
			}
			*p = n
		}
		names = nil
		return nil
	})
}
