package capture

import "github.com/359a26c5/twtop/source"

// column is one kind of figure of all sockets of a frame, one after another:
// alike beside alike is what zstd packs best.
type column int

// The columns. Their tags are tagColumns and on, so none may ever be taken out
// or moved: add at the end.
const (
	colFlows   column = iota // new flows
	colAttrs                 // flows whose listener is another now
	colTouches               // flow, and how much of the next four is about it
	colRuns
	colRemoved
	colPlaces  // of changed sockets
	colChanges // what changed of each, as bits
	colPorts   // of new sockets
	colKinds   // state and timer of new sockets, and of changed ones
	colLow     // deadlines, the lowest 8 bits
	colHigh    // and the others
	colHas     // of details
	colQueues  // RecvQ, SendQ
	colUIDs    // from here on: the difference to the one before
	colInodes  //
	colCgroups //
	colMoments // before the clock, in units of grid
	colOptions // tcpi_options
	colRTTs    //
	colRetrans //
	numColumns
)

// columnsOut writes columns.
type columnsOut struct {
	col   [numColumns]out
	clock uint32
	last  detailLast
}

// detailLast is the detail before, whose figures the next ones are often near.
type detailLast struct{ uid, inode, cgroup int64 }

// columnsIn reads them.
type columnsIn struct {
	col   [numColumns]in
	clock uint32
	last  detailLast
}

func (c *columnsIn) err() error {
	for i := range c.col {
		if c.col[i].err != nil {
			return c.col[i].err
		}
	}
	return nil
}

// usual is how far from now most deadlines are when they are first seen.
const usual = 60_000

func (c *columnsOut) deadline(s source.Timer, deadline uint32) {
	if s == source.TimerNone || s == source.TimerUnknown {
		return
	}
	v := int64(int32(deadline - c.clock - usual))
	z := uint64(v<<1) ^ uint64(v>>63)
	c.col[colLow].byte(byte(z))
	c.col[colHigh].uint(z >> 8)
}

func (c *columnsIn) deadline(s source.Timer) uint32 {
	if s == source.TimerNone || s == source.TimerUnknown {
		return 0
	}
	z := uint64(c.col[colLow].byte()) | c.col[colHigh].uint()<<8
	v := int64(z>>1) ^ -int64(z&1)
	return c.clock + usual + uint32(int32(v))
}

func (c *columnsOut) kind(state source.State, timer source.Timer) {
	c.col[colKinds].byte(byte(state)&15 | byte(timer)<<4)
}

func (c *columnsIn) kind() (source.State, source.Timer) {
	k := c.col[colKinds].byte()
	state := source.State(k & 15)
	if state >= source.NumStates {
		state = 0
	}
	return state, source.Timer(k >> 4)
}

// moment and the three below are pieces of a detail.
func (c *columnsOut) moment(m uint32) {
	c.col[colMoments].int(int64(int32(c.clock&^(grid-1)-m)) / grid)
}

func (c *columnsIn) moment() uint32 {
	return c.clock&^(grid-1) - uint32(c.col[colMoments].int()*grid)
}

func (c *columnsOut) near(col column, last *int64, v int64) {
	c.col[col].int(v - *last)
	*last = v
}

func (c *columnsIn) near(col column, last *int64) int64 {
	*last += c.col[col].int()
	return *last
}

// part is a group of a detail's fields that change together.
type part uint8

const (
	partKind part = 1 << iota // state, timer
	partDeadline
	partQueues
	partIdentity // Has, UID, Inode, Cgroup, V6Only, Options
	partSent
	partReceived
	partAcked
	partRTT
	allParts    = 0xff
	detailParts = allParts &^ (partKind | partDeadline)
)

func (c *columnsOut) detail(d *source.Detail, parts part) {
	if parts&partIdentity != 0 {
		c.col[colHas].uint(uint64(d.Has))
		if d.Has&source.HasUID != 0 {
			c.near(colUIDs, &c.last.uid, int64(d.UID))
		}
		if d.Has&source.HasInode != 0 {
			c.near(colInodes, &c.last.inode, int64(d.Inode))
		}
		if d.Has&source.HasCgroup != 0 {
			c.near(colCgroups, &c.last.cgroup, int64(d.Cgroup))
		}
		if d.Has&source.HasV6Only != 0 {
			c.col[colOptions].bool(d.V6Only)
		}
		if d.Has&source.HasInfo != 0 {
			c.col[colOptions].byte(d.Options)
		}
		if d.Has&source.HasRetrans != 0 {
			c.col[colRetrans].byte(d.Retrans)
		}
	}
	if parts&partQueues != 0 && d.Has&source.HasQueues != 0 {
		c.col[colQueues].uint(uint64(d.RecvQ))
		c.col[colQueues].uint(uint64(d.SendQ))
	}
	if d.Has&source.HasInfo == 0 {
		return
	}
	if parts&partSent != 0 {
		c.moment(d.LastDataSent)
	}
	if parts&partReceived != 0 {
		c.moment(d.LastDataRecv)
	}
	if parts&partAcked != 0 {
		c.moment(d.LastAckRecv)
	}
	if parts&partRTT != 0 {
		c.col[colRTTs].uint(uint64(d.RTT))
	}
}

func (c *columnsIn) detail(d *source.Detail, parts part) {
	if parts&partIdentity != 0 {
		was := *d
		*d = source.Detail{Has: source.Has(c.col[colHas].uint())}
		if d.Has&source.HasQueues != 0 {
			d.RecvQ, d.SendQ = was.RecvQ, was.SendQ
		}
		if d.Has&source.HasInfo != 0 {
			d.RTT = was.RTT
			d.LastDataSent, d.LastDataRecv, d.LastAckRecv = was.LastDataSent, was.LastDataRecv, was.LastAckRecv
		}
		if d.Has&source.HasUID != 0 {
			d.UID = uint32(c.near(colUIDs, &c.last.uid))
		}
		if d.Has&source.HasInode != 0 {
			d.Inode = uint32(c.near(colInodes, &c.last.inode))
		}
		if d.Has&source.HasCgroup != 0 {
			d.Cgroup = uint64(c.near(colCgroups, &c.last.cgroup))
		}
		if d.Has&source.HasV6Only != 0 {
			d.V6Only = c.col[colOptions].bool()
		}
		if d.Has&source.HasInfo != 0 {
			d.Options = c.col[colOptions].byte()
		}
		if d.Has&source.HasRetrans != 0 {
			d.Retrans = c.col[colRetrans].byte()
		}
	}
	if parts&partQueues != 0 && d.Has&source.HasQueues != 0 {
		d.RecvQ = uint32(c.col[colQueues].uint())
		d.SendQ = uint32(c.col[colQueues].uint())
	}
	if d.Has&source.HasInfo == 0 {
		return
	}
	if parts&partSent != 0 {
		d.LastDataSent = c.moment()
	}
	if parts&partReceived != 0 {
		d.LastDataRecv = c.moment()
	}
	if parts&partAcked != 0 {
		d.LastAckRecv = c.moment()
	}
	if parts&partRTT != 0 {
		d.RTT = uint32(c.col[colRTTs].uint())
	}
}

// partsOf are those in which two details differ. Where what is known is
// another, all do.
func partsOf(was, is *source.Detail) (p part) {
	if was.Has != is.Has {
		return detailParts
	}
	if was.RecvQ != is.RecvQ || was.SendQ != is.SendQ {
		p |= partQueues
	}
	if was.UID != is.UID || was.Inode != is.Inode || was.Cgroup != is.Cgroup ||
		was.V6Only != is.V6Only || was.Options != is.Options || was.Retrans != is.Retrans {
		p |= partIdentity
	}
	if was.LastDataSent != is.LastDataSent {
		p |= partSent
	}
	if was.LastDataRecv != is.LastDataRecv {
		p |= partReceived
	}
	if was.LastAckRecv != is.LastAckRecv {
		p |= partAcked
	}
	if was.RTT != is.RTT {
		p |= partRTT
	}
	return p
}
