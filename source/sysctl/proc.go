package sysctl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/359a26c5/twtop/source"
)

// Proc is the Kernel below a procfs. Every call opens its file anew: those of
// /proc/sys/net are of the namespace of the thread that opens them. No link is
// followed, and no key is touched that is not in the catalogue.
type Proc struct {
	Root string // "/proc", or a directory like it
}

var _ Kernel = Proc{}

// maxRead bounds a value in bytes: every other port reserved takes 185 KiB.
const maxRead = 256 << 10

// Read reads a value at once: the kernel answers a second read of a list of
// ports with nothing (proc_do_large_bitmap, kernel/sysctl.c).
func (p Proc) Read(key string) (value string, ok bool, err error) {
	f, err := p.open(key, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, p.wrap("read", key, err)
	}
	defer func() { _ = f.Close() }()
	for _, size := range []int{4 << 10, maxRead} {
		b := make([]byte, size)
		n, err := f.ReadAt(b, 0)
		if err != nil && err != io.EOF {
			return "", false, p.wrap("read", key, err)
		}
		if n < size {
			return source.Clean(string(b[:n]), maxRead), true, nil
		}
	}
	return "", false, p.wrap("read", key, fmt.Errorf("the value is longer than %d bytes", maxRead))
}

// Write writes a value that Check takes.
func (p Proc) Write(key, value string) error {
	value, err := Check(key, value)
	if err != nil {
		return err
	}
	f, err := p.open(key, os.O_WRONLY)
	if err != nil {
		return p.wrap("write", key, err)
	}
	_, err = f.Write([]byte(value + "\n"))
	return p.wrap("write", key, errors.Join(err, f.Close()))
}

// Mounted reports whether /proc/sys may be written to at all: in most
// containers it is mounted read-only, whoever asks.
func (p Proc) Mounted() (writable bool) {
	f, err := p.open(LocalPortRange, os.O_WRONLY)
	if err == nil {
		_ = f.Close()
	}
	return !errors.Is(err, syscall.EROFS)
}

// open opens the file of a key, which has to be one, behind directories that are.
func (p Proc) open(key string, flag int) (*os.File, error) {
	if _, ok := Lookup(key); !ok {
		return nil, errors.New("it is no key of the catalogue")
	}
	root, err := os.OpenRoot(filepath.Join(p.Root, "sys"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return openPlain(root, strings.ReplaceAll(key, ".", "/"), flag)
}

// openPlain opens a file below root and follows no link to it.
func openPlain(root *os.Root, name string, flag int) (*os.File, error) {
	for i, c := range name {
		if c == '/' {
			if err := plain(root, name[:i], fs.ModeDir); err != nil {
				return nil, err
			}
		}
	}
	if err := plain(root, name, 0); err != nil {
		return nil, err
	}
	f, err := root.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	before, errBefore := root.Lstat(name)
	after, errAfter := f.Stat()
	if err := errors.Join(errBefore, errAfter); err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(errors.New("the file was exchanged"), err, f.Close())
	}
	return f, nil
}

// plain fails where a name is not of the type: a link, or something else.
func plain(root *os.Root, name string, want fs.FileMode) error {
	info, err := root.Lstat(name)
	if err == nil && info.Mode().Type() != want {
		err = wrongType(name, info.Mode().Type(), want)
	}
	return err
}

func wrongType(name string, is, want fs.FileMode) error {
	return fmt.Errorf("%s is %s, and has to be %s", name, typeWords(is), typeWords(want))
}

// typeWords names a type of file.
func typeWords(m fs.FileMode) string {
	switch m {
	case 0:
		return "a file"
	case fs.ModeDir:
		return "a directory"
	case fs.ModeSymlink:
		return "a symbolic link"
	}
	return "a special file"
}

// wrap names the key and the file, and what to do.
func (p Proc) wrap(verb, key string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	hint := ""
	switch {
	case errors.Is(err, syscall.EROFS):
		hint = " (" + wordsProc + ")"
	case errors.Is(err, fs.ErrPermission):
		hint = " (run as root; in a container, give the values to what starts it)"
	case errors.Is(err, syscall.EINVAL):
		hint = " (the kernel does not take this value)"
	}
	return fmt.Errorf("%s %s (%s): %w%s", verb, key, filepath.Join(p.Root, "sys", strings.ReplaceAll(key, ".", "/")), err, hint)
}
