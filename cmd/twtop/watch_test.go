package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// scripted is a Source whose looks end as told; after them all, one is as the last.
type scripted struct {
	errs  []error
	cpu   time.Duration
	reads []time.Time
}

func (s *scripted) Read(context.Context) (*source.Snapshot, error) {
	s.reads = append(s.reads, time.Now())
	i := min(len(s.reads), len(s.errs)) - 1
	if i >= 0 && s.errs[i] != nil {
		return nil, s.errs[i]
	}
	now := time.Now()
	return &source.Snapshot{Taken: now, Clock: uint32(now.UnixMilli()), Kind: source.KindLive, Range: source.DefaultPortRange, RangeKnown: true,
		Cost: source.Cost{CPU: s.cpu}}, nil
}

func (s *scripted) Close() error { return nil }

var (
	errPasses = errors.New("no buffer space")
	errGone   = fmt.Errorf("the namespace is gone: %w", source.ErrFinal)
)

func TestWatchOutlivesMisses(t *testing.T) {
	ctx := context.Background()
	src := &scripted{errs: []error{nil, errPasses, errPasses, nil}}
	w := &watch{source: src, interval: time.Millisecond}
	for range 2 {
		if _, err := w.look(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if len(src.reads) != 4 {
		t.Errorf("%d reads for two looks", len(src.reads))
	}
	for name, c := range map[string]struct {
		errs  []error
		looks int // that succeed before
		reads int
		want  error
	}{
		"the first": {[]error{errPasses}, 0, 1, errPasses},
		"final":     {[]error{nil, errGone}, 1, 2, errGone},
		"too many":  {[]error{nil, errPasses}, 1, 1 + maxMisses, errPasses},
	} {
		src := &scripted{errs: c.errs}
		w := &watch{source: src, interval: time.Millisecond}
		for range c.looks {
			if _, err := w.look(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.look(ctx); !errors.Is(err, c.want) || len(src.reads) != c.reads {
			t.Errorf("%s: %v after %d reads", name, err, len(src.reads))
		}
	}
}

// TestWatchIsCheap: a look that costs 20 ms is not repeated before 400 ms have
// gone, and one that costs nothing at the interval.
func TestWatchIsCheap(t *testing.T) {
	for cpu, want := range map[time.Duration]time.Duration{0: 50 * time.Millisecond, 20 * time.Millisecond: 400 * time.Millisecond} {
		src := &scripted{cpu: cpu}
		w := &watch{source: src, interval: 50 * time.Millisecond}
		for range 2 {
			if _, err := w.look(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := w.rest(context.Background(), time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := src.reads[1].Sub(src.reads[0]); got < want || got > want+2*time.Second {
			t.Errorf("%v of CPU: the next look after %v, want %v", cpu, got, want)
		}
	}
}

func TestWatchRestsUntilTheEnd(t *testing.T) {
	w := &watch{source: &scripted{}, interval: time.Hour}
	if _, err := w.look(context.Background()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := w.rest(context.Background(), start.Add(20*time.Millisecond)); err != nil || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	if err := w.rest(ctx, time.Time{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// recordScripted records what a scripted source gives.
func recordScripted(t *testing.T, src *scripted) (file string, err error) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "r.twtop")
	out, err := createRecording(file, os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	r := recorder{watch: &watch{source: src, interval: time.Millisecond}, file: out, line: &progress{}, every: time.Second}
	return file, r.finish(r.record(context.Background()))
}

// TestRecorderKeepsWhatItHas: where the source ends, so does the recording, and
// what there is can be replayed.
func TestRecorderKeepsWhatItHas(t *testing.T) {
	file, err := recordScripted(t, &scripted{errs: []error{nil, errPasses, nil, nil, errGone}})
	if !errors.Is(err, source.ErrFinal) || !strings.Contains(err.Error(), "what is in "+file+", 3 frames, ") {
		t.Errorf("%v", err)
	}
	r, err := openRecording(context.Background(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n := r.capture.Len(); n != 3 || r.capture.Note() != "" {
		t.Errorf("%d frames, %q", n, r.capture.Note())
	}
	file, err = recordScripted(t, &scripted{errs: []error{errPasses}})
	if err == nil || !strings.HasSuffix(err.Error(), "nothing was recorded") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file without a frame is left there: %v", err)
	}
}

// TestRecorderEndedAtOnce: a recording that was ended before its first frame is
// not passed off as one.
func TestRecorderEndedAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.twtop")
	out, err := createRecording(file, os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	r := recorder{watch: &watch{source: &scripted{errs: []error{context.Canceled}}, interval: time.Millisecond}, file: out, line: &progress{}}
	if err := r.finish(r.record(ctx)); err == nil || !strings.Contains(err.Error(), "nothing was recorded") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file without a frame is left there: %v", err)
	}
}

// TestRecordFileTakesWholeRecordsOnly: what was written of a record that did not
// fit is cut off.
func TestRecordFileTakesWholeRecordsOnly(t *testing.T) {
	name := filepath.Join(t.TempDir(), "r.twtop")
	r, err := createRecording(name, os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	r.limit = 20
	for _, record := range []string{"header", "a frame"} {
		if _, err := r.Write([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Write([]byte("too much for it")); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
	if _, err := r.f.WriteString("hal"); err != nil { // as a full disk leaves it
		t.Fatal(err)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(name); string(b) != "headera frame" || r.frames != 1 {
		t.Errorf("%q, %d frames, %v", b, r.frames, err)
	}
}
