package inetdiag

import (
	"errors"
	"flag"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

var record = flag.Bool("record", false, "write the kernel's answers to testdata")

// TestKernel asks this machine's kernel and checks its answers. With -record
// they become the recordings.
func TestKernel(t *testing.T) {
	n := world(t)
	for _, rec := range recordings {
		t.Run(rec.name, func(t *testing.T) {
			datagrams := dump(t, n, rec.r, recordedSeq)
			lookAll(t, rec.r, agree(t, recordedSeq, datagrams...))
			if !*record || t.Failed() {
				return
			}
			if err := save(rec.name, datagrams); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestKernelStates holds that the kernel sends the states asked for, by both
// interfaces, and that listeners alone, bound sockets alone, are just those.
func TestKernelStates(t *testing.T) {
	n := world(t)
	for _, s := range []source.State{
		source.StateListen, source.StateBoundInactive, source.StateTimeWait, source.StateEstablished,
		source.StateSynRecv, source.StateFinWait2, source.StateCloseWait,
	} {
		for _, r := range []Request{{Compat: true}, {Family: FamilyIPv4}} {
			r.States = s.Mask()
			v := agree(t, 3, dump(t, n, r, 3)...)
			if len(v.entries) == 0 {
				t.Errorf("%v by %+v: none", s, r)
			}
			for _, e := range v.entries {
				if e.State != s {
					t.Errorf("%v by %+v: got %v", s, r, e.State)
				}
			}
		}
	}
}

// TestKernelCompat holds that the answers of both interfaces are the same but
// for the message type and what moves with time.
func TestKernelCompat(t *testing.T) {
	n := world(t)
	all := AllStates | source.StateBoundInactive.Mask()
	type key struct {
		local, remote         source.Addr
		localPort, remotePort uint16
		state                 source.State
		has                   source.Has
		inode                 uint32
		cgroup                uint64
		v6Only                bool
	}
	count := func(rs ...Request) map[key]int {
		m := map[key]int{}
		for _, r := range rs {
			r.States, r.Ext = all, ExtInfo
			for _, e := range agree(t, 5, dump(t, n, r, 5)...).entries {
				d := &e.Detail
				m[key{e.Local, e.Remote, e.LocalPort, e.RemotePort, e.State, d.Has, d.Inode, d.Cgroup, d.V6Only}]++
			}
		}
		return m
	}
	one, two := count(Request{Compat: true}), count(Request{Family: FamilyIPv4}, Request{Family: FamilyIPv6})
	if len(one) < 25 {
		t.Errorf("only %d sockets", len(one))
	}
	for k, c := range one {
		if two[k] != c {
			t.Errorf("%+v: %d by TCPDIAG_GETSOCK, %d by SOCK_DIAG_BY_FAMILY", k, c, two[k])
		}
	}
	if len(one) != len(two) {
		t.Errorf("%d against %d", len(one), len(two))
	}
}

// TestKernelRefusal holds that a family the kernel has no sock_diag for is
// errors.ErrUnsupported.
func TestKernelRefusal(t *testing.T) {
	n := netnstest.New(t)
	var p Parser
	p.Reset(1)
	var err error
	for _, d := range dump(t, n, Request{Family: 0, States: AllStates}, 1) {
		_, err = p.Parse(d, func(*source.Entry) {})
	}
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
}
