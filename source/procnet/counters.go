package procnet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Counters reads all of source.Counters but Orphans, which SockStat has. A
// figure that is not there, or whose file cannot be read, is nil; the error
// joins what could not be read, and the rest stands.
func (f FS) Counters() (source.Counters, error) {
	var c source.Counters
	return c, errors.Join(f.mibs(&c), f.limits(&c))
}

// mibs reads net/snmp and net/netstat.
func (f FS) mibs(c *source.Counters) error {
	_, snmp := f.readNet("snmp", mibs{
		"Tcp ActiveOpens":  &c.ActiveOpens,
		"Tcp PassiveOpens": &c.PassiveOpens,
		"Tcp AttemptFails": &c.AttemptFails,
		"Tcp EstabResets":  &c.EstabResets,
	}.parse)
	_, netstat := f.readNet("netstat", mibs{
		"TcpExt ListenOverflows":     &c.ListenOverflows,
		"TcpExt ListenDrops":         &c.ListenDrops,
		"TcpExt TWRecycled":          &c.TWRecycled,
		"TcpExt TCPTimeWaitOverflow": &c.TimeWaitOverflow,
	}.parse)
	return errors.Join(snmp, netstat)
}

// limits reads the tables of connection tracking and of open files.
func (f FS) limits(c *source.Counters) error {
	const count, most, files = "net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_max", "fs.file-nr"
	values, err := f.Sysctls([]string{count, most, files})
	errs := []error{err}
	figure := func(key string, column int) *uint64 {
		n, err := columnOf(values, key, column)
		errs = append(errs, err)
		return n
	}
	c.ConntrackCount = figure(count, 0)
	c.ConntrackMax = figure(most, 0)
	c.FilesOpen = figure(files, 0) // open, free, maximum; free is always 0
	c.FilesMax = figure(files, 2)
	return errors.Join(errs...)
}

// columnOf is the column'th number of a sysctl's value; nil where it is absent.
func columnOf(values map[string]string, key string, column int) (*uint64, error) {
	v, ok := values[key]
	if !ok {
		return nil, nil
	}
	fields := strings.Fields(v)
	if column >= len(fields) {
		return nil, fmt.Errorf("sysctl %s is %q: too short", key, clip(v))
	}
	return number("sysctl "+key, fields[column])
}
