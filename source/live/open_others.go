//go:build !linux

package live

import (
	"context"
	"fmt"
	"runtime"

	"github.com/359a26c5/twtop/source"
)

// Source takes snapshots of a network namespace, which only Linux has.
type Source struct{}

var _ source.Source = (*Source)(nil)

// Open fails on this system.
func Open(Config) (*Source, error) { return nil, errSystem() }

// Read fails on this system.
func (*Source) Read(context.Context) (*source.Snapshot, error) {
	return nil, fmt.Errorf("%w; %w", errSystem(), source.ErrFinal)
}

// Close does nothing on this system.
func (*Source) Close() error { return nil }

func errSystem() error {
	return fmt.Errorf("sockets of a running kernel can be shown on Linux only, and this is %s", runtime.GOOS)
}
