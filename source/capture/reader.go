package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Reader gives the frames of a capture, in any order. It is safe for concurrent
// use, and only Frame takes time.
type Reader struct {
	header Header
	file   io.ReaderAt // nil for a stream

	mu     sync.Mutex
	frames []entry
	first  int   // the number of frames[0]
	bytes  int64 // of the frames that are kept of a stream
	keep   int64 // how many may be
	ended  bool
	note   string
	failed *source.PanicError
	grown  chan struct{} // closed when there is another frame, or the end

	decoding sync.Mutex
	decoder  decoder
}

// ErrNoCapture says that something is no capture at all.
var ErrNoCapture = errors.New("this is no twtop capture")

// ErrForgotten says that a frame of a stream is not kept any more.
var ErrForgotten = errors.New("it is not kept any more")

// Open reads the lengths of a capture's records, and nothing else: what is
// damaged shows when its frame is asked for. One that was cut off ends with its
// last whole frame, and Note says so.
func Open(r io.ReaderAt) (*Reader, error) {
	c := newReader()
	c.file = r
	h, off, err := headerAt(r)
	if err != nil {
		return nil, err
	}
	c.header = h
	c.finish(c.scan(off))
	return c, nil
}

func newReader() *Reader { return &Reader{grown: make(chan struct{})} }

// headerAt reads the header, and returns where the frames begin.
func headerAt(r io.ReaderAt) (h Header, off int64, err error) {
	magic := make([]byte, len(Magic))
	if _, err := readAt(r, magic, 0); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return h, 0, fmt.Errorf("capture: %w", err)
	}
	if string(magic) != Magic {
		return h, 0, ErrNoCapture
	}
	s, err := recordAt(r, int64(len(Magic)))
	if err != nil {
		return h, 0, headerError(err)
	}
	if err := s.header(); err != nil {
		return h, 0, err
	}
	body := make([]byte, s.size)
	if _, err := readAt(r, body, s.off); err != nil {
		return h, 0, headerError(err)
	}
	h, err = parseHeader(body)
	return h, s.end(), err
}

// header is an error where the record is no header.
func (s *span) header() error {
	if s.kind != recordHeader || s.size == 0 || s.size > maxHeader {
		return errors.New("capture: it does not begin with a header")
	}
	return nil
}

func headerError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("capture: it was cut off in the middle of the header")
	}
	return fmt.Errorf("capture: the header: %w", err)
}

// finish notes that there will be no further frame, and why.
func (c *Reader) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	if err != nil {
		c.note = source.Clean(err.Error(), maxNote)
	}
	close(c.grown)
}

// maxNote bounds a note in characters.
const maxNote = 300

// Header is what the capture says of itself.
func (c *Reader) Header() Header { return c.header }

// Len is the number of frames, those that are not kept any more among them.
func (c *Reader) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end()
}

func (c *Reader) end() int { return c.first + len(c.frames) }

// First is the first frame that is kept: 0, but for a long stream.
func (c *Reader) First() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first
}

// Ended reports whether there will be no further frame.
func (c *Reader) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Note says what is wrong with the end of the capture, or "".
func (c *Reader) Note() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.note
}

// Taken is when frame i was taken, to the millisecond; the zero time where it
// is not there.
func (c *Reader) Taken(i int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i < c.first || i >= c.end() {
		return time.Time{}
	}
	return time.UnixMilli(c.frames[i-c.first].taken).UTC()
}

// At is the last frame that was taken no later than t, the first one where all
// were, and 0 where there is none. Where the clock was set back, it goes by the
// latest time up to each frame.
func (c *Reader) At(t time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	ms := t.UnixMilli()
	n := sort.Search(len(c.frames), func(i int) bool { return c.frames[i].latest > ms })
	return c.first + max(n-1, 0)
}

// Wait waits until there is a frame i. It returns io.EOF where there never will
// be, or the context's error.
func (c *Reader) Wait(ctx context.Context, i int) error {
	for {
		c.mu.Lock()
		there, ended, failed, grown := i < c.end(), c.ended, c.failed, c.grown
		c.mu.Unlock()
		switch {
		case failed != nil:
			panic(failed)
		case there:
			return nil
		case ended:
			return io.EOF
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// Frame returns frame i. It costs what there is from the frame that was asked
// for before, or one that was kept on the way, or the key frame; at the most
// that is some hundred steps. An error says where the frame is.
func (c *Reader) Frame(i int) (*source.Snapshot, error) {
	c.decoding.Lock()
	defer c.decoding.Unlock()
	return c.decode(&c.decoder, i)
}

func (c *Reader) decode(by *decoder, i int) (*source.Snapshot, error) {
	group, err := c.group(i)
	if err != nil {
		return nil, fmt.Errorf("capture: frame %d: %w", i, err)
	}
	snap, err := by.frame(c.file, group, i)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	return snap, nil
}

// group returns the frames from the key frame of i to i.
func (c *Reader) group(i int) (frames []entry, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case i < 0 || i >= c.end():
		return nil, fmt.Errorf("there are %d", c.end())
	case i < c.first:
		return nil, ErrForgotten
	}
	at := i - c.first
	return c.frames[c.frames[at].group-c.first : at+1 : at+1], nil
}

// nextKey is the first key frame after i; Len where there is none.
func (c *Reader) nextKey(i int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i = max(i+1, c.first); i < c.end(); i++ {
		if c.frames[i-c.first].group == i {
			break
		}
	}
	return i
}

// Close frees what the decoder holds. Frames that were given stay good.
func (c *Reader) Close() error {
	c.decoding.Lock()
	defer c.decoding.Unlock()
	c.decoder.close()
	return nil
}
