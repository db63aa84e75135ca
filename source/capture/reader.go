package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
)

// Reader gives the frames of a capture, in any order. It is safe for concurrent
// use.
type Reader struct {
	header Header
	bodies bodies

	mu     sync.Mutex
	frames []entry
	note   string
	size   int64 // bytes of whole records

	unpack *zstd.Decoder
	buf    bytes.Buffer
	// The frame that was decoded last: the next one is told against it.
	at   int
	last *state
}

// entry is where a frame is.
type entry struct {
	off, size int64 // of the body
	taken     int64 // milliseconds since 1970
	key       bool
}

// bodies is where the bytes of records are.
type bodies interface {
	io.ReaderAt
}

// ErrNoCapture says that something is no capture at all.
var ErrNoCapture = errors.New("this is no twtop capture")

// Open reads the lengths of a capture's records, and nothing else: what is
// damaged shows when its frame is asked for. One that was cut off ends with its
// last whole frame, and Note says so.
func Open(r io.ReaderAt) (*Reader, error) {
	c, err := newReader(r)
	if err != nil {
		return nil, err
	}
	for {
		switch more, err := c.scan(); {
		case err != nil:
			c.note = err.Error()
			return c, nil
		case !more:
			return c, nil
		}
	}
}

func newReader(r io.ReaderAt) (*Reader, error) {
	c := &Reader{bodies: r, at: -1}
	head := make([]byte, len(Magic))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		if err == io.EOF {
			err = ErrNoCapture
		}
		return nil, err
	}
	if string(head) != Magic {
		return nil, ErrNoCapture
	}
	c.size = int64(len(Magic))
	kind, body, err := c.record()
	switch {
	case err != nil:
		return nil, fmt.Errorf("capture: the header: %w", err)
	case kind != recordHeader || body.size > maxHeader:
		return nil, errors.New("capture: it does not begin with a header")
	}
	b := make([]byte, body.size)
	if n, err := r.ReadAt(b, body.off); n < len(b) {
		return nil, fmt.Errorf("capture: the header is cut short: %w", err)
	}
	if c.header, err = parseHeader(b); err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	c.size = body.off + body.size
	c.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
	return c, err
}

// record reads the kind and the place of the record at c.size; io.EOF at the
// end, io.ErrUnexpectedEOF in the middle of one.
func (c *Reader) record() (kind byte, body entry, err error) {
	var head [1 + binary.MaxVarintLen64]byte
	n, err := c.bodies.ReadAt(head[:], c.size)
	if n == 0 {
		return 0, entry{}, err
	}
	size, used := binary.Uvarint(head[1:n])
	switch {
	case used < 0 || used > 0 && size > maxBody:
		return 0, entry{}, fmt.Errorf("a record of %d bytes, at byte %d: more than %d are not believed", size, c.size, int64(maxBody))
	case used == 0:
		return 0, entry{}, io.ErrUnexpectedEOF
	}
	body = entry{off: c.size + 1 + int64(used), size: int64(size)}
	if size > 0 { // is all of it there?
		if n, err := c.bodies.ReadAt(head[:1], body.off+body.size-1); n == 0 {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, entry{}, err
		}
	}
	return head[0], body, nil
}

// scan takes in the next record. more is false at the end.
func (c *Reader) scan() (more bool, err error) {
	kind, e, err := c.record()
	switch {
	case err == io.EOF:
		return false, nil
	case err == io.ErrUnexpectedEOF:
		return false, fmt.Errorf("it was cut off at byte %d, in the middle of a frame", c.size)
	case err != nil:
		return false, err
	}
	if kind == recordKey || kind == recordDelta {
		if err := c.frame(&e, kind == recordKey); err != nil {
			return false, err
		}
	}
	c.mu.Lock()
	c.size = e.off + e.size
	c.mu.Unlock()
	return true, nil
}

// frame enters a frame. The first one has to be a key frame.
func (c *Reader) frame(e *entry, key bool) error {
	var head [binary.MaxVarintLen64]byte
	n, _ := c.bodies.ReadAt(head[:min(int64(len(head)), e.size)], e.off)
	taken, used := binary.Varint(head[:n])
	if used <= 0 {
		return fmt.Errorf("the frame at byte %d does not say when it was taken", e.off)
	}
	f := entry{off: e.off + int64(used), size: e.size - int64(used), taken: taken, key: key}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.frames) == 0 && !key {
		return fmt.Errorf("the frame at byte %d tells what changed since one that is not there", e.off)
	}
	c.frames = append(c.frames, f)
	return nil
}

// Header is what the capture says of itself.
func (c *Reader) Header() Header { return c.header }

// Len is the number of frames.
func (c *Reader) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.frames)
}

// Note says what is wrong with the end of the capture, or "".
func (c *Reader) Note() string { return c.note }

// Taken is when frame i was taken, to the millisecond.
func (c *Reader) Taken(i int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.UnixMilli(c.frames[i].taken).UTC()
}

// At is the last frame that was taken no later than t; the first where all were.
func (c *Reader) At(t time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	ms := t.UnixMilli()
	return max(sort.Search(len(c.frames), func(i int) bool { return c.frames[i].taken > ms })-1, 0)
}

// Frame returns frame i. It decodes from the frame that was asked for before,
// or the key frame before i, whichever is nearer.
func (c *Reader) Frame(i int) (*source.Snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i < 0 || i >= len(c.frames) {
		return nil, fmt.Errorf("capture: there is no frame %d of %d", i, len(c.frames))
	}
	from := i
	for !c.frames[from].key {
		from--
	}
	if c.last != nil && c.at >= from && c.at <= i {
		from = c.at + 1
	}
	for ; from <= i; from++ {
		if err := c.step(from); err != nil {
			c.at, c.last = -1, nil
			return nil, fmt.Errorf("capture: frame %d, at byte %d: %w", from, c.frames[from].off, err)
		}
	}
	return c.last.snapshot()
}

// step decodes frame i; c.last is the one before, unless i is a key frame.
func (c *Reader) step(i int) error {
	e := &c.frames[i]
	before := c.last
	if e.key {
		before = newState()
	}
	body := make([]byte, 0, 512)
	body, err := readAll(io.NewSectionReader(c.bodies, e.off, e.size), body)
	if err != nil {
		return err
	}
	if err := c.unpack.Reset(bytes.NewReader(body)); err != nil {
		return err
	}
	c.buf.Reset()
	switch n, err := io.Copy(&c.buf, io.LimitReader(c.unpack, maxSections+1)); {
	case err != nil:
		return err
	case n > maxSections:
		return fmt.Errorf("it unpacks to more than %d bytes", int64(maxSections))
	}
	next, err := decode(before, c.buf.Bytes())
	if err != nil {
		return err
	}
	c.at, c.last = i, next
	return nil
}

// readAll reads to the end into b, which grows with what is there.
func readAll(r io.Reader, b []byte) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	_, err := buf.ReadFrom(r)
	return buf.Bytes(), err
}

// Close frees what the decoder holds.
func (c *Reader) Close() error {
	c.unpack.Close()
	return nil
}
