package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/sysctl"
)

// target is which sockets of this host to look at.
type target struct {
	netns        string
	pid          processID
	only4, only6 bool
}

func (t *target) register(cmd *cobra.Command) {
	t.registerNamespace(cmd)
	f := cmd.Flags()
	f.BoolVarP(&t.only4, "ipv4", "4", false, "only IPv4; -6, --ipv6: only IPv6")
	f.BoolVarP(&t.only6, "ipv6", "6", false, "only IPv6")
}

// registerNamespace is for commands that are about the whole namespace.
func (t *target) registerNamespace(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&t.netns, "netns", "", "network namespace, a `NAME` of ip netns or a path")
	f.Var(&t.pid, "pid", "network namespace of the process `PID`")
}

// ownersWait is the longest that a single look waits for who holds what is open.
// It ends as soon as all are found, or nobody is left to be asked: after 20 ms
// on a host with 500 processes.
const ownersWait = 2 * time.Second

// watched is config for a source that is read again and again: it tells who
// opens the connections.
func (t *target) watched(cmd *cobra.Command) (live.Config, error) {
	c, err := t.config(cmd)
	c.Owners = true
	return c, err
}

// looked is config for a single look that tells who holds the connections.
func (t *target) looked(cmd *cobra.Command) (live.Config, error) {
	c, err := t.watched(cmd)
	c.OwnersWait = ownersWait
	return c, err
}

// config returns what package live must know, or what is wrong with the flags.
func (t *target) config(cmd *cobra.Command) (live.Config, error) {
	c := live.Config{NetNS: t.netns, PID: int(t.pid), SysctlKeys: sysctl.Names()}
	switch {
	case t.only4 && t.only6:
		return c, usagef("-4 and -6 exclude each other: without either, both families are shown")
	case t.netns != "" && t.pid != 0:
		return c, usagef("--netns and --pid exclude each other: both choose a network namespace")
	case cmd.Flags().Changed("netns") && t.netns == "":
		return c, usagef("--netns: a name or a path is missing")
	case t.only4:
		c.Family = 4
	case t.only6:
		c.Family = 6
	}
	return c, nil
}
