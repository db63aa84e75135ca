package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// entry is a frame: where its body is, after the moment, or the body itself.
type entry struct {
	off, size int64
	packed    []byte // of a stream
	taken     int64  // milliseconds since 1970
	latest    int64  // of this one's and all before: the clock may have been set back
	group     int    // the frame that is its key frame
}

// entryCost is what a frame of a stream costs beside its bytes: the entry, and
// the room that a growing list and small allocations leave.
const entryCost = 96

// cost is what is kept of a frame of a stream, in bytes.
func (e *entry) cost() int64 { return entryCost + int64(len(e.packed)) }

// span is where a record is: its kind, and the place of its body.
type span struct {
	kind      byte
	off, size int64
}

// readAt fills b, or says why not: io.EOF where there is nothing at off,
// io.ErrUnexpectedEOF where there is less. It trusts r with nothing.
func readAt(r io.ReaderAt, b []byte, off int64) (n int, err error) {
	n, err = r.ReadAt(b, off)
	switch n = min(max(n, 0), len(b)); {
	case n == len(b):
		return n, nil
	case err != nil && err != io.EOF:
		return n, err
	case n == 0:
		return 0, io.EOF
	}
	return n, io.ErrUnexpectedEOF
}

// recordAt reads the head of the record at off. The error is io.EOF where the
// file ends there, and io.ErrUnexpectedEOF where it ends in the middle of it.
func recordAt(r io.ReaderAt, off int64) (span, error) {
	var head [1 + binary.MaxVarintLen64]byte
	n, err := readAt(r, head[:], off)
	if err != nil && (n == 0 || err != io.ErrUnexpectedEOF) {
		return span{}, err
	}
	size, used := binary.Uvarint(head[1:n])
	if used == 0 {
		return span{}, io.ErrUnexpectedEOF
	}
	s := span{head[0], off + 1 + int64(used), int64(size)}
	if err := s.believe(off, used > 0 && size <= maxBody); err != nil || size == 0 {
		return s, err
	}
	if _, err = readAt(r, head[:1], s.off+s.size-1); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return s, err
}

// believe is an error where no recorder writes such a record.
func (s *span) believe(off int64, sized bool) error {
	switch {
	case s.kind < 'A' || s.kind > 'Z':
		return fmt.Errorf("it is damaged at byte %d: no record begins with 0x%02x", off, s.kind)
	case !sized:
		return fmt.Errorf("it is damaged at byte %d: no record has more than %d bytes", off, int64(maxBody))
	}
	return nil
}

// end is the first byte after the record.
func (s *span) end() int64 { return s.off + s.size }

func (s *span) frame() bool { return s.kind == recordKey || s.kind == recordDelta }

// cutOff is what is said of a capture that ends in the middle of a record.
func cutOff(off int64) error {
	return fmt.Errorf("it was cut off at byte %d, in the middle of a frame", off)
}

// entryOf is a frame's entry; head is how its body begins.
func (s *span) entryOf(head []byte) (entry, error) {
	taken, used := binary.Varint(head)
	if used <= 0 {
		return entry{}, fmt.Errorf("the frame at byte %d does not say when it was taken", s.off)
	}
	return entry{off: s.off + int64(used), size: s.size - int64(used), taken: taken}, nil
}

// scan enters the frames of a file until its end, or what is no record.
func (c *Reader) scan(off int64) error {
	for {
		s, err := recordAt(c.file, off)
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return cutOff(off)
		case err != nil:
			return err
		}
		if s.frame() {
			var head [binary.MaxVarintLen64]byte
			n, err := readAt(c.file, head[:min(int64(len(head)), s.size)], s.off)
			if err != nil && n == 0 {
				return err
			}
			e, err := s.entryOf(head[:n])
			if err == nil {
				err = c.enter(e, s.kind == recordKey)
			}
			if err != nil {
				return err
			}
		}
		off = s.end()
	}
}

// enter appends a frame. The first one has to be a key frame, and none may be
// further from its key frame than a reader is ready to go.
func (c *Reader) enter(e entry, key bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.group, e.latest = c.end(), e.taken
	if n := len(c.frames); n > 0 {
		last := &c.frames[n-1]
		e.latest = max(e.latest, last.latest)
		if !key {
			e.group = last.group
		}
	} else if !key {
		return fmt.Errorf("the frame at byte %d tells what changed since one that is not there", e.off)
	}
	if c.end()-e.group >= maxGroup {
		return fmt.Errorf("the frame at byte %d is more than %d frames after its key frame", e.off, maxGroup)
	}
	c.frames = append(c.frames, e)
	c.bytes += e.cost()
	c.forget()
	close(c.grown)
	c.grown = make(chan struct{})
	return nil
}
