package capture

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
)

// decoder makes frames of records, and keeps some on the way: to go one frame
// back must not mean to begin at the key frame.
type decoder struct {
	unpack *zstd.Decoder
	packed []byte
	buf    bytes.Buffer

	group int    // the key frame of those that are kept
	kept  []mark // ascending
	last  mark
}

// mark is a frame that was decoded.
type mark struct {
	frame int
	state *state
}

// Each keptEvery-th frame of a group is kept, as long as there are no more
// than keptSockets sockets among all of them: at the most 64 bytes each.
const (
	keptEvery   = 16
	keptSockets = 1 << 18
)

// frame decodes frame i, the last of those in group, which begin with a key frame.
func (x *decoder) frame(file io.ReaderAt, group []entry, i int) (*source.Snapshot, error) {
	key := i - len(group) + 1
	if x.group != key {
		x.forget(key)
	}
	m := x.nearest(key, i)
	for n := m.frame + 1; n <= i; n++ {
		e := &group[n-key]
		next, err := x.step(file, e, m.state)
		if err != nil {
			x.forget(key)
			return nil, fmt.Errorf("frame %d, at byte %d, is damaged: %w", n, e.off, err)
		}
		m = mark{n, next}
		x.keep(m, key)
	}
	x.last = m
	return m.state.snapshot()
}

// nearest is the frame to begin with to come to i: one that is known, or the
// nothing before the key frame.
func (x *decoder) nearest(key, i int) mark {
	best := mark{key - 1, newState()}
	for _, m := range append(x.kept, x.last) {
		if m.state != nil && m.frame >= best.frame && m.frame <= i {
			best = m
		}
	}
	return best
}

func (x *decoder) keep(m mark, key int) {
	if (m.frame-key)%keptEvery != 0 {
		return
	}
	sockets := len(m.state.image.socks)
	for _, k := range x.kept {
		if k.frame == m.frame {
			return
		}
		sockets += len(k.state.image.socks)
	}
	if sockets <= keptSockets {
		x.kept = append(x.kept, m)
	}
}

func (x *decoder) forget(group int) { x.group, x.kept, x.last = group, nil, mark{} }

// step decodes one frame.
func (x *decoder) step(file io.ReaderAt, e *entry, before *state) (*state, error) {
	packed := e.packed
	if packed == nil {
		var err error
		if packed, err = x.read(file, e); err != nil {
			return nil, err
		}
	}
	sections, err := x.unpacked(packed)
	if err != nil {
		return nil, err
	}
	return decode(before, sections)
}

// read reads the body of a frame, piece by piece: its memory grows with what
// is there. The bytes are good until the next call.
func (x *decoder) read(file io.ReaderAt, e *entry) ([]byte, error) {
	x.packed = x.packed[:0]
	for at := int64(0); at < e.size; {
		n := int(min(e.size-at, 64<<10))
		x.packed = slices.Grow(x.packed, n)[:int(at)+n]
		if _, err := readAt(file, x.packed[at:], e.off+at); err != nil {
			return nil, fmt.Errorf("read %d bytes: %w", e.size, err)
		}
		at += int64(n)
	}
	return x.packed, nil
}

// unpacked returns what is good until the next call. It is believed to be as
// much as the packed bytes may honestly be.
func (x *decoder) unpacked(packed []byte) ([]byte, error) {
	if x.unpack == nil {
		var err error
		x.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
	}
	if err := x.unpack.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	most := min(fairSections+fairRatio*int64(len(packed)), maxSections)
	x.buf.Reset()
	n, err := x.buf.ReadFrom(io.LimitReader(x.unpack, most+1))
	switch {
	case err != nil:
		return nil, err
	case n > most:
		return nil, fmt.Errorf("%d bytes unpack to more than %d", len(packed), most)
	}
	return x.buf.Bytes(), nil
}

func (x *decoder) close() {
	if x.unpack != nil {
		x.unpack.Close()
		x.unpack = nil
	}
	x.forget(0)
}
