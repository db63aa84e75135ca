package sysctl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of the state directory.
const (
	journalFile = "journal.json"
	auditFile   = "audit.log"
	lockFile    = "lock"
	tempSuffix  = ".new"
)

// State is the directory of the journal and the audit log. Only its owner may
// write to it, and it is never behind a link: what is in the journal is written
// to the kernel by root.
type State struct {
	Dir string
	// step is called between any two changes on the disk; tests end there.
	step func(string) error
}

// open opens the directory and makes it first where that is asked for.
func (s *State) open(create bool) (*os.Root, error) {
	if create {
		if err := os.MkdirAll(filepath.Dir(s.Dir), 0o755); err != nil {
			return nil, s.wrap(err)
		}
		if err := os.Mkdir(s.Dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, s.wrap(err)
		}
	}
	outside, err := os.Lstat(s.Dir)
	if err != nil {
		return nil, s.wrap(err)
	}
	if err := trusted(outside, fs.ModeDir); err != nil {
		return nil, s.wrap(err)
	}
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return nil, s.wrap(err)
	}
	inside, err := root.Stat(".")
	if err != nil || !os.SameFile(outside, inside) {
		return nil, s.wrap(errors.Join(errors.New("the directory was exchanged"), err, root.Close()))
	}
	return root, nil
}

// trusted fails where somebody else could have written a file, or exchange it.
func trusted(info fs.FileInfo, want fs.FileMode) error {
	switch {
	case info.Mode().Type() != want:
		return wrongType(info.Name(), info.Mode().Type(), want)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("%s may be written by others (%v): chmod go-w it, after a look at what is in there", info.Name(), info.Mode().Perm())
	case !ours(info):
		return fmt.Errorf("%s belongs to another user", info.Name())
	}
	return nil
}

// read returns a file's content, nil where there is none.
func (s *State) read(name string, limit int64) ([]byte, error) {
	root, err := s.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = trusted(info, 0)
	}
	if err != nil {
		return nil, s.wrap(err)
	}
	f, err := openPlain(root, name, os.O_RDONLY)
	if err != nil {
		return nil, s.wrap(err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return b, s.wrap(err)
}

// replace exchanges a file's content, and returns once it is on the disk.
func (s *State) replace(name string, content []byte) error {
	root, err := s.open(true)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return s.wrap(replaceFile(root, name, content, 0o600, s.step))
}

// replaceFile writes a new file beside the old one and renames it, so that
// there is the old content or the new one at any moment, and both are synced.
func replaceFile(root *os.Root, name string, content []byte, mode fs.FileMode, step func(string) error) error {
	temp := name + tempSuffix
	if err := root.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = at(step, "synced "+temp)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	if err := at(step, "renamed "+name); err != nil {
		return err
	}
	return syncDir(root)
}

// syncDir makes a rename or a removal last.
func syncDir(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// add appends a line to a file, and returns once it is on the disk.
func (s *State) add(name string, line []byte) error {
	root, err := s.open(true)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Lstat(name); err == nil {
		if err := trusted(info, 0); err != nil {
			return s.wrap(err)
		}
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return s.wrap(err)
	}
	_, err = f.Write(line)
	if err == nil {
		err = f.Sync()
	}
	return s.wrap(errors.Join(err, f.Close()))
}

// lock keeps other twtops from changing anything until unlock is called. The
// kernel takes it back from a process that died.
func (s *State) lock() (unlock func(), err error) {
	root, err := s.open(true)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Lstat(lockFile); err == nil {
		if err := trusted(info, 0); err != nil {
			return nil, s.wrap(err)
		}
	}
	f, err := root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil { // a file system that became read-only keeps nobody from an undo
		var again error
		if f, again = root.Open(lockFile); again != nil {
			return nil, s.wrap(err)
		}
	}
	if err := flock(f); err != nil {
		return nil, s.wrap(errors.Join(err, f.Close()))
	}
	return func() { _ = f.Close() }, nil
}

// wrap says where, and what to do.
func (s *State) wrap(err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return fmt.Errorf("state directory %s: %w", s.Dir, err)
}

// at calls a test's hook.
func at(step func(string) error, name string) error {
	if step == nil {
		return nil
	}
	return step(name)
}
