package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
)

var errClosed = fmt.Errorf("live: the source is closed: %w", source.ErrFinal)

// Read takes a snapshot. Its error is source.ErrFinal if the source is closed
// or the kernel has no sock_diag any more; it may pass if the kernel had no
// memory, say, or the process no file descriptor.
func (s *Source) Read(ctx context.Context) (snap *source.Snapshot, err error) {
	if !s.worker.do(func() { snap, err = s.read(ctx) }) {
		return nil, errClosed
	}
	if errors.Is(err, errors.ErrUnsupported) {
		err = fmt.Errorf("%w; %w", err, source.ErrFinal)
	}
	return snap, err
}

// read runs on the worker's thread, which is what makes its processor time known.
func (s *Source) read(ctx context.Context) (*source.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	wall, cpu := time.Now(), threadCPU()
	taken := s.border.clock.Now()
	f := s.facts.read()
	snap, err := s.table.read(ctx, f)
	if err != nil {
		return nil, err
	}
	snap.Taken, snap.Kind, snap.Host = taken, s.kind, s.host
	snap.Sysctls, snap.Counters, snap.Processes = f.sysctls, f.counters, f.processes
	if s.owners != nil {
		s.owners.frame(snap)
	}
	if gone := s.ns.gap(); gone != "" {
		f.gaps = append(f.gaps, gone)
	}
	snap.Gaps = append(f.gaps, snap.Gaps...)
	snap.Cost.Wall = time.Since(wall)
	snap.Cost.CPU += threadCPU() - cpu // that of other threads is there already
	return snap, nil
}
