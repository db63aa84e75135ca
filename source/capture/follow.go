package capture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/359a26c5/twtop/source"
)

// Follow reads a capture while it is written, until it ends, and keeps up to
// keep bytes of its frames, with what each costs beside: the oldest leave a group at a time. It returns once
// the header is there, or with the context's error. It goes on to read r after
// Close, until r ends or is closed.
func Follow(ctx context.Context, r io.Reader, keep int64) (*Reader, error) {
	c := newReader()
	c.keep = keep
	started := make(chan error, 1)
	go c.follow(r, started)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case err := <-started:
		if err != nil {
			return nil, err
		}
		return c, nil
	}
}

func (c *Reader) follow(r io.Reader, started chan<- error) {
	defer func() {
		if p := source.Panicked(recover()); p != nil {
			c.mu.Lock()
			c.failed = p
			c.mu.Unlock()
			c.finish(p)
			started <- p
		}
	}()
	t := &stream{r: bufio.NewReaderSize(r, 64<<10)}
	h, err := t.header()
	c.header = h
	started <- err
	if err == nil {
		c.finish(c.records(t))
	}
}

// records enters the frames of a stream until its end.
func (c *Reader) records(t *stream) error {
	for {
		off := t.off
		s, body, err := t.record()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return cutOff(off)
		case err != nil:
			return err
		}
		if !s.frame() {
			continue
		}
		e, err := s.entryOf(body)
		if err != nil {
			return err
		}
		e.packed = bytes.Clone(body[s.size-e.size:])
		if err := c.enter(e, s.kind == recordKey); err != nil {
			return err
		}
		if c.tooMuch() {
			return fmt.Errorf("the frames up to byte %d are more than the %d bytes that may be kept", t.off, c.keep)
		}
	}
}

// forget drops the oldest groups of a stream that is too much, but not the last:
// a sixteenth of it at once, since what stays is copied.
func (c *Reader) forget() {
	if c.file != nil || c.bytes <= c.keep {
		return
	}
	n, kept, left := 0, c.bytes, c.bytes
	for i := range c.frames {
		if c.frames[i].group == c.first+i {
			n, kept = i, left
			if left <= c.keep-c.keep/16 {
				break
			}
		}
		left -= c.frames[i].cost()
	}
	if n > 0 {
		c.frames = append([]entry(nil), c.frames[n:]...)
		c.first, c.bytes = c.first+n, kept
	}
}

// tooMuch reports whether one group alone is more than may be kept, by far:
// its last frame cannot be told without the first.
func (c *Reader) tooMuch() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes > max(4*c.keep, maxBody)
}

// stream reads records one after another.
type stream struct {
	r   *bufio.Reader
	off int64
	buf bytes.Buffer
}

func (t *stream) header() (h Header, err error) {
	magic, err := t.take(int64(len(Magic)))
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return h, fmt.Errorf("capture: %w", err)
	}
	if string(magic) != Magic {
		return h, ErrNoCapture
	}
	s, body, err := t.record()
	if err != nil {
		return h, headerError(err)
	}
	if err := s.header(); err != nil {
		return h, err
	}
	return parseHeader(body)
}

// record reads the next record; its body is good until the next call.
func (t *stream) record() (s span, body []byte, err error) {
	off := t.off
	if s.kind, err = t.ReadByte(); err != nil {
		return s, nil, err
	}
	size, err := binary.ReadUvarint(t)
	sized := err == nil && size <= maxBody
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return s, nil, io.ErrUnexpectedEOF
	}
	if err := s.believe(off, sized); err != nil {
		return s, nil, err
	}
	s.off, s.size = t.off, int64(size)
	body, err = t.take(s.size)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return s, body, err
}

// ReadByte is for the lengths.
func (t *stream) ReadByte() (byte, error) {
	b, err := t.r.ReadByte()
	if err == nil {
		t.off++
	}
	return b, err
}

// take reads n bytes; its memory grows with what comes.
func (t *stream) take(n int64) ([]byte, error) {
	t.buf.Reset()
	got, err := io.CopyN(&t.buf, t.r, n)
	t.off += got
	return t.buf.Bytes(), err
}
