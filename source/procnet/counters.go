package procnet

import (
	"errors"

	"github.com/359a26c5/twtop/source"
)

// Counters reads all of source.Counters. A figure that is not there, or whose
// file cannot be read, is nil; the error joins what could not be read, and the
// rest stands.
func (f FS) Counters() (source.Counters, error) {
	var c source.Counters
	stat, err := f.SockStat()
	if err == nil {
		c.Orphans = stat.Orphans
	}
	return c, errors.Join(err, f.mibs(&c), f.limits(&c))
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
	var errs []error
	figure := func(key string, column int) *uint64 {
		n, err := f.sysctlNumber(key, column)
		errs = append(errs, err)
		return n
	}
	c.ConntrackCount = figure("net.netfilter.nf_conntrack_count", 0)
	c.ConntrackMax = figure("net.netfilter.nf_conntrack_max", 0)
	c.FilesOpen = figure("fs.file-nr", 0) // open, free, maximum; free is always 0
	c.FilesMax = figure("fs.file-nr", 2)
	return errors.Join(errs...)
}
