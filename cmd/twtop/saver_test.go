package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/ui"
)

// ticking is a host with nothing on it, at a time that goes on.
type ticking struct {
	n    int
	name string
}

func (s *ticking) Read(context.Context) (*source.Snapshot, error) {
	b := source.NewBuilder()
	b.Begin(source.Frame{Clock: uint32(1000 * s.n), Range: source.DefaultPortRange, RangeKnown: true})
	snap := b.Finish()
	snap.Taken = began.Add(time.Duration(s.n) * time.Second)
	snap.Host.Name = s.name
	s.n++
	return snap, nil
}

func (s *ticking) Close() error { return nil }

func testSaver(t *testing.T, name string, places ...string) *saver {
	s := newSaver(&ticking{name: name}, time.Second)
	s.places, s.now = places, func() time.Time { return began }
	for range 3 {
		if _, err := s.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestSaver makes files of its own, one beside the other, for the owner alone.
func TestSaver(t *testing.T) {
	dir := t.TempDir()
	s := testSaver(t, "web-3", filepath.Join(dir, "gone"), dir)
	want := filepath.Join(dir, "twtop-web-3-20261121T235900Z.twtop")
	if err := os.Symlink("/etc/passwd", want); err != nil {
		t.Fatal(err)
	}
	want = strings.TrimSuffix(want, ".twtop") + "-2.twtop"
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	_, _ = s.Read(context.Background())
	if st := s.State(); !st.On || st.Name != want || st.Frames != 4 || st.Bytes == 0 {
		t.Errorf("%+v", st)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	_, _ = s.Read(context.Background())
	info, err := os.Stat(want)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	r, err := openRecording(context.Background(), want, nil)
	if err != nil || r.capture.Len() != 4 || r.capture.Header().Host != "web-3" || !r.capture.Header().Began.Equal(began) {
		t.Fatalf("%v", err)
	}
	defer r.Close()
	for range sameSecond - 2 {
		if err := errors.Join(s.Save(), s.Stop()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Save(); err == nil {
		t.Error("one file too many in one second")
	}
}

// TestSaverOnAFullDisk: /dev/full stands for the disk.
func TestSaverOnAFullDisk(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here:", err)
	}
	s := testSaver(t, "x", t.TempDir())
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	kept := s.file.f
	s.file.f = f
	_, _ = s.Read(context.Background())
	if st := s.State(); st.On || st.Trouble == nil || st.Frames != 3 || !strings.Contains(st.Trouble.Error(), "no space left") {
		t.Errorf("%+v", st)
	}
	_ = kept.Close()
}

// TestOneHeader: a recording of the screen begins as one of `twtop record` does.
func TestOneHeader(t *testing.T) {
	s := &source.Snapshot{Taken: began, Host: source.Host{Name: "web-3", Kernel: "6.18.0", NetNS: "net:[1]"}}
	if got, want := newHeader(&s.Host, began, time.Second), (&recorder{every: time.Second}).header(s); !reflect.DeepEqual(got, want) || got.Host != "web-3" {
		t.Errorf("%+v and %+v", got, want)
	}
}

// TestTellSaved: the directory is as somebody named it, and the terminal is not
// told what to do.
func TestTellSaved(t *testing.T) {
	var out strings.Builder
	tellSaved(&out, ui.SaveState{Name: "/tmp/\x1b[2J\x9b31m/x.twtop", Frames: 3, Bytes: 1500})
	if got := out.String(); !strings.Contains(got, "recorded 3 frames, 1.5 kB to /tmp/") || strings.Contains(got, "\x1b") || !utf8.ValidString(got) {
		t.Errorf("%q", got)
	}
}

func TestFileWord(t *testing.T) {
	for in, want := range map[string]string{
		"web-3": "web-3-", "": "", "../../etc": "etc-", "a b\x1b[31m/c": "ab31mc-", "…": "", ".hidden": "hidden-", strings.Repeat("x", 99): strings.Repeat("x", 64) + "-",
	} {
		if got := fileWord(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
