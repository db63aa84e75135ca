package capture_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random worlds; 0 takes the time")

func seeded(t testing.TB) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	return seed
}

var header = capture.Header{Tool: "twtop test", Interval: capture.Duration(time.Second), Host: "web-3", Kernel: "6.18.44"}

// recorded is a world's series, and its capture.
func recorded(t testing.TB, seed uint64, frames int) (live []*source.Snapshot, file []byte) {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, header)
	if err != nil {
		t.Fatal(err)
	}
	for x := newWorld(seed); len(live) < frames; x.step() {
		s := x.look()
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
		live = append(live, s)
	}
	if w.Written() != int64(b.Len()) {
		t.Errorf("%d bytes written, %d said", b.Len(), w.Written())
	}
	return live, b.Bytes()
}

func open(t testing.TB, file []byte) *capture.Reader {
	t.Helper()
	r, err := capture.Open(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func frame(t testing.TB, r *capture.Reader, i int) *source.Snapshot {
	t.Helper()
	s, err := r.Frame(i)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestReplayEqualsLive: in order, by random seeks, and as a stream.
func TestReplayEqualsLive(t *testing.T) {
	seed := seeded(t)
	worlds, frames := 5, 250
	if testing.Short() {
		worlds = 1
	}
	for n := range worlds {
		live, file := recorded(t, seed+uint64(n), frames)
		r := open(t, file)
		if r.Len() != frames || r.Note() != "" || r.First() != 0 || !r.Ended() {
			t.Fatalf("world %d: %d frames of %d, from %d on, %q", n, r.Len(), frames, r.First(), r.Note())
		}
		for i := range live {
			same(t, fmt.Sprintf("world %d, frame %d in order", n, i), live[i], frame(t, r, i))
		}
		for rng := rand.New(rand.NewPCG(seed, 1)); frames > 0 && rng.IntN(200) > 0; {
			i := rng.IntN(frames)
			same(t, fmt.Sprintf("world %d, frame %d by seeking", n, i), live[i], frame(t, r, i))
		}
		p := follow(t, file, 1<<30).Play(0)
		for i := range live {
			s, err := p.Read(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprintf("world %d, frame %d of the stream", n, i), live[i], s)
		}
		if _, err := p.Read(context.Background()); !errors.Is(err, source.ErrFinal) {
			t.Fatalf("after the end: %v", err)
		}
	}
}

// follow reads a file as a stream that comes in pieces.
func follow(t testing.TB, file []byte, keep int64) *capture.Reader {
	t.Helper()
	r, err := capture.Follow(context.Background(), iotest.HalfReader(bytes.NewReader(file)), keep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// allOf waits for a stream's end.
func allOf(t testing.TB, r *capture.Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.Wait(ctx, 1<<30); err != io.EOF {
		t.Fatal(err)
	}
}

// record makes a capture of snapshots.
func record(t testing.TB, all []*source.Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, header)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}
