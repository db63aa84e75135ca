package capture_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/capture"
)

// framesOf are the moments of a capture's frames, all of which can be read.
func framesOf(t *testing.T, b []byte) (taken []time.Time, h capture.Header) {
	t.Helper()
	r, err := capture.Open(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Note() != "" {
		t.Error(r.Note())
	}
	for i := range r.Len() {
		if _, err := r.Frame(i); err != nil {
			t.Fatal(err)
		}
		taken = append(taken, r.Taken(i))
	}
	return taken, r.Header()
}

// TestKeeper saves what was seen before, goes on, ends, and saves again.
func TestKeeper(t *testing.T) {
	k := capture.NewKeeper(time.Hour, 1<<20, 1000)
	w := newWorld(seeded(t))
	see := func(n int) {
		for range n {
			w.step()
			k.See(w.look())
		}
	}
	see(1)
	began := w.taken
	see(9)
	var one, two bytes.Buffer
	if err := k.Begin(&one, capture.Header{Host: "web-3"}); err != nil {
		t.Fatal(err)
	}
	see(5)
	k.End()
	see(5)
	if taken, h := framesOf(t, one.Bytes()); len(taken) != 15 || h.Host != "web-3" || !h.Began.Equal(began.UTC()) {
		t.Errorf("%d frames, header %+v", len(taken), h)
	}
	if err := k.Begin(&two, capture.Header{}); err != nil {
		t.Fatal(err)
	}
	see(1)
	if taken, _ := framesOf(t, two.Bytes()); len(taken) < 2 || k.Err() != nil {
		t.Errorf("%d frames, %v", len(taken), k.Err())
	}
}

// TestKeeperOfMany keeps nothing of a host with very many sockets, but records
// it when it is told to.
func TestKeeperOfMany(t *testing.T) {
	k := capture.NewKeeper(time.Hour, 1<<20, 0)
	h := newHost(10, 1, 5)
	for range 5 {
		h.step()
		k.See(h.look())
	}
	var out bytes.Buffer
	if err := k.Begin(&out, capture.Header{}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.step()
		k.See(h.look())
	}
	if taken, _ := framesOf(t, out.Bytes()); len(taken) != 3 {
		t.Errorf("%d frames", len(taken))
	}
}

var errDisk = errors.New("no space left")

// disk takes so many writes.
type disk int

func (f *disk) Write(b []byte) (int, error) {
	if *f--; *f < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

// TestKeeperOnAFullDisk ends the recording, and keeps on.
func TestKeeperOnAFullDisk(t *testing.T) {
	k := capture.NewKeeper(time.Hour, 1<<20, 1000)
	h := newHost(10, 1, 5)
	see := func() { h.step(); k.See(h.look()) }
	free := disk(3)
	see()
	if err := k.Begin(&free, capture.Header{}); err != nil {
		t.Fatal(err)
	}
	see()
	if k.Err() != nil {
		t.Errorf("too soon: %v", k.Err())
	}
	see()
	if !errors.Is(k.Err(), errDisk) {
		t.Errorf("%v", k.Err())
	}
	see()
	var out bytes.Buffer
	if err := k.Begin(&out, capture.Header{}); err != nil || k.Err() != nil {
		t.Fatal(err, k.Err())
	}
	see()
	if taken, _ := framesOf(t, out.Bytes()); len(taken) < 2 {
		t.Errorf("%d frames", len(taken))
	}
	none := disk(0)
	if err := k.Begin(&none, capture.Header{}); !errors.Is(err, errDisk) {
		t.Errorf("%v", err)
	}
}

// TestCursor reads at two places by turns.
func TestCursor(t *testing.T) {
	h := newHost(20, 1, 5)
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, capture.Header{})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		h.step()
		if err := w.Write(h.look()); err != nil {
			t.Fatal(err)
		}
	}
	r, err := capture.Open(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := r.Cursor()
	for i := range r.Len() {
		one, err := r.Frame(i)
		if err != nil {
			t.Fatal(err)
		}
		other, err := c.Frame(r.Len() - 1 - i)
		if err != nil {
			t.Fatal(err)
		}
		if !one.Taken.Truncate(time.Millisecond).Equal(r.Taken(i)) || !other.Taken.Truncate(time.Millisecond).Equal(r.Taken(r.Len()-1-i)) {
			t.Fatalf("frame %d: %v and %v", i, one.Taken, other.Taken)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
