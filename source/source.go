package source

import "context"

// Source gives one Snapshot after another.
type Source interface {
	// Read takes the next snapshot. Only one Read is under way at a time. An
	// error is the context's, or ErrFinal, or may pass.
	Read(ctx context.Context) (*Snapshot, error)
	// Close frees what the source holds.
	Close() error
}

// Kind tells what a snapshot was made from.
type Kind string

// The kinds of source.
const (
	KindLive    Kind = "live"    // this kernel, by sock_diag
	KindProc    Kind = "proc"    // this kernel, by /proc/net/tcp, because sock_diag is not there
	KindCapture Kind = "capture" // a recording
	KindText    Kind = "text"    // pasted text
)
