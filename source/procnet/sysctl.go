package procnet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// maxValue bounds a sysctl's value in bytes. The longest there can be is
// ip_local_reserved_ports with every other port: 185 KiB.
const maxValue = 256 << 10

// firstRead is enough for every sysctl but a long list of reserved ports.
const firstRead = 4 << 10

// Sysctl reads one sysctl, cleaned and its white space folded. ok is false, without an
// error, where this kernel or this namespace has no such key.
func (f FS) Sysctl(key string) (value string, ok bool, err error) {
	root, err := f.openSys()
	if root == nil {
		return "", false, err
	}
	defer func() { _ = root.Close() }()
	return f.sysctl(root, key)
}

// Sysctls reads the keys that exist. The error joins those that could not be
// read; the rest stands.
func (f FS) Sysctls(keys []string) (map[string]string, error) {
	values := make(map[string]string, len(keys))
	root, err := f.openSys()
	if root == nil {
		return values, err
	}
	defer func() { _ = root.Close() }()
	var errs []error
	for _, key := range keys {
		v, ok, err := f.sysctl(root, key)
		if ok {
			values[key] = v
		}
		errs = append(errs, err)
	}
	return values, errors.Join(errs...)
}

// openSys returns nil without an error where there is no sys directory.
func (f FS) openSys() (*os.Root, error) {
	path := filepath.Join(f.Root, "sys")
	root, err := os.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return root, wrap(path, err)
}

func (f FS) sysctl(root *os.Root, key string) (value string, ok bool, err error) {
	name, err := sysctlPath(key)
	if err != nil {
		return "", false, err
	}
	raw, err := readValue(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, wrap(filepath.Join(f.Root, "sys", name), err)
	}
	return source.Clean(strings.TrimSpace(string(raw)), maxValue), true, nil
}

// sysctlPath turns a key in dots into a path below /proc/sys. It takes no key
// that could lead elsewhere; what is a link in there, os.Root keeps inside.
func sysctlPath(key string) (string, error) {
	for _, part := range strings.Split(key, ".") {
		if part == "" {
			return "", fmt.Errorf("sysctl %q: that is no name of a key", clip(key))
		}
	}
	for _, c := range []byte(key) {
		lower := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		if !lower && c != '.' && c != '_' && c != '-' {
			return "", fmt.Errorf("sysctl %q: a key has small letters, digits, dots, hyphens and underscores only", clip(key))
		}
	}
	return strings.ReplaceAll(key, ".", "/"), nil
}

// readValue reads a whole value in one read: the kernel answers a second read
// of a list of ports with nothing (proc_do_large_bitmap), so that reading it
// piece by piece would cut it short without an error.
func readValue(root *os.Root, name string) ([]byte, error) {
	for _, size := range []int{firstRead, maxValue} {
		b, err := readOnce(root, name, size)
		if err != nil || len(b) < size {
			return b, err
		}
	}
	return nil, fmt.Errorf("the value is longer than %d bytes", maxValue)
}

func readOnce(root *os.Root, name string, size int) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("that is no key but a directory or a link")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	b := make([]byte, size)
	n, err := file.Read(b)
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}
