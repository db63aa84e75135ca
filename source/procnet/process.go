package procnet

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Processes reads the processes of a procfs, those of its own PID namespace. It
// keeps the list open, so that a long one may be read a part at a time.
type Processes struct {
	fs      FS
	list    *os.File
	counted bool // see countsFiles

	boot      time.Time // zero if unknown
	bootAsked bool
}

// Processes opens the list.
func (f FS) Processes() (*Processes, error) {
	list, err := os.Open(f.Root)
	if err != nil {
		return nil, wrap(f.Root, err)
	}
	return &Processes{fs: f, list: list, counted: f.countsFiles()}, nil
}

// Close closes the list.
func (p *Processes) Close() error { return p.list.Close() }

// Next returns the processes among the next n entries of the list, which may
// be none. At the end the error is io.EOF, and the list begins anew.
func (p *Processes) Next(n int) ([]int, error) {
	names, err := p.list.Readdirnames(n)
	if errors.Is(err, io.EOF) {
		if _, seekErr := p.list.Seek(0, io.SeekStart); seekErr != nil {
			return nil, wrap(p.fs.Root, seekErr)
		}
		return nil, io.EOF
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids, wrap(p.fs.Root, err)
}

// Process reads what is known of one process, all but the name of its user.
// What it may not read of it stays unknown; the error is fs.ErrNotExist where
// there is no such process any more.
func (p *Processes) Process(pid int) (source.Process, error) {
	out := source.Process{PID: pid}
	info, err := os.Stat(p.fs.pidPath(pid, ""))
	if err != nil {
		return out, wrap(p.fs.pidPath(pid, ""), err)
	}
	out.UID = ownerOf(info)
	if n, err := p.OpenFiles(pid); err == nil {
		out.Files = &n
	}
	if limit, err := p.fs.FileLimit(pid); err == nil {
		out.FilesMax, out.FilesHard = limit.Soft, limit.Hard
	}
	out.Name, _ = p.fs.Comm(pid)
	if ticks, err := p.fs.StartTime(pid); err == nil {
		out.Born = p.born(ticks)
	}
	return out, nil
}

// born is when a process was started, to 10 ms. The time of boot is read once,
// so that setting the clock makes no other process of it.
func (p *Processes) born(ticks uint64) time.Time {
	if !p.bootAsked {
		p.boot, p.bootAsked = p.fs.BootTime(), true
	}
	const tick, mostTicks = 10 * time.Millisecond, 1 << 36 // 21 years; a Duration holds 292
	if p.boot.IsZero() || ticks > mostTicks {
		return time.Time{}
	}
	return p.boot.Add(time.Duration(ticks) * tick)
}

// pidPath is a file of a process's directory.
func (f FS) pidPath(pid int, name string) string {
	return filepath.Join(f.Root, strconv.Itoa(pid), name)
}

// maxPIDFile bounds what is read of a process's file; limits has 1.4 KiB.
const maxPIDFile = 4 << 10

// readPID reads a small file of a process's directory, in one read, so that
// what it says is of one moment.
func (f FS) readPID(pid int, name string) ([]byte, error) {
	path := f.pidPath(pid, name)
	file, err := os.Open(path)
	if err != nil {
		return nil, wrap(path, err)
	}
	defer func() { _ = file.Close() }()
	b := make([]byte, maxPIDFile)
	n, err := file.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, wrap(path, gone(err))
	}
	return b[:n], nil
}

// gone makes ESRCH, with which files of procfs answer that were opened before
// their process ended, fs.ErrNotExist.
func gone(err error) error {
	if isNoProcess(err) {
		return fs.ErrNotExist
	}
	return err
}
