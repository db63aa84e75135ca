package inetdiag

import (
	"slices"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// sight is a kind of socket of which the world has at least one.
type sight struct {
	name string
	v6   bool // dumped under AF_INET6
	is   func(e *source.Entry) bool
}

func (s *sight) in(entries []source.Entry) bool {
	return slices.ContainsFunc(entries, func(e source.Entry) bool { return s.is(&e) })
}

// in says that a socket is in a state, on a port, with at least these fields known.
func in(s source.State, port uint16, has source.Has) func(*source.Entry) bool {
	return func(e *source.Entry) bool {
		return e.State == s && (e.LocalPort == port || e.RemotePort == port) && e.Detail.Has&has == has
	}
}

const held = source.HasRetrans | source.HasQueues | source.HasUID | source.HasInode

// sights are the world's. fields is what a socket with tcp_info has.
func sights(fields source.Has) []sight {
	has := held | fields
	at := func(s source.State, port uint16, and func(*source.Entry) bool) func(*source.Entry) bool {
		is := in(s, port, 0)
		return func(e *source.Entry) bool { return is(e) && and(e) }
	}
	mini := func(e *source.Entry) bool {
		return e.Mini() && e.Detail == source.Detail{} && e.Expires > 0 && e.Expires <= 60_000
	}
	request := func(e *source.Entry) bool { return e.Detail.Has == source.HasRetrans && e.Expires > 0 }
	return []sight{
		{"a listener with its queue", false, at(source.StateListen, 4001, func(e *source.Entry) bool {
			return e.Local.IP().String() == "127.0.0.1" && e.Detail.RecvQ == 1 && e.Detail.SendQ == 7 && e.Detail.Inode != 0
		})},
		{"a listener on a device", false, at(source.StateListen, 4004, func(e *source.Entry) bool {
			return e.Device == 1 && e.Local.Is4() && e.Local.IsUnspecified()
		})},
		{"a listener for both families", true, at(source.StateListen, 4002, func(e *source.Entry) bool {
			return e.Local == source.Addr{} && e.Detail.Has&source.HasV6Only != 0 && !e.Detail.V6Only
		})},
		{"a listener for IPv6 only", true, at(source.StateListen, 4003, func(e *source.Entry) bool {
			return e.Detail.Has&source.HasV6Only != 0 && e.Detail.V6Only
		})},
		{"ESTAB with data waiting", false, at(source.StateEstablished, 4001, func(e *source.Entry) bool {
			return e.Detail.RecvQ == 5 && e.Detail.Inode != 0
		})},
		{"ESTAB not yet accepted", false, at(source.StateEstablished, 4001, func(e *source.Entry) bool {
			return e.LocalPort == 4001 && e.Detail.Inode == 0 && e.Detail.Has&source.HasInode != 0
		})},
		{"ESTAB of a client", false, in(source.StateEstablished, 4001, has)},
		{"ESTAB over IPv6", true, at(source.StateEstablished, 4002, func(e *source.Entry) bool { return !e.Local.Is4() && e.Detail.Has&has == has })},
		{"ESTAB of an IPv6 socket over IPv4", true, at(source.StateEstablished, 4002, func(e *source.Entry) bool {
			return e.LocalPort == 4002 && e.Local.Is4() && e.Remote.Is4()
		})},
		{"TIME_WAIT of a client", false, at(source.StateTimeWait, 4001, mini)},
		{"TIME_WAIT over IPv6", true, at(source.StateTimeWait, 4002, func(e *source.Entry) bool { return mini(e) && !e.Local.Is4() })},
		{"TIME_WAIT of an IPv6 socket over IPv4", true, at(source.StateTimeWait, 4002, func(e *source.Entry) bool {
			return mini(e) && e.LocalPort == 4002 && e.Local.Is4()
		})},
		{"TIME_WAIT between link-local addresses", true, at(source.StateTimeWait, 4002, func(e *source.Entry) bool {
			return mini(e) && e.Local.IsLinkLocal6() && e.Device == 1
		})},
		{"CLOSE_WAIT", false, in(source.StateCloseWait, 4001, has)},
		{"FIN_WAIT2 that is held", false, at(source.StateFinWait2, 4001, func(e *source.Entry) bool {
			return !e.Mini() && e.Detail.Inode != 0
		})},
		{"FIN_WAIT2 of an orphan", false, at(source.StateFinWait2, 4001, mini)},
		{"FIN_WAIT1 of an orphan", false, at(source.StateFinWait1, 4001, func(e *source.Entry) bool {
			return e.Detail.Has&source.HasInode != 0 && e.Detail.Inode == 0
		})},
		{"LAST_ACK", false, in(source.StateLastAck, 4001, held)},
		{"SYN_SENT", false, at(source.StateSynSent, 4001, func(e *source.Entry) bool {
			return e.Detail.Has&held == held && e.Detail.Has&source.HasInfo == 0
		})},
		{"SYN_RECV", false, at(source.StateSynRecv, 4001, request)},
		{"SYN_RECV over IPv6", true, at(source.StateSynRecv, 4002, request)},
	}
}

// boundSights are there where bit 13 was asked for, from Linux 6.8 on.
var boundSights = []sight{
	{"bound over IPv4", false, in(source.StateBoundInactive, 4005, held)},
	{"bound over IPv6", true, in(source.StateBoundInactive, 4006, held|source.HasV6Only)},
}

// missing names what of the sights is not as it should be in the answer to r.
func missing(r Request, entries []source.Entry, list []sight) (out []string) {
	for i := range list {
		wanted := r.Compat || list[i].v6 == (r.Family == FamilyIPv6)
		if list[i].in(entries) != wanted {
			out = append(out, list[i].name)
		}
	}
	return out
}

// look reports what of the sights is not as it should be in the answer to r.
func look(t *testing.T, r Request, v verdict, list []sight) {
	t.Helper()
	for _, name := range missing(r, v.entries, list) {
		t.Errorf("%s: there is none, or there should be none", name)
	}
	if v.short != 0 || v.foreign != 0 || v.unknownStates != 0 || v.stale != 0 || v.errno != 0 || !v.done {
		v.entries = nil
		t.Errorf("the dump is not clean: %+v", v)
	}
}
