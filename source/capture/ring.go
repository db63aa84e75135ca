package capture

import (
	"io"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Ring keeps the last snapshots in the form of a recording, so that one may
// begin before somebody wanted it. It is bounded in time and in bytes, and is
// not safe for concurrent use.
type Ring struct {
	keep     time.Duration
	maxBytes int

	frames *framer
	groups []group // each begins with a key frame
	bytes  int
}

// group is a key frame and those told against it.
type group struct {
	first time.Time // when its first frame was taken
	last  time.Time // and its last
	recs  [][]byte
	bytes int
}

// NewRing returns a Ring that keeps frames for at least keep, as long as they
// take no more than maxBytes. A group of up to two minutes leaves at once.
func NewRing(keep time.Duration, maxBytes int) *Ring {
	return &Ring{keep: keep, maxBytes: maxBytes, frames: newFramer()}
}

// Add keeps a snapshot, and returns its record.
func (r *Ring) Add(s *source.Snapshot) (record []byte, err error) {
	rec, err := r.frames.frame(s)
	if err != nil {
		return nil, err
	}
	if rec.key || len(r.groups) == 0 {
		r.groups = append(r.groups, group{first: s.Taken})
	}
	g := &r.groups[len(r.groups)-1]
	g.last, g.recs, g.bytes = s.Taken, append(g.recs, rec.bytes), g.bytes+len(rec.bytes)
	r.bytes += len(rec.bytes)
	r.forget(s.Taken)
	return rec.bytes, nil
}

// forget drops the groups that are too old, or too many bytes; never the last,
// but that one is not added to for ever: once it is too much, a new one begins.
func (r *Ring) forget(now time.Time) {
	for len(r.groups) > 1 && (r.bytes > r.maxBytes || now.Sub(r.groups[0].last) > r.keep) {
		r.bytes -= r.groups[0].bytes
		r.groups = append(r.groups[:0:0], r.groups[1:]...)
	}
	if r.bytes > r.maxBytes {
		r.frames.restart()
	}
}

// Began is when the first frame that is kept was taken, if there is one.
func (r *Ring) Began() (t time.Time, ok bool) {
	if len(r.groups) == 0 {
		return t, false
	}
	return r.groups[0].first, true
}

// Bytes is how much the frames take.
func (r *Ring) Bytes() int { return r.bytes }

// WriteTo writes all that is kept, as a capture; the records that Add returns
// from then on continue it.
func (r *Ring) WriteTo(w io.Writer, h Header) error {
	head, err := preamble(h)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, g := range r.groups {
		for _, rec := range g.recs {
			if _, err := w.Write(rec); err != nil {
				return err
			}
		}
	}
	return nil
}
