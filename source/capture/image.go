package capture

import (
	"github.com/359a26c5/twtop/source"
)

// image is the connections of one frame in the recording's order: flows as they
// appeared since the last key frame, sockets of each by port. Fields that are
// not known are zero, and moments stand in for how long ago they were.
type image struct {
	flows   []source.Flow
	counts  []int // of sockets; a flow without any is not in the snapshot
	socks   []sock
	details []source.Detail // LastDataSent, LastDataRecv and LastAckRecv are moments
}

// sock is one connection.
type sock struct {
	deadline uint32 // 0 where no timer runs
	detail   uint32 // index in details plus 1; 0 for a mini-socket
	port     uint16
	state    source.State
	timer    source.Timer
}

func (s *sock) timed() bool { return s.timer != source.TimerNone && s.timer != source.TimerUnknown }

func (s *sock) mini() bool {
	k := source.Socket{State: s.state, Timer: s.timer}
	return k.Mini()
}

// grid is the precision of moments in ms, and slack how far one may seem to
// move and still be the same: together below the 50 ms that deadlines have.
const (
	grid  = 16
	slack = 40
)

func near(a, b uint32) bool { d := int32(a - b); return -slack <= d && d <= slack }

// momentOf is when something was, that many ms ago.
func momentOf(clock, ago uint32) uint32 { return (clock - ago + grid/2) &^ (grid - 1) }

// canonical is d with moments, and without what its Has does not vouch for.
func canonical(d *source.Detail, clock uint32) source.Detail {
	c := source.Detail{Has: d.Has}
	if d.Has&source.HasQueues != 0 {
		c.RecvQ, c.SendQ = d.RecvQ, d.SendQ
	}
	if d.Has&source.HasUID != 0 {
		c.UID = d.UID
	}
	if d.Has&source.HasInode != 0 {
		c.Inode = d.Inode
	}
	if d.Has&source.HasCgroup != 0 {
		c.Cgroup = d.Cgroup
	}
	if d.Has&source.HasInfo != 0 {
		c.Options, c.RTT = d.Options, d.RTT
		c.LastDataSent = momentOf(clock, d.LastDataSent)
		c.LastDataRecv = momentOf(clock, d.LastDataRecv)
		c.LastAckRecv = momentOf(clock, d.LastAckRecv)
	}
	if d.Has&source.HasV6Only != 0 {
		c.V6Only = d.V6Only
	}
	if d.Has&source.HasRetrans != 0 {
		c.Retrans = d.Retrans
	}
	return c
}

// ahead is more than a moment may lie after its clock by the grid and the
// slack, in ms. What is longer ago than 2³² ms less that is not told apart.
const ahead = 1 << 10

// ago turns the moments of d back, as of clock.
func ago(d source.Detail, clock uint32) source.Detail {
	if d.Has&source.HasInfo != 0 {
		d.LastDataSent = since(d.LastDataSent, clock)
		d.LastDataRecv = since(d.LastDataRecv, clock)
		d.LastAckRecv = since(d.LastAckRecv, clock)
	}
	return d
}

// since is how long ago a moment is; the kernel counts up to 49 days.
func since(moment, clock uint32) uint32 {
	if moment-clock < ahead {
		return 0
	}
	return clock - moment
}

// settle gives next the times of before that moved by less than the slack.
func settle(next, before *source.Detail) {
	if next.Has&before.Has&source.HasInfo == 0 {
		return
	}
	next.LastDataSent = settled(next.LastDataSent, before.LastDataSent)
	next.LastDataRecv = settled(next.LastDataRecv, before.LastDataRecv)
	next.LastAckRecv = settled(next.LastAckRecv, before.LastAckRecv)
}

func settled(next, before uint32) uint32 {
	if near(next, before) {
		return before
	}
	return next
}

// parts are the image as a snapshot of that clock has it.
func (m *image) parts(clock uint32) source.Parts {
	p := source.Parts{
		Sockets: make([]source.Socket, len(m.socks)),
		Details: make([]source.Detail, 0, len(m.details)),
	}
	for i, n := range m.counts {
		if n > 0 {
			p.Flows, p.Counts = append(p.Flows, m.flows[i]), append(p.Counts, n)
		}
	}
	for i := range m.socks {
		s := &m.socks[i]
		k := &p.Sockets[i]
		k.Port, k.State, k.Timer, k.Deadline = s.port, s.state, s.timer, clock
		if s.timed() {
			k.Deadline = s.deadline
		}
		if s.detail > 0 {
			p.Details = append(p.Details, ago(m.details[s.detail-1], clock))
		}
	}
	return p
}
