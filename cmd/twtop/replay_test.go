package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/capture"
)

func TestSpeed(t *testing.T) {
	for in, want := range map[string]speed{"4": 4, "0.5": 0.5, "8x": 8, "2×": 2, "max": speed(math.Inf(1)), "1000": 1000} {
		var s speed
		if err := s.Set(in); err != nil || s != want {
			t.Errorf("%q: %v, %v", in, s, err)
		}
	}
	for _, in := range []string{"", "0", "-1", "x", "NaN", "Inf", "1e9", "fast", "0.001"} {
		var s speed
		if err := s.Set(in); err == nil {
			t.Errorf("%q was taken for %v", in, s)
		}
	}
}

// replayOf is what the screen gets of a recording.
func replayOf(t *testing.T, name string, stdin *os.File, at string) (frames, frame int, err error) {
	t.Helper()
	o := replayFlags{speed: 1}
	if at != "" {
		if err := o.at.Set(at); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := beginRecording(context.Background(), name, stdin)
	if err != nil {
		return 0, 0, err
	}
	t.Cleanup(func() { _ = rec.Close() })
	r, err := rec.replay(context.Background(), &o)
	if err != nil {
		return 0, 0, err
	}
	return r.Tape.Len(), r.At, nil
}

func TestReplayBegins(t *testing.T) {
	content := outage(t)
	file := saved(t, "outage.twtop", content)
	for at, want := range map[string]int{"": 0, "50": 50, "89s": 89, "23:59:30": 29, "2026-11-22 00:00:20": 79} {
		for _, way := range []string{file, "-"} {
			_, frame, err := replayOf(t, way, piped(t, content), at)
			if err != nil || frame != want {
				t.Errorf("at %q of %s: frame %d, want %d; %v", at, way, frame, want, err)
			}
		}
	}
	_, _, err := replayOf(t, file, nil, "2m")
	if err == nil || !strings.Contains(err.Error(), "the capture is ") {
		t.Errorf("%v", err)
	}
	cut := saved(t, "cut.twtop", content[:len(content)-7])
	if n, _, err := replayOf(t, cut, nil, ""); err != nil || n != 89 {
		t.Errorf("cut off: %d frames, %v", n, err)
	}
}

// TestReplayAtOfAStream waits until the stream has come there, not for its end.
func TestReplayAtOfAStream(t *testing.T) {
	content := outage(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // only at the end of the test
	go func() {
		_, _ = w.Write(content[:len(content)/2])
	}()
	if _, frame, err := replayOf(t, "-", r, "20s"); err != nil || frame != 20 {
		t.Errorf("frame %d, %v", frame, err)
	}
}

func TestReplayRefuses(t *testing.T) {
	text := "State Recv-Q Send-Q Local Address:Port Peer Address:Port\nTIME-WAIT 0 0 127.0.0.1:40000 127.0.0.1:4001\n"
	file := saved(t, "ss.txt", []byte(text))
	if n, _, err := replayOf(t, file, nil, ""); n != 1 || err != nil {
		t.Errorf("%d moments, %v", n, err)
	}
	for name, c := range map[string]struct {
		content []byte
		at      string
		want    string
	}{
		"a moment of a text": {[]byte(text), "5s", "is a text, and holds one moment"},
		"nothing":            {nil, "", "no table of sockets"},
		"no text":            {[]byte("good morning\n"), "", "no table of sockets"},
		"the future":         {bytes.Replace(outage(t), []byte(`"version":1`), []byte(`"version":9`), 1), "", "use a later one"},
	} {
		_, _, err := replayOf(t, saved(t, "bad", c.content), nil, c.at)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := replayOf(t, "no-such-incident", nil, "")
	if err == nil || !strings.Contains(err.Error(), "no-such-incident: there is no such file, and no built-in incident of that name") {
		t.Errorf("%v", err)
	}
	for _, name := range builtInNames() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("it does not name %s: %v", name, err)
		}
		if n, _, err := replayOf(t, name, nil, ""); n < 2 || err != nil {
			t.Errorf("%s: %d frames, %v", name, n, err)
		}
	}
}

// watched does something once a text was written to it.
type watched struct {
	bytes.Buffer
	until string
	then  func()
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.until) {
		w.then()
	}
	return n, err
}

// TestAwaitMomentEnds with its context, and tells what it waits for.
func TestAwaitMomentEnds(t *testing.T) {
	content := outage(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	go func() { _, _ = w.Write(content) }()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	rec, err := beginRecording(ctx, "-", r)
	if err != nil {
		t.Fatal(err)
	}
	var at moment
	said := watched{until: "waits for --at 5m: standard input has come 1m29s so far; Ctrl-C gives up", then: stop}
	_ = at.Set("5m")
	if err := rec.awaitMoment(ctx, at, &progress{w: &said, width: func() int { return 100 }}); err != context.Canceled {
		t.Errorf("%v", err)
	}
	if !strings.HasSuffix(said.String(), " \r") {
		t.Errorf("the line stays there: %q", said.String())
	}
}

// TestAwaitMomentOfALongStream does not wait for what can never be shown.
func TestAwaitMomentOfALongStream(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close() // only at the end of the test
	go func() {
		header := `{"version":1,"interval":"1s"}`
		b := []byte(capture.Magic + "H" + string(rune(len(header))) + header)
		for i := range int64(100) {
			frame := binary.AppendVarint(nil, 1000*(1+i))
			b = append(append(b, 'K', byte(len(frame))), frame...)
		}
		_, _ = w.Write(b)
	}()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	c, err := capture.Follow(ctx, r, 1000)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recording{name: "standard input", capture: c}
	defer rec.Close()
	o := replayFlags{speed: 1}
	_ = o.at.Set("1h")
	_, err = rec.replay(ctx, &o)
	if err == nil || !strings.Contains(err.Error(), "write it to a file to use --at") {
		t.Errorf("%v", err)
	}
}

// closer counts.
type closer int

func (c *closer) Close() error { *c++; return nil }

// TestReplayCloses both places that a capture is read at.
func TestReplayCloses(t *testing.T) {
	rec, err := beginRecording(context.Background(), saved(t, "outage.twtop", outage(t)), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rec.replay(context.Background(), &replayFlags{speed: 1})
	if err != nil || r.Survey == nil || rec.survey != r.Survey.(io.Closer) {
		t.Fatalf("the recording closes %v, the survey reads %v; %v", rec.survey, r.Survey, err)
	}
	var closed closer
	rec.survey = &closed
	if err := rec.Close(); err != nil || closed != 1 {
		t.Errorf("closed %d times, %v", closed, err)
	}
}
