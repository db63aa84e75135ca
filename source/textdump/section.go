package textdump

import (
	"bytes"

	"github.com/359a26c5/twtop/source"
)

// section is a table of the text.
type section struct {
	format Format
	line   int          // where it begins
	bare   bool         // without a column for the state
	state  source.State // that all have, where the command said so
	widest int          // bytes of its longest line
	rows   rows
	timers bool // it tells timers: -o
	header bool
	all    bool // the header says that listeners are there too
	waits  bool // it has sockets in TIME_WAIT
	order  int  // votes for the byte order, of /proc/net/tcp

	// How wildcards are written tells an old ss from a new one.
	old, modern, star bool
	v6                bool // it has, or would have, IPv6 sockets
	listeners, others int
}

// complete reports whether it has listeners and connections, as with -a.
func (s *section) complete() bool { return s.listeners > 0 && s.others > 0 }

// isEnd reports whether e is no connection but a socket by itself.
func isEnd(e *source.Entry) bool {
	return e.State == source.StateListen || e.State == source.StateBoundInactive
}

// note takes what one socket tells about the table.
func (s *section) note(e *source.Entry) {
	s.v6 = s.v6 || !e.Local.Is4() && e.Local != anyAddr
	s.star = s.star || e.Local == anyAddr
	s.waits = s.waits || e.State == source.StateTimeWait
	if isEnd(e) {
		s.listeners++
	} else {
		s.others++
	}
	if s.format == FormatProc {
		s.order += orderVote(e)
	}
}

// settle decides, when the text is read, what single lines left open. swap is
// for tables of /proc/net of the other byte order.
func (s *section) settle(swap bool) {
	swap = swap && s.format == FormatProc
	s.rows.each(func(e *source.Entry) {
		if swap {
			e.Local, e.Remote = swapped(e.Local), swapped(e.Remote)
		}
		if s.timers && e.Timer == source.TimerUnknown && !e.Mini() {
			e.Timer = source.TimerNone
			e.Detail.Has |= source.HasRetrans
		}
		s.settleWildcards(e)
	})
}

// settleWildcards says what "*" and "[::]" mean. To ss before iproute2 4.15 "*"
// is 0.0.0.0, and ":::80" is both kinds of the IPv6 wildcard; to a newer one
// "*" is the IPv6 wildcard that takes IPv4 too, and "[::]" the one that does not.
func (s *section) settleWildcards(e *source.Entry) {
	if e.Remote == anyAddr {
		e.Remote = source.Addr{}
	}
	modern := s.modern && !s.old
	switch {
	case e.Local == anyAddr && s.old:
		e.Local = source.AddrFromV4(0)
	case e.Local == anyAddr:
		e.Local = source.Addr{}
		if modern {
			e.Detail.Has |= source.HasV6Only
		}
	case s.star && modern && e.Local == source.Addr{} && isEnd(e) && e.Detail.Has&source.HasV6Only == 0:
		e.Detail.V6Only = true
		e.Detail.Has |= source.HasV6Only
	}
}

// age notes which ss wrote a wildcard.
func (s *section) age(local, remote []byte) {
	v4 := len(local) > 0 && '0' <= local[0] && local[0] <= '9' && bytes.Count(local, []byte(":")) == 1
	switch {
	case hasPrefix(local, ":::"), v4 && string(remote) == "*:*":
		s.old = true
	case hasPrefix(local, "0.0.0.0:"), hasPrefix(remote, "0.0.0.0:"), hasPrefix(local, "["):
		s.modern = true
	}
}
