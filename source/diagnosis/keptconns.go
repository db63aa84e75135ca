package diagnosis

import (
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// How a connection that is kept open for the next request shows. It is
// ESTABLISHED, and:
//
//   - It has been idle for more than a second, and the answer came later than
//     the question: tcpi_last_data_recv is less than tcpi_last_data_sent. Both
//     count in jiffies, of 1 to 10 ms. A long, slow request looks otherwise: the
//     question came last, or, where it was asked in the jiffy of the handshake,
//     at the same time.
//   - The two are the same, and for five seconds no connection has come to be
//     like that: slow requests would.
//   - Or it was asked and answered anew, a second and more after it was first
//     seen.
//
// Were those the connections that are closed, each would be like that for as
// long as their number ÷ the closes a second says (Little's law). Where they
// have been so for longer, others are closed.

const (
	minKept   = 2
	keptIdle  = 1000 // ms
	keptSteps = 5000 // ms
	// maxKept is how many connections of a destination are looked at.
	maxKept = 256
)

func (d *Destination) established() int { return int(d.States[source.StateEstablished]) }

// keptConnections remembers open connections of one destination, by port.
type keptConnections struct{ seen map[uint16]sighting }

// sighting is an open connection as it was first seen. Moments are on the
// clock of the snapshots.
type sighting struct {
	inode                uint32
	first, asked, answer uint32
	again                bool   // asked and answered again since
	since                uint32 // when that was seen
}

// pool is what there is of connections that are kept open.
type pool struct {
	n        int
	median   time.Duration // for how long they have been, at the least
	answered bool          // they had answers for certain
}

// idlesWhile reports whether the pool's connections have been so for longer,
// and not by chance, than they would if they were those that are closed: the
// median of those is at most about their number ÷ the closes a second. Some
// seconds are asked for, because most that are closed may not live to be seen
// like that: lifetimes spread.
func (p *pool) idlesWhile(closesPerSecond float64) bool {
	return p.n >= minKept && p.median >= (keptSteps-keptIdle)*time.Millisecond &&
		closesPerSecond*p.median.Seconds() >= 3*float64(p.n)
}

// look looks at the flow's open connections, maxKept of them at the most, of
// so many established ones.
func (k *keptConnections) look(s *source.Snapshot, flow, established int) pool {
	open := k.follow(s, flow)
	var sure, doubtful []uint32 // for how long, in ms
	for _, o := range open {
		switch {
		case o.again:
			sure = append(sure, max(elapsed(s.Clock, o.since), o.idle))
		case o.idle < keptIdle || o.recv > o.sent:
		case o.recv < o.sent:
			sure = append(sure, o.idle-keptIdle)
		default:
			doubtful = append(doubtful, o.idle-keptIdle)
		}
	}
	if len(doubtful) > 0 && slices.Min(doubtful) < keptSteps-keptIdle {
		doubtful = nil
	}
	all := append(sure, doubtful...)
	if len(all) == 0 {
		return pool{}
	}
	slices.Sort(all)
	n := len(all) * max(established, len(open)) / len(open) // where there are more than maxKept
	return pool{n: n, median: time.Duration(all[(len(all)-1)/2]) * time.Millisecond, answered: 2*len(sure) >= len(all)}
}

// openConnection is one of this frame. sent, recv and idle are ms ago.
type openConnection struct {
	sighting
	sent, recv, idle uint32
}

// follow returns the flow's open connections, with what is remembered of them.
func (k *keptConnections) follow(s *source.Snapshot, flow int) (open []openConnection) {
	socks := s.SocketsOf(flow)
	next := make(map[uint16]sighting, min(len(socks), maxKept))
	room := maxKept - len(k.seen)
	for i := range socks {
		c := &socks[i]
		if c.State != source.StateEstablished {
			continue
		}
		d := s.DetailOf(c)
		if d == nil || d.Has&source.HasInfo == 0 {
			continue
		}
		o := openConnection{sent: d.LastDataSent, recv: d.LastDataRecv, idle: min(d.LastDataSent, d.LastDataRecv)}
		known, before := k.seen[c.Port]
		if before = before && known.inode == d.Inode; !before {
			if room--; room < 0 {
				continue
			}
			known = sighting{inode: d.Inode, first: s.Clock, asked: s.Clock - d.LastDataSent, answer: s.Clock - d.LastDataRecv}
		}
		o.sighting = known.update(s.Clock, d)
		next[c.Port] = o.sighting
		open = append(open, o)
	}
	k.seen = next
	return open
}

// update notes that a connection seen for a while was used again: a second or
// more after it was first seen it was asked, and answered.
func (o sighting) update(clock uint32, d *source.Detail) sighting {
	const later = 1000 // ms
	asked, answered := elapsed(clock-d.LastDataSent, o.asked), elapsed(clock-d.LastDataRecv, o.answer)
	if int32(asked) >= later && int32(answered) >= later && elapsed(clock, o.first) >= 2*later {
		if !o.again {
			o.again, o.since = true, clock
		}
	}
	return o
}
