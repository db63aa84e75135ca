package ui

import "time"

// meter is a reading of the clock and of the process's CPU time.
type meter struct {
	at    time.Time
	cpu   time.Duration
	known bool // whether the system tells cpu
}

// usage is what the process costs: CPU time of a frame, and a part of one core
// for all that goes on between two (keys, drawing, the garbage of the last).
type usage struct {
	begun, landed meter
	rest          float64 // smoothed
}

// begin takes the moment a read starts, and with it what the time since the
// last frame has cost.
func (u *usage) begin(now meter) {
	period := now.at.Sub(u.begun.at)
	if u.landed.known && now.known && period > 0 {
		u.rest += (float64(max(now.cpu-u.landed.cpu, 0))/float64(period) - u.rest) / 4
	}
	u.begun = now
}

// land takes the moment a read has ended and returns what it has cost the
// process. told is what the source says, for systems that say nothing.
func (u *usage) land(now meter, told time.Duration) time.Duration {
	u.landed = now
	if !u.begun.known || !now.known {
		return told
	}
	return max(now.cpu-u.begun.cpu, 0)
}
