package capture

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
)

// Writer records snapshots. Each Write ends with one write to the underlying
// writer, of a whole frame. It is not safe for concurrent use.
type Writer struct {
	w       io.Writer
	frames  *framer
	written int64
	err     error // of w
}

// NewWriter writes the magic and the header.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	head, err := preamble(h)
	if err != nil {
		return nil, err
	}
	out := &Writer{w: w, frames: newFramer()}
	return out, out.put(head)
}

// preamble is how a capture begins.
func preamble(h Header) ([]byte, error) {
	h.Version = Version
	body, err := json.Marshal(h)
	switch {
	case err != nil:
		return nil, fmt.Errorf("write the header of a capture: %w", err)
	case len(body) > maxHeader:
		return nil, fmt.Errorf("write the header of a capture: it has %d bytes, more than the %d that a reader believes", len(body), maxHeader)
	}
	return append([]byte(Magic), record(recordHeader, body)...), nil
}

// Write records one snapshot. It does not keep it, nor change it. An error is
// the underlying writer's; after one, nothing more is written.
func (w *Writer) Write(s *source.Snapshot) error {
	if w.err != nil {
		return w.err
	}
	rec, err := w.frames.frame(s)
	if err != nil {
		return err
	}
	return w.put(rec.bytes)
}

func (w *Writer) put(b []byte) error {
	if _, w.err = w.w.Write(b); w.err == nil {
		w.written += int64(len(b))
	}
	return w.err
}

// Written is the number of bytes written so far, whole frames only: what a file
// may be cut to after an error.
func (w *Writer) Written() int64 { return w.written }

// framer makes records of snapshots, and decides which are key frames.
type framer struct {
	encoder encoder
	pack    *zstd.Encoder
	// Since the last key frame, and that one's size.
	frames, bytes, keyBytes int
}

func newFramer() *framer {
	pack, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(window), zstd.WithSingleSegment(false))
	if err != nil {
		panic(err) // the options are constants
	}
	return &framer{pack: pack}
}

// window is that of zstd, in bytes: what a reader has to keep.
const window = 1 << 20

// rec is a record ready to be written.
type rec struct {
	bytes []byte
	key   bool
}

// From one key frame to the next there are at the most maxRun frames, which are
// decoded to show the last of them, and at the least minRun, however much
// changes.
const (
	maxRun = 120
	minRun = 10
)

// padded adds a skippable frame of zstd's (RFC 8878, 3.1.2) to what packs so
// well that a reader would take it for a bomb.
func padded(body []byte, unpacked int) []byte {
	short := (unpacked - fairSections + fairRatio - 1) / fairRatio
	if short <= len(body) {
		return body
	}
	body = binary.LittleEndian.AppendUint32(body, 0x184D2A50)
	body = binary.LittleEndian.AppendUint32(body, uint32(short))
	return append(body, make([]byte, short)...)
}

// frame makes a record of s: a key frame where the others have become three
// times as much as the last one, or maxRun in number.
func (f *framer) frame(s *source.Snapshot) (rec, error) {
	key := f.keyBytes == 0 || f.frames >= maxRun || f.bytes > 3*f.keyBytes && f.frames >= minRun || f.encoder.littered()
	sections, err := f.encoder.encode(s, key)
	if err != nil {
		f.restart()
		return rec{}, err
	}
	body := binary.AppendVarint(nil, s.Taken.UnixMilli())
	body = padded(f.pack.EncodeAll(sections, body), len(sections))
	if len(body) > maxBody || len(sections) > maxSections {
		f.restart()
		return rec{}, fmt.Errorf("record a frame of %d sockets: its %d bytes are more than a reader believes", len(s.Sockets), len(sections))
	}
	if key {
		f.frames, f.bytes, f.keyBytes = 0, 0, len(body)
		return rec{record(recordKey, body), true}, nil
	}
	f.frames++
	f.bytes += len(body)
	return rec{record(recordDelta, body), false}, nil
}

// restart makes the next frame a key frame.
func (f *framer) restart() { f.keyBytes = 0 }

func record(kind byte, body []byte) []byte {
	b := append(make([]byte, 0, len(body)+binary.MaxVarintLen64+1), kind)
	b = binary.AppendUvarint(b, uint64(len(body)))
	return append(b, body...)
}
