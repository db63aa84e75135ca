package diagnosis

import (
	"slices"

	"github.com/359a26c5/twtop/source"
)

// ownedPlace is what is remembered of one destination's owners.
type ownedPlace struct {
	clock uint32 // Snapshot.Clock of the last frame
	first bool   // there was none
	// open are the connections of the last frame, by local port.
	open map[uint16]openSock

	records []*ownerRecord
	// passing counts closes of connections that came and went between two
	// frames, unowned those of connections that nobody had.
	passing, unowned window
	// found are makers of which some process was found to have connections.
	found map[maker]bool
}

// openSock is an open connection: its socket, and whose it is, -1 for unknown.
type openSock struct {
	inode uint32
	owner int
}

// ownerRecord is what is remembered of one owner's closed connections.
type ownerRecord struct {
	key     ownerKey
	process source.Process
	maker   maker  // of its connections that bursts saw
	clock   uint32 // of the frame that last saw a connection of its
	// kept counts closes of connections that a frame saw open: those are all
	// there were. sampled counts those of others that a burst saw, opened those
	// of them that it saw being opened, and rate how many those stand for, per
	// µs of looking, squares the sum of the squares of that. watched counts those
	// that were seen while their process was watched.
	kept, sampled, watched, opened, rate, squares window
}

// The last minute, in steps of ten seconds.
const (
	windowSteps  = 6
	windowStepMS = timeWaitMS / windowSteps
)

// window counts over the last minute.
type window struct {
	n    [windowSteps]float64
	step uint32 // clock ÷ windowStepMS of the last count
}

// turn forgets what is over.
func (w *window) turn(clock uint32) {
	step := clock / windowStepMS
	for i := uint32(0); i < min(step-w.step, windowSteps); i++ {
		w.n[(step-i)%windowSteps] = 0
	}
	w.step = step
}

func (w *window) add(clock uint32, n float64) {
	w.turn(clock)
	w.n[w.step%windowSteps] += n
}

func (w *window) sum(clock uint32) (sum float64) {
	w.turn(clock)
	for _, n := range w.n {
		sum += n
	}
	return sum
}

// record finds or begins an owner's record, nil where there is no room.
func (p *ownedPlace) record(k ownerKey, process *source.Process, clock uint32) *ownerRecord {
	i := p.index(k, process, clock)
	if i < 0 {
		return nil
	}
	return p.records[i]
}

// index is that of an owner's record, -1 where there is no room.
func (p *ownedPlace) index(k ownerKey, process *source.Process, clock uint32) int {
	for i, r := range p.records {
		if r.key == k {
			r.clock, r.process = clock, *process
			return i
		}
	}
	if len(p.records) >= 2*maxOwners {
		return -1
	}
	p.records = append(p.records, &ownerRecord{key: k, process: *process, clock: clock})
	return len(p.records) - 1
}

// forget drops owners that have had nothing for longer than a TIME_WAIT lasts.
// The indices in open change with it, so it is called before those are made.
func (p *ownedPlace) forget(clock uint32) {
	p.records = slices.DeleteFunc(p.records, func(r *ownerRecord) bool { return elapsed(clock, r.clock) > timeWaitMS })
}
