package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// recordDir is where recordings go that nobody is there to name: each file is
// named by the time, and made when there is something to write.
type recordDir string

// sameSecond is how many files may be named by the same second.
const sameSecond = 100

// try makes a file and removes it: what is wrong shows now, and not at night.
func (d recordDir) try() error {
	f, err := os.CreateTemp(string(d), ".twtop-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// create makes a file, "twtop-20261121T030405Z.twtop" or with -2 behind the time.
func (d recordDir) create(now time.Time) (*os.File, error) {
	return createNew(string(d), "twtop-"+timeWord(now))
}

// timeWord is a time as part of a file's name.
func timeWord(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// createNew makes a capture in dir, of that name or with -2 behind it: nothing
// is overwritten, no link followed.
func createNew(dir, name string) (f *os.File, err error) {
	base := filepath.Join(dir, name)
	path := base + ".twtop"
	for n := 1; n <= sameSecond; n++ {
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		path = fmt.Sprintf("%s-%d.twtop", base, n+1)
	}
	return nil, err
}
