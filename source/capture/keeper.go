package capture

import (
	"io"
	"sync"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Keeper keeps the last snapshots that it sees, and records them and what comes
// after them once it is told to. It is safe for concurrent use.
type Keeper struct {
	keep     time.Duration
	maxBytes int
	most     int

	mu   sync.Mutex
	ring *Ring     // nil: nothing is kept
	out  io.Writer // nil: nothing is recorded
	err  error     // that ended the last recording
}

// NewKeeper returns a Keeper of a Ring's bounds. Snapshots of more than most
// sockets are only recorded: to keep them would cost more than is likely to be
// wanted.
func NewKeeper(keep time.Duration, maxBytes, most int) *Keeper {
	return &Keeper{keep: keep, maxBytes: maxBytes, most: most}
}

// See takes the next snapshot.
func (k *Keeper) See(s *source.Snapshot) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.out == nil && len(s.Sockets) > k.most {
		k.ring = nil
		return
	}
	if k.ring == nil {
		k.ring = NewRing(k.keep, k.maxBytes)
	}
	record, err := k.ring.Add(s)
	if err == nil && k.out != nil {
		_, err = k.out.Write(record)
	}
	if err != nil {
		k.out, k.ring, k.err = nil, nil, err
	}
}

// Begin writes what is kept to w, and from then on all that is seen, until End
// or an error. The header's beginning is that of what is kept.
func (k *Keeper) Begin(w io.Writer, h Header) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = nil
	if k.ring == nil {
		k.ring = NewRing(k.keep, k.maxBytes)
	}
	if first, ok := k.ring.Began(); ok {
		h.Began = first.UTC()
	}
	if err := k.ring.WriteTo(w, h); err != nil {
		return err
	}
	k.out = w
	return nil
}

// End ends the recording. What is seen is kept on.
func (k *Keeper) End() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.out = nil
}

// Err is what ended the last recording, nil where nothing did.
func (k *Keeper) Err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}
