package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/ui"
)

// What is kept of what the live screen has seen, at the most so many bytes of
// it. Of hosts with more sockets nothing is kept: each frame of them would cost
// as much as reading it.
const (
	keptSeen        = 15 * time.Minute
	keptSeenBytes   = 32 << 20
	keptSeenSockets = 200_000
)

// saver is a source that keeps what it gives, for the key that saves it.
type saver struct {
	source.Source
	keeper *capture.Keeper
	every  time.Duration
	places []string // directories, the first that takes a file
	now    func() time.Time

	mu   sync.Mutex
	host source.Host
	file *recordFile // nil while nothing is recorded
	last ui.SaveState
}

var _ ui.Saver = (*saver)(nil)

func newSaver(src source.Source, every time.Duration) *saver {
	s := &saver{Source: src, keeper: capture.NewKeeper(keptSeen, keptSeenBytes, keptSeenSockets), every: every, now: time.Now}
	if dir, err := os.Getwd(); err == nil {
		s.places = append(s.places, dir)
	}
	if dir, err := os.UserHomeDir(); err == nil {
		s.places = append(s.places, dir)
	}
	s.places = append(s.places, os.TempDir())
	return s
}

// Read gives the next snapshot.
func (s *saver) Read(ctx context.Context) (*source.Snapshot, error) {
	snap, err := s.Source.Read(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host = snap.Host
	s.keeper.See(snap)
	if err := s.keeper.Err(); err != nil && s.file != nil {
		s.end(err)
	}
	return snap, nil
}

// Save makes a file of what is kept, and goes on to record there.
func (s *saver) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return nil
	}
	file, err := s.create()
	if err != nil {
		return err
	}
	file.limit = defaultMaxSize
	err = s.keeper.Begin(file, newHeader(&s.host, s.now(), s.every))
	s.file = file
	if err != nil { // what could be written is kept
		_ = s.end(err)
	}
	return err
}

// Stop ends the recording.
func (s *saver) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	s.keeper.End()
	return s.end(nil)
}

// end closes the file, after what ended the recording.
func (s *saver) end(why error) error {
	s.last = s.state()
	s.last.On, s.last.Trouble = false, why
	err := s.file.close()
	s.file = nil
	return err
}

// State says how the recording stands.
func (s *saver) State() ui.SaveState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

func (s *saver) state() ui.SaveState {
	if s.file == nil {
		return s.last
	}
	return ui.SaveState{On: true, Name: s.file.name, Frames: s.file.frames, Bytes: s.file.written}
}

// create makes a new file in the first directory that takes one.
func (s *saver) create() (*recordFile, error) {
	name := "twtop-" + fileWord(s.host.Name) + timeWord(s.now())
	var errs []error
	for _, dir := range s.places {
		f, err := createNew(dir, name)
		if err == nil {
			return &recordFile{name: f.Name(), f: f, regular: true, made: true}, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("no directory takes a file: %w", errors.Join(errs...))
}

// fileWord is a host's name as part of a file's, with a dash after it.
func fileWord(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '.' || r == '_':
			return r
		}
		return -1
	}, name)
	name = strings.Trim(name[:min(len(name), 64)], ".-")
	if name == "" {
		return ""
	}
	return name + "-"
}

// farewell says where the recording is, once the screen is left.
func (s *saver) farewell() {
	_ = s.Stop()
	tellSaved(os.Stderr, s.State())
}

// tellSaved says where a recording is, if there is one.
func tellSaved(w io.Writer, st ui.SaveState) {
	if st.Name != "" && st.Frames > 0 {
		fmt.Fprintf(w, "twtop: recorded %d frames, %s to %s\n", st.Frames, diagnosis.Bytes(st.Bytes), source.Clean(st.Name, lineLimit))
	}
}
