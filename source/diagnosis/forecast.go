package diagnosis

import (
	"math"
	"time"
)

// Forecast is what becomes of a destination's ports if the demand stays what
// it is.
type Forecast struct {
	Outlook
	// Above is for how long more than Sustainable has been wanted, as far as
	// the last minute shows; 0 where the demand is not above it.
	Above time.Duration
	// WhatIf is the same under each change that may help; nil where nothing
	// needs help.
	WhatIf []WhatIf
}

// Outlook is a forecast under one setting.
type Outlook struct {
	// Sustainable is how many connections a second the ports bear for ever:
	// (capacity − live) ÷ 60 s, or ÷ the reuse delay where TIME_WAITs are
	// reused. nil where it is not known whether they are.
	Sustainable *float64
	// Exhausted is how long it is until connect() fails, 0 where it does now.
	// Settles is the number of ports in use at which it stays if it never
	// does. Both are nil where nobody knows.
	Exhausted *time.Duration
	Settles   *int
	// AtTheEdge: the demand is within 15 % of Sustainable, so that a little
	// more or less decides.
	AtTheEdge bool
}

// edge is how near to what is sustainable nothing should be promised;
// hairline how near nothing is said at all.
const (
	edge     = 0.15
	hairline = 0.05
)

// late is by how much, in seconds, the kernel ends a TIME_WAIT later than its
// timer says, in the mean: the timer wheel rounds a timer of a minute up to the
// next 512 ticks, 2 s with HZ=250 (kernel/time/timer.c).
const late = 1

// timeWaitSeconds is TCP_TIMEWAIT_LEN in seconds.
const timeWaitSeconds = timeWaitMS / 1000.0

// supply is a destination's ports, as they are or would be.
type supply struct {
	capacity, preferred int
	used, live          int
	ripe                int        // TIME_WAITs that may be reused now, as far as is known
	bound               int        // TIME_WAITs whose clients bind first: nobody reuses them
	most                int        // TIME_WAITs that tcp_max_tw_buckets leaves room for
	back                [60]uint32 // ports whose timer ends in each of the next 60 s
	reuse               verdict    // whether connect() reuses TIME_WAITs
	delay               float64    // s of age from which it does
}

// left is how many further connections the supply bears now, as PortUse.left
// has it.
func (s *supply) left() int { return s.capacity - s.used + s.ripe }

// outlook is what becomes of the supply under a demand, nil where that is unknown.
func (s *supply) outlook(d *Demand) Outlook {
	var o Outlook
	if s.left() <= 0 {
		o.Exhausted = new(time.Duration)
	}
	live := s.liveIn(d)
	if s.reuse != unknown {
		bears := s.bearsOf(d, live)
		o.Sustainable = &bears
	}
	if d == nil {
		return o
	}
	if s.reuse == unknown {
		s.doubtful(d, live, &o)
		return o
	}
	bears := *o.Sustainable
	o.AtTheEdge = bears > 0 && !d.endless() && math.Abs(d.PerSecond-bears) < edge*bears
	if o.Exhausted != nil {
		return o
	}
	in, settles, known := s.run(d, live)
	switch {
	case s.capped(live) && !d.endless(): // whatever the demand
		settles = min(settles, live+s.most)
		o.Settles, o.AtTheEdge = &settles, false
	case !known:
	case in >= 0:
		if d.endless() || d.PerSecond >= bears*(1+hairline) || s.runsOutAnyway(d, bears) {
			o.Exhausted = inSeconds(in)
		}
	case d.PerSecond <= bears*(1-hairline) || settles < s.capacity*9/10:
		o.Settles = &settles
	}
	return o
}

// doubtful is the outlook where it is not known whether TIME_WAITs are reused:
// only what is true either way.
func (s *supply) doubtful(d *Demand, live int, o *Outlook) {
	if o.Exhausted != nil {
		return
	}
	worst := *s
	worst.reuse, worst.ripe = no, 0
	in, settles, known := worst.run(d, live)
	if known && in < 0 && settles < s.preferred {
		o.Settles = &settles
	}
}

// capped reports whether TIME_WAITs cannot become so many that no port is
// left: beyond tcp_max_tw_buckets the kernel keeps none, and the port is free
// again at once (inet_twsk_alloc).
func (s *supply) capped(live int) bool { return live+s.most < s.capacity }

// bears is what the supply bears for ever, per second.
func (s *supply) bears(live int) float64 {
	if s.reuse == yes {
		return float64(max(s.capacity-live-s.bound, 0)) / s.delay
	}
	return float64(max(s.capacity-live, 0)) / timeWaitSeconds
}

// bearsOf is the same for a demand. While the live connections become more,
// there would be fewer of them at a lower demand: each of the ports is held for
// a lifetime and a TIME_WAIT, and it is borne what that leaves room for.
func (s *supply) bearsOf(d *Demand, live int) float64 {
	bears := s.bears(live)
	if d == nil || !d.growing() || d.endless() {
		return bears
	}
	waits, ports := timeWaitSeconds, s.capacity
	if s.reuse == yes {
		waits, ports = s.delay, max(s.capacity-s.bound, 0)
	}
	return max(bears, float64(ports)/(waits+float64(s.live)/d.closes))
}

// liveIn is the number of live connections in the end. A connection lives for
// as long as live ÷ closes says (Little's law); while more are opened than
// closed, they become more. Where none is closed yet there is nothing to say.
func (s *supply) liveIn(d *Demand) int {
	if d == nil || !d.growing() {
		return s.live
	}
	if d.endless() {
		return s.live
	}
	return int(min(float64(s.live)*d.PerSecond/d.closes, float64(s.capacity)))
}

// growing: the live connections become more, and not by chance.
func (d *Demand) growing() bool { return d.growth > d.PerSecond/10 }

// endless: none of the connections was closed yet, so that their lifetime is
// not known.
func (d *Demand) endless() bool {
	return d.growing() && d.closes <= d.PerSecond/20
}

// runsOutAnyway: even at the lower edge of what is sustainable.
func (s *supply) runsOutAnyway(d *Demand, bears float64) bool {
	less := *d
	less.PerSecond = min(d.PerSecond, bears*(1-edge))
	less.growth = min(less.growth, less.PerSecond)
	in, _, known := s.run(&less, s.liveIn(&less))
	return known && in >= 0
}

// run steps through the time to come: seconds until the last port goes, or −1
// and the number of ports in use in the end. known is false where it is
// decided by connections of which nobody knows how long they live.
func (s *supply) run(d *Demand, live int) (in float64, settles int, known bool) {
	if s.reuse == yes {
		return s.runWithReuse(d, live)
	}
	// For one minute the timers tell all that comes back. Whatever is opened
	// meanwhile is still there at its end, open or in TIME_WAIT.
	free := float64(s.left())
	for sec, n := range s.back {
		net := d.PerSecond - float64(n)
		if free-net < 0 {
			return float64(sec) + free/net, s.capacity, true
		}
		free -= net
	}
	if d.endless() {
		return -1, s.capacity, false
	}
	// From then on as many come back as were closed a minute before; the live
	// connections grow to their final number as 1 − e^(−t/lifetime).
	free = max(free, 0)
	more := float64(live - s.live)
	if more <= free {
		held := d.PerSecond*(timeWaitSeconds+late) + float64(live)
		return -1, min(int(math.Round(held)), s.capacity), true
	}
	lifetime := more / d.growth
	return timeWaitSeconds - lifetime*math.Log(1-free/more), s.capacity, true
}

// revisits is −ln(1 − p) ÷ p, where p is the part of the ports that connect()
// takes in one round through them: it goes on by one to eight ports of a half,
// at random (__inet_hash_connect).
const revisits = 1.131

// runWithReuse: each connection takes a port away for its life and the reuse
// delay only. Those of the preferred half are taken first, at random, so they
// are all in TIME_WAIT in the end, or as many as are used in a minute.
func (s *supply) runWithReuse(d *Demand, live int) (in float64, settles int, known bool) {
	rate := d.PerSecond
	switch {
	case rate > s.bears(s.live):
		return min(float64(s.capacity-s.used+s.ripe)/rate, s.delay), s.capacity, true
	case d.endless() || rate > s.bears(live):
		return s.runFull(d)
	}
	minute := rate * (timeWaitSeconds + late)
	room := float64(s.preferred - live - s.bound)
	if room <= 0 || rate*s.delay > room {
		return -1, min(int(math.Round(minute))+live+s.bound, s.capacity), true
	}
	taken := min(minute, room*(1-math.Exp(-revisits*minute/room)))
	return -1, live + s.bound + int(math.Round(taken)), true
}

// runFull is when the live connections, which become more, have taken what the
// reuse needs: no TIME_WAIT makes room for those. They grow to their final
// number as in run; where none is closed, as they do now.
func (s *supply) runFull(d *Demand) (in float64, settles int, known bool) {
	room := float64(s.capacity-s.bound-s.live) - d.closes*s.delay
	if d.endless() {
		if in = room / d.growth; in > timeWaitSeconds {
			return -1, s.capacity, false
		}
		return in, s.capacity, true
	}
	more := float64(s.live) * d.growth / d.closes // not bounded by the ports
	if room >= more {
		return -1, s.capacity, false
	}
	return -more / d.growth * math.Log(1-room/more), s.capacity, true
}

func inSeconds(s float64) *time.Duration {
	d := time.Duration(math.Round(s*1000)) * time.Millisecond
	return &d
}
