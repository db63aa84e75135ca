package diagnosis

import "github.com/359a26c5/twtop/source"

// timeWaitMS is TCP_TIMEWAIT_LEN, which nothing tunes (include/net/tcp.h).
const timeWaitMS = 60_000

// tally counts the sockets of one outgoing flow. It is scratch: 9 KiB that
// stay in the first-level cache, cleared for each flow, never one allocation
// per socket.
type tally struct {
	states [16]uint32 // by state; 16, so that no index needs a check
	closes Series     // TIME_WAITs by second of age, oldest first
	// back counts ports of R by the second in which their timer runs out, by
	// half. Index 60 takes what is later.
	back [halves][SeriesLen + 1]uint32
	// held counts distinct ports of R, by half; waiting those of them in
	// TIME_WAIT; ripe those of these that are old enough to be reused, by
	// the era of timestamps they were closed in; ageless those of unknown age.
	held, waiting [halves]int
	ripe          [halves][eras]int
	ageless       [halves]int
	untimed       bool  // the age of some TIME_WAIT, of R or not, is unknown
	next          int32 // ms until the first port of R comes back; forEver for none
	// with and without count live connections by negotiated timestamps.
	with, without int

	capacity int   // ports of R
	delay    int32 // ms of age from which a TIME_WAIT may be reused

	seen source.PortSet
}

// counting is what a tally needs to know beside the sockets.
type counting struct {
	space *portSpace
	snap  *source.Snapshot
	delay int32 // ms of age from which a TIME_WAIT may be reused
	// eraAge is the age in ms beyond which a TIME_WAIT belongs to the era
	// before the last change of timestamps.
	eraAge int32
	// byOwnEra: that is a change which the flow's live connections showed,
	// not one of tcp_timestamps.
	byOwnEra bool
}

// count takes the sockets of a flow in one pass. A port that is in the dump
// twice, because a connection closed while the dump ran, counts once.
func (t *tally) count(c *counting, socks []source.Socket) {
	t.next, t.delay, t.capacity = forEver, c.delay, c.space.totals.Capacity
	clock, space := c.snap.Clock, c.space
	for i := range socks {
		k := &socks[i]
		if k.State != source.StateTimeWait || k.Timer != source.TimerTimeWait {
			t.countOther(c, k)
			continue
		}
		left := int32(k.Deadline - clock)
		age := timeWaitMS - left
		t.close(age)
		word, bit := k.Port>>6, uint64(1)<<(k.Port&63)
		t.states[source.StateTimeWait]++
		if space.PortSet[word]&^t.seen[word]&bit == 0 {
			continue
		}
		t.seen[word] |= bit
		half := (k.Port ^ space.low) & 1
		t.waiting[half]++
		if age >= c.delay {
			era := eraNow
			if age > c.eraAge {
				era = eraBefore
			}
			t.ripe[half][era]++
		}
		t.release(half, left)
	}
	t.held[preferred] += t.waiting[preferred]
	t.held[other] += t.waiting[other]
}

// countOther takes a socket that is not in TIME_WAIT, or is and nobody knows
// for how long.
func (t *tally) countOther(c *counting, k *source.Socket) {
	t.states[k.State&15]++
	t.untimed = t.untimed || k.State == source.StateTimeWait
	mini := k.Mini()
	if !mini {
		t.learn(c.snap.DetailOf(k), k.State)
	}
	word, bit := k.Port>>6, uint64(1)<<(k.Port&63)
	if c.space.PortSet[word]&^t.seen[word]&bit == 0 {
		return
	}
	t.seen[word] |= bit
	half := (k.Port ^ c.space.low) & 1
	switch {
	case k.State == source.StateTimeWait:
		t.waiting[half]++
		t.ageless[half]++
		return
	case mini:
		t.release(half, int32(k.Deadline-c.snap.Clock))
	}
	t.held[half]++
}

// close enters a close by this side into the history. Age can be a little
// below 0, by the wobble of the timers; at 60 s and more the timer is late and
// the second it belongs to is over.
func (t *tally) close(age int32) {
	if age < 0 {
		age = 0
	}
	if sec := uint32(age) / 1000; sec < SeriesLen {
		t.closes[SeriesLen-1-sec]++
	}
}

// release enters when a port comes back. For a FIN_WAIT2 mini-socket that is
// the earliest: a late FIN makes it a TIME_WAIT of another 60 s.
func (t *tally) release(half uint16, left int32) {
	left = max(left, 0)
	t.next = min(t.next, left)
	t.back[half&1][min(uint32(left)/1000, SeriesLen)]++
}

// learn notes whether a live connection negotiated timestamps. Before the
// handshake is over there is nothing to learn.
func (t *tally) learn(d *source.Detail, state source.State) {
	if d == nil || d.Has&source.HasInfo == 0 || state == source.StateSynSent || state == source.StateSynRecv {
		return
	}
	if d.Options&source.OptTimestamps != 0 {
		t.with++
	} else {
		t.without++
	}
}

// reset makes the tally ready for the next flow. socks are those just counted.
func (t *tally) reset(socks []source.Socket) {
	seen := &t.seen
	if len(socks) > len(seen)/4 {
		clear(seen[:])
	} else {
		for i := range socks {
			seen[socks[i].Port>>6] = 0
		}
	}
	t.states, t.closes, t.back = [16]uint32{}, Series{}, [halves][SeriesLen + 1]uint32{}
	t.held, t.waiting, t.ageless, t.ripe = [halves]int{}, [halves]int{}, [halves]int{}, [halves][eras]int{}
	t.with, t.without, t.untimed = 0, 0, false
}

func (t *tally) used() int { return t.held[preferred] + t.held[other] }

// stateCounts returns the flow's sockets by state.
func (t *tally) stateCounts() (c source.StateCounts) {
	copy(c[:], t.states[:])
	return c
}
