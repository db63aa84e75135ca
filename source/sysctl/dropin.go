package sysctl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	dropInDir  = "etc/sysctl.d"
	dropInName = "60-twtop.conf"
	// maxConf bounds a configuration file, in bytes.
	maxConf = 1 << 20
)

// DropIn is the file in /etc/sysctl.d that makes values last beyond a boot.
type DropIn struct {
	Root string // "/", or a directory like it
	step func(string) error
}

// Path is where the file is.
func (d *DropIn) Path() string { return filepath.Join(d.Root, dropInDir, dropInName) }

// open opens the directory, behind no link, and makes it where that is asked for.
func (d *DropIn) open(create bool) (*os.Root, error) {
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	if create {
		if err := root.MkdirAll(dropInDir, 0o755); err != nil {
			return nil, err
		}
	}
	for _, dir := range []string{"etc", dropInDir} {
		if err := plain(root, dir, fs.ModeDir); err != nil {
			return nil, err
		}
	}
	return root.OpenRoot(dropInDir)
}

// read returns the file's stanzas; none where there is no file.
func (d *DropIn) read() (conf, error) {
	root, err := d.open(false)
	if err == nil {
		defer func() { _ = root.Close() }()
		var b []byte
		if b, err = readPlain(root, dropInName); err == nil {
			return parseConf(string(b)), nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return conf{}, nil
	}
	return conf{}, d.wrap(err)
}

func readPlain(root *os.Root, name string) ([]byte, error) {
	f, err := openPlain(root, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxConf+1))
	if err == nil && len(b) > maxConf {
		err = fmt.Errorf("it is longer than %d bytes", maxConf)
	}
	return b, err
}

// write exchanges the file, or removes it where nothing is left in it.
func (d *DropIn) write(c conf) error {
	root, err := d.open(true)
	if err != nil {
		return d.wrap(err)
	}
	defer func() { _ = root.Close() }()
	if err := plain(root, dropInName, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d.wrap(err)
	}
	if !c.empty() {
		return d.wrap(replaceFile(root, dropInName, []byte(c.String()), 0o644, d.step))
	}
	if err := root.Remove(dropInName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d.wrap(err)
	}
	return d.wrap(syncDir(root))
}

func (d *DropIn) wrap(err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", d.Path(), err)
}
