package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/charmbracelet/x/term"
)

// recordFile is what a capture is written to. It takes whole records only, and
// no more bytes than it may.
type recordFile struct {
	name  string
	f     *os.File  // nil: made by the first Write, in dir
	dir   recordDir // "" for none
	limit int64     // 0: none

	written int64
	frames  int // records less the header
	regular bool
	made    bool // by us, and not standard output
}

// errFull says that the next record would be more than the limit.
var errFull = errors.New("the recording is as large as it may be")

// createRecording opens the file that a capture goes to, "-" for standard
// output; in a directory it waits for the first Write. Captures carry addresses: only the owner may read a new one.
func createRecording(name string, stdout *os.File) (*recordFile, error) {
	r := &recordFile{name: name}
	if name == "-" {
		if term.IsTerminal(stdout.Fd()) {
			return nil, usagef("-o -: standard output is a terminal: pipe it to `twtop replay -`, or name a file")
		}
		r.name, r.f = "standard output", stdout
		return r, nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		r.dir = recordDir(name)
		return r, r.dir.try()
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	r.made, r.regular = true, true
	if errors.Is(err, fs.ErrExist) {
		r.made = false
		f, r.regular, err = openExisting(name)
	}
	if err != nil {
		return nil, err
	}
	r.f = f
	return r, nil
}

// openExisting takes an empty file, which somebody made for this, or what is no
// regular file, like a named pipe. Nothing is overwritten.
func openExisting(name string) (f *os.File, regular bool, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, false, err
	}
	if regular = info.Mode().IsRegular(); regular && info.Size() > 0 {
		return nil, false, fmt.Errorf("%s is there already, and twtop overwrites nothing: remove it, or choose another name", name)
	}
	f, err = os.OpenFile(name, os.O_WRONLY, 0)
	return f, regular, err
}

// Write writes one record, or nothing of it.
func (r *recordFile) Write(record []byte) (int, error) {
	if r.limit > 0 && r.written+int64(len(record)) > r.limit {
		return 0, errFull
	}
	if r.f == nil {
		f, err := r.dir.create(time.Now())
		if err != nil {
			return 0, err
		}
		r.f, r.name, r.made, r.regular = f, f.Name(), true, true
	}
	n, err := r.f.Write(record)
	if err != nil {
		return n, err
	}
	if r.written > 0 {
		r.frames++
	}
	r.written += int64(n)
	return n, nil
}

// close cuts off what is no whole record, and removes a file of ours that has
// no frame.
func (r *recordFile) close() error {
	if r.f == nil {
		return nil
	}
	var cut error
	if r.regular {
		if info, err := r.f.Stat(); err == nil && info.Size() > r.written {
			cut = r.f.Truncate(r.written)
		}
	}
	err := errors.Join(cut, r.f.Close())
	if r.made && r.frames == 0 {
		err = errors.Join(err, os.Remove(r.name))
	}
	return err
}
