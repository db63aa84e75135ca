package capture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
)

// TestFollowLive reads frames as they are written, and goes back among them.
func TestFollowLive(t *testing.T) {
	pr, pw := io.Pipe()
	w := newWorld(seeded(t))
	next := make(chan *source.Snapshot)
	go func() {
		out, err := capture.NewWriter(pw, header)
		for s := range next {
			if err == nil {
				err = out.Write(s)
			}
		}
		pw.CloseWithError(err) // nil is EOF
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := capture.Follow(ctx, pr, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := r.Play(0)
	var live []*source.Snapshot
	for i := range 150 {
		if r.Len() != i || r.Ended() {
			t.Fatalf("%d frames of %d, ended %v", r.Len(), i, r.Ended())
		}
		live = append(live, w.look())
		next <- live[i]
		s, err := p.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("frame ", i), live[i], s)
		same(t, "one before", live[i/2], frame(t, r, i/2))
		w.step()
	}
	none, stop := context.WithTimeout(ctx, 10*time.Millisecond)
	defer stop()
	if _, err := p.Read(none); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing comes: %v", err)
	}
	close(next)
	if _, err := p.Read(ctx); !errors.Is(err, source.ErrFinal) {
		t.Errorf("at the end: %v", err)
	}
	if !r.Ended() || r.Note() != "" || r.Header().Host != "web-3" {
		t.Errorf("%v %q %+v", r.Ended(), r.Note(), r.Header())
	}
}

// TestFollowForgets: of a stream that is too long the last groups are kept.
func TestFollowForgets(t *testing.T) {
	live, file := recorded(t, seeded(t), 600)
	keep := int64(len(file) / 3)
	r := follow(t, file, keep)
	allOf(t, r)
	first := r.First()
	if r.Len() != 600 || first < 240 || first > 560 {
		t.Fatalf("%d frames, from %d on", r.Len(), first)
	}
	for i := first; i < r.Len(); i += 7 {
		same(t, fmt.Sprint("frame ", i), live[i], frame(t, r, i))
	}
	if _, err := r.Frame(first - 1); !errors.Is(err, capture.ErrForgotten) {
		t.Errorf("frame %d: %v", first-1, err)
	}
	if !r.Taken(0).IsZero() || r.At(time.Unix(0, 0)) != first {
		t.Errorf("before the first: %v, %d", r.Taken(0), r.At(time.Unix(0, 0)))
	}
	p := r.Play(0)
	s, err := p.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the first that is kept", live[first], s)
	if p.Next() != first+1 {
		t.Errorf("next is %d", p.Next())
	}
}

// TestFollowForgetsTinyFrames: frames without any content are not kept for ever.
func TestFollowForgetsTinyFrames(t *testing.T) {
	const frames, keep = 200_000, 1 << 20
	file := crafted('K', binary.AppendVarint(nil, 1))
	tiny := binary.AppendVarint(nil, 1)
	for range frames - 1 {
		file = append(binary.AppendUvarint(append(file, 'K'), uint64(len(tiny))), tiny...)
	}
	r := follow(t, file, keep)
	if err := r.Wait(t.Context(), frames); err != io.EOF || r.Len() != frames {
		t.Fatalf("%d frames, %v", r.Len(), err)
	}
	if kept := r.Len() - r.First(); kept > keep/64 || kept < keep/256 {
		t.Errorf("%d of %d frames are kept in %d bytes", kept, frames, keep)
	}
}

func TestFollowGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	pr, pw := io.Pipe()
	defer pw.Close()
	if _, err := capture.Follow(ctx, pr, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("no header comes: %v", err)
	}
}

// panicking is a reader with a bug.
type panicking struct{ io.Reader }

func (p panicking) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err == io.EOF {
		panic("a bug")
	}
	return n, err
}

// TestFollowPanics: a panic comes up where it can be recovered.
func TestFollowPanics(t *testing.T) {
	_, file := recorded(t, 1, 2)
	r, err := capture.Follow(context.Background(), panicking{bytes.NewReader(file)}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p, ok := recover().(*source.PanicError); !ok || p.Value != "a bug" {
			t.Errorf("recovered %v", p)
		}
	}()
	r.Wait(context.Background(), 100)
	t.Error("no panic")
}

// TestAtWhereTheClockWasSetBack: seeking goes by the latest time so far.
func TestAtWhereTheClockWasSetBack(t *testing.T) {
	w := newWorld(1)
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []*source.Snapshot
	for _, at := range []int{10, 20, 30, 5, 6, 40} {
		s := w.look()
		s.Taken = begin.Add(time.Duration(at) * time.Second)
		all = append(all, s)
		w.step()
	}
	r := open(t, record(t, all))
	for at, want := range map[int]int{0: 0, 10: 0, 19: 0, 20: 1, 29: 1, 30: 4, 39: 4, 40: 5, 99: 5} {
		if got := r.At(begin.Add(time.Duration(at) * time.Second)); got != want {
			t.Errorf("at %d s: frame %d, want %d", at, got, want)
		}
	}
	if got := r.Taken(3); !got.Equal(begin.Add(5 * time.Second)) {
		t.Errorf("frame 3 was taken %v", got)
	}
	for _, i := range []int{-1, 6, 1 << 30} {
		if _, err := r.Frame(i); err == nil {
			t.Errorf("frame %d is there", i)
		}
	}
}
