package procnet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FS is a procfs. Network files and sysctls are those of the namespace of the
// thread that calls its methods.
type FS struct {
	Root string // "/proc", or a directory like it
}

// Error says which file could not be read, and what to do about it.
type Error struct {
	Path string
	Err  error
}

// Error names the file, the cause and a way out.
func (e *Error) Error() string {
	hint := ""
	switch {
	case errors.Is(e.Err, fs.ErrPermission):
		hint = " (run as root, or mount procfs without hidepid and subset)"
	case errors.Is(e.Err, fs.ErrNotExist):
		hint = " (is procfs mounted there?)"
	}
	return fmt.Sprintf("read %s: %v%s", e.Path, e.Err, hint)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// wrap makes err an *Error about path, without saying the path twice.
func wrap(path string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{Path: path, Err: err}
}

// openNet opens a file of /proc/net. After setns in a thread, /proc/net and
// /proc/self/net still show the namespace of the process, thread-self/net that
// of the thread; it came with Linux 3.17.
func (f FS) openNet(name string) (*os.File, error) {
	file, err := os.Open(filepath.Join(f.Root, "thread-self/net", name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if _, statErr := os.Stat(filepath.Join(f.Root, "thread-self/net")); statErr == nil {
		return nil, err
	}
	return os.Open(filepath.Join(f.Root, "net", name))
}

// readNet gives parse a file of /proc/net. Where there is none it returns
// found false and no error.
func (f FS) readNet(name string, parse func(io.Reader) error) (found bool, err error) {
	path := filepath.Join(f.Root, "net", name)
	file, err := f.openNet(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, wrap(path, err)
	}
	defer func() { _ = file.Close() }()
	if err := parse(file); err != nil {
		return false, wrap(path, err)
	}
	return true, nil
}
