package capture

import (
	"sync"

	"github.com/359a26c5/twtop/source"
)

// Cursor reads the frames of a Reader at a place of its own: who goes through
// a capture does not take from another the frames that were kept on the way.
// It is safe for concurrent use.
type Cursor struct {
	*Reader
	decoding sync.Mutex
	decoder  decoder
}

// Cursor returns a further place to read at.
func (c *Reader) Cursor() *Cursor { return &Cursor{Reader: c} }

// Frame returns frame i, as Reader.Frame does.
func (c *Cursor) Frame(i int) (*source.Snapshot, error) {
	c.decoding.Lock()
	defer c.decoding.Unlock()
	return c.decode(&c.decoder, i)
}

// Close frees what the cursor holds; the Reader stays open.
func (c *Cursor) Close() error {
	c.decoding.Lock()
	defer c.decoding.Unlock()
	c.decoder.close()
	return nil
}
