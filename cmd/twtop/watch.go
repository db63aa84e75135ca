package main

import (
	"context"
	"errors"
	"time"

	"github.com/359a26c5/twtop/source"
)

// maxShare is the part of one core that looking again and again may cost a
// struggling host, as on the live screen.
const maxShare = 0.05

// maxMisses is how many looks in a row may fail before that is the end.
const maxMisses = 10

// watch takes one snapshot after another, one at a time.
type watch struct {
	source   source.Source
	interval time.Duration

	begun, landed time.Time     // the last look
	cost          time.Duration // CPU time of one look and what is made of it, smoothed
	told          time.Duration // what the source says that the last look cost
	search        float64       // part of one core that the search for owners takes, smoothed
	looked        bool
}

// look takes the next snapshot. A look that fails is repeated after an interval,
// unless it is the first or no other can succeed.
func (w *watch) look(ctx context.Context) (*source.Snapshot, error) {
	for misses := 1; ; misses++ {
		before := w.begun
		w.begun = time.Now()
		s, err := w.source.Read(ctx)
		w.landed = time.Now()
		switch {
		case err == nil:
			if w.looked { // the first look pays for the first sweep
				w.search += (s.Cost.Search.Seconds()/w.begun.Sub(before).Seconds() - w.search) / 4
			}
			w.looked, w.told = true, s.Cost.CPU
			return s, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !w.looked, misses == maxMisses, errors.Is(err, source.ErrFinal):
			return nil, err
		}
		if err := pause(ctx, w.interval); err != nil {
			return nil, err
		}
	}
}

// rest waits until the next look is due, or until end where that is sooner; the
// zero time is never. What was done since the last look counts to its cost.
func (w *watch) rest(ctx context.Context, end time.Time) error {
	now := time.Now()
	cost := w.told + now.Sub(w.landed)
	w.cost = max(cost, (3*w.cost+cost)/4)
	// Waiting longer makes the search for owners no cheaper: half is for looks.
	every := max(w.interval, time.Duration(float64(w.cost)/(maxShare-min(w.search, maxShare/2))))
	due := w.begun.Add(every)
	if !end.IsZero() && end.Before(due) {
		due = end
	}
	return pause(ctx, due.Sub(now))
}

// pause sleeps, at most until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
