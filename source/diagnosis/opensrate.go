package diagnosis

import (
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
)

// opensRate follows how many connections a second are opened to a destination
// that was short of ports: a pool in the program shows in that they get few
// while connections are kept and used.
type opensRate struct {
	wanted float64 // the most that were wanted while it was short
	closed bool    // its ports were in TIME_WAIT for the most part

	known bool
	rate  float64
	each  bool // each that is opened is closed again by this side

	few      bool // they are few, and have been since then
	since    uint32
	sinceDay time.Time
	kept     keptConnections
	pool     pool
	inUse    bool // some connection had data lately
}

const (
	// fewOpens is the part of what was wanted, 1 in so many, that is called few.
	fewOpens = 10
	// tellAfter is for how long it has to be so before it is told, in ms.
	tellAfter = 5000
	// latelyUsed is how long ago, in ms, a connection that is in use had data.
	latelyUsed = 5000
)

// want takes how much is wanted while the destination is short of ports.
func (o *opensRate) want(d *Destination) {
	if d.Demand != nil && !o.few {
		o.wanted = max(o.wanted, d.Demand.PerSecond)
	}
	o.closed = o.closed || 2*d.Ports.UsedTimeWait > d.Ports.Used
}

// see takes the destination in the next snapshot, nil where it has gone. What
// is opened is known only while there are ports to be had.
func (o *opensRate) see(s *source.Snapshot, d *Destination) {
	o.rate, o.known, o.each = 0, d == nil, false
	if d != nil && d.Demand != nil && d.Demand.Basis == BasisPresent && !d.exhausted() {
		o.rate, o.known = d.Demand.PerSecond, true
		o.each = 2*d.closesOnAndOn() >= o.rate
	}
	switch few := o.known && o.rate*fewOpens <= o.wanted; {
	case !few:
		o.few, o.kept = false, keptConnections{}
		return
	case !o.few: // the mean of some seconds has become low
		o.few, o.since, o.sinceDay = true, s.Clock, s.Taken.Add(-minWindow*time.Second)
	}
	o.pool, o.inUse = pool{}, false
	if d != nil {
		o.pool = o.kept.look(s, d.Flow, d.established())
		o.inUse = usedLately(s, d.Flow)
	}
}

// usedLately reports whether an open connection of a flow had data lately.
func usedLately(s *source.Snapshot, flow int) bool {
	socks := s.SocketsOf(flow)
	for i := range socks {
		if socks[i].State != source.StateEstablished {
			continue
		}
		d := s.DetailOf(&socks[i])
		if d != nil && d.Has&source.HasInfo != 0 && min(d.LastDataSent, d.LastDataRecv) < latelyUsed {
			return true
		}
	}
	return false
}

// words says what has become of it, ago after a change of sysctls, 0 without
// one; "" while nothing is to be said.
func (o *opensRate) words(clock uint32, ago time.Duration) (text string, cured bool) {
	if !o.known || !o.closed || o.wanted < 1 {
		return "", false
	}
	text = fmt.Sprintf("opens/s %s → %s", bare(o.wanted), bare(o.rate))
	switch {
	case o.few && elapsed(clock, o.since) < tellAfter:
		return "", false
	case o.few:
		text += " since " + o.sinceDay.Format(time.TimeOnly)
		if o.inUse && o.pool.n > 0 {
			return text + ": keep-alive is at work", true
		}
		return text, false
	case ago < 2*tellAfter*time.Millisecond:
		return "", false
	case o.each && 2*o.rate >= o.wanted:
		return text + ": still one new port per request", false
	}
	return text, false
}

// bare is a rate without its unit.
func bare(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.2g", v)
	}
	return Grouped(int(v + 0.5))
}
