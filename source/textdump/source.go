package textdump

import (
	"context"
	"fmt"
	"io"

	"github.com/359a26c5/twtop/source"
)

// Source gives the one Snapshot that a text holds.
type Source struct {
	snap *source.Snapshot // nil once it was read
}

var _ source.Source = (*Source)(nil)

var errOnce = fmt.Errorf("textdump: the text holds one moment, and that was read: %w", source.ErrFinal)

// Open reads a text to its end.
func Open(r io.Reader, cfg Config) (*Source, error) {
	snap, err := Parse(r, cfg)
	if err != nil {
		return nil, err
	}
	return &Source{snap: snap}, nil
}

// Read returns the Snapshot, and source.ErrFinal after that.
func (s *Source) Read(ctx context.Context) (*source.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	snap := s.snap
	if snap == nil {
		return nil, errOnce
	}
	s.snap = nil
	return snap, nil
}

// Close forgets the Snapshot.
func (s *Source) Close() error {
	s.snap = nil
	return nil
}
