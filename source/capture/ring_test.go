package capture_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
)

// TestRing: what is kept is the last frames, in a capture that goes on.
func TestRing(t *testing.T) {
	w := newWorld(seeded(t))
	w.taken = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const keep, most = 5 * time.Minute, 1 << 20
	ring := capture.NewRing(keep, most)
	var all []*source.Snapshot
	taken := w.taken
	for range 700 {
		s := w.look()
		taken = taken.Add(time.Second) // the world's own clock jumps
		s.Taken = taken
		if _, err := ring.Add(s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
		w.step()
		if ring.Bytes() > most {
			t.Fatalf("%d bytes", ring.Bytes())
		}
	}
	var file bytes.Buffer
	if err := ring.WriteTo(&file, header); err != nil {
		t.Fatal(err)
	}
	written := file.Len()
	r := open(t, file.Bytes())
	first := len(all) - r.Len()
	if r.Len() < 300 || r.Len() > 300+121 {
		t.Errorf("%d frames of a second are kept, for %v", r.Len(), keep)
	}
	for i := range r.Len() {
		same(t, fmt.Sprint("kept frame ", i), all[first+i], frame(t, r, i))
	}
	for range 200 { // past a key frame
		s := w.look()
		taken = taken.Add(time.Second)
		s.Taken = taken
		rec, err := ring.Add(s)
		if err != nil {
			t.Fatal(err)
		}
		file.Write(rec)
		all = append(all, s)
		w.step()
	}
	r = open(t, file.Bytes())
	if r.Len() != len(all)-first || r.Note() != "" {
		t.Fatalf("%d frames go on from %d bytes, %q", r.Len(), written, r.Note())
	}
	for i := range r.Len() {
		same(t, fmt.Sprint("frame ", i), all[first+i], frame(t, r, i))
	}
}

// TestRingIsBounded: by bytes where frames are large, and a few are kept always.
func TestRingIsBounded(t *testing.T) {
	w := newWorld(1)
	ring := capture.NewRing(time.Hour, 20_000)
	for i := range 400 {
		s := w.look()
		if _, err := ring.Add(s); err != nil {
			t.Fatal(err)
		}
		if ring.Bytes() > 30_000 {
			t.Fatalf("frame %d: %d bytes", i, ring.Bytes())
		}
		w.step()
	}
	var file bytes.Buffer
	if err := ring.WriteTo(&file, header); err != nil {
		t.Fatal(err)
	}
	if r := open(t, file.Bytes()); r.Len() == 0 || r.Note() != "" {
		t.Errorf("%d frames, %q", r.Len(), r.Note())
	}
}

// TestRingAfterAPause: what was before a long pause leaves.
func TestRingAfterAPause(t *testing.T) {
	w := newWorld(2)
	ring := capture.NewRing(time.Minute, 1<<20)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 300 {
		if now = now.Add(time.Second); i == 290 {
			now = now.Add(time.Hour)
		}
		s := w.look()
		s.Taken = now
		if _, err := ring.Add(s); err != nil {
			t.Fatal(err)
		}
		w.step()
	}
	var file bytes.Buffer
	if err := ring.WriteTo(&file, header); err != nil {
		t.Fatal(err)
	}
	r := open(t, file.Bytes())
	if ago := now.Sub(r.Taken(0)); r.Len() > 121 || ago > time.Hour+2*time.Minute {
		t.Errorf("%d frames, the first %v ago", r.Len(), ago)
	}
}

// full is a disk that takes so many bytes, and then part of a write.
type full int

func (f *full) Write(b []byte) (int, error) {
	if len(b) > int(*f) {
		n := int(*f)
		*f = 0
		return n, errors.New("no space left on device")
	}
	*f -= full(len(b))
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	w, disk := newWorld(1), full(8000)
	out, err := capture.NewWriter(&disk, header)
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	for err == nil {
		last = out.Written()
		err = out.Write(w.look())
		w.step()
	}
	if out.Written() != last || last > 8000 {
		t.Errorf("%d bytes are said to be written, %d before", out.Written(), last)
	}
	if again := out.Write(w.look()); again == nil || again.Error() != err.Error() {
		t.Errorf("after an error: %v", again)
	}
}

func TestHeaderThatIsTooLong(t *testing.T) {
	h := header
	h.About = string(bytes.Repeat([]byte("x"), 1<<17))
	if _, err := capture.NewWriter(new(bytes.Buffer), h); err == nil {
		t.Error("no error")
	}
}
