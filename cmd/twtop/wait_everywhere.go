package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
)

// everywhere is the looker for all network namespaces of the host: those that
// there are at each look.
type everywhere struct {
	config live.Config
	wanted diagnosis.Wanted

	begun time.Time
	cost  time.Duration // CPU time of the last round
}

// look is about the namespace that is furthest from what is wanted. One that
// cannot be looked into is an error: nobody knows whether its ports are back.
func (e *everywhere) look(ctx context.Context) (worst standing, err error) {
	e.begun, e.cost = time.Now(), 0
	list, gaps, err := live.Namespaces(ctx, e.config)
	if err != nil {
		return worst, err
	}
	if len(gaps) > 0 {
		return worst, fmt.Errorf("not every network namespace can be looked into: %s", gaps[0])
	}
	worst.met = true
	least := 2.0 // of what is wanted, the part that is there
	for i := range list {
		r, err := e.lookInto(ctx, &list[i])
		if err != nil {
			return worst, err
		}
		if r == nil {
			continue
		}
		left, err := e.wanted.Check(r)
		if err != nil {
			return worst, fmt.Errorf("%v: %w", &list[i], err)
		}
		if part := min(float64(left.Free)/float64(left.Wanted), 1); part < least {
			least = part
			worst = standing{left.Met(), fmt.Sprintf("in %v %s", &list[i], leftWords(r, left)), backWords(left)}
		}
	}
	return worst, nil
}

// lookInto returns nil for a namespace that has gone.
func (e *everywhere) lookInto(ctx context.Context, n *source.Namespace) (*diagnosis.Report, error) {
	if n.Refused != "" {
		return nil, fmt.Errorf("network namespace %v cannot be looked into: %s", n, n.Refused)
	}
	r, err := lookInto(ctx, n, e.config)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, live.ErrGone):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("network namespace %v: %w", n, err)
	}
	e.cost += r.Snapshot.Cost.CPU
	return r, nil
}

func (e *everywhere) rest(ctx context.Context, end time.Time) error {
	due := e.begun.Add(max(time.Second, time.Duration(float64(e.cost)/maxShare)))
	if end.Before(due) {
		due = end
	}
	return pause(ctx, time.Until(due))
}
