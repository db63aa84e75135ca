package live

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// The first sweep may take longer, so that one look finds what there is to
// find on most hosts: 20 ms are about 5,000 processes. Each further one takes
// 2 ms, 0.2 % of one core at a look per second; what it takes too long is paid
// back by the next.
const (
	firstSweep = 20 * time.Millisecond
	nextSweep  = 2 * time.Millisecond
)

// maxNear bounds the processes that a snapshot has.
const maxNear = 16

// fewFiles is where a process, or its limit, begins to be of interest: a limit
// below is no server's, but that of a sandbox that wants to open nothing.
const fewFiles = 16

// fileSweep finds the processes of the thread's network namespace that have
// opened half of the files they may, or more. It goes round all processes, a
// part in each look, and looks at those it found each time.
type fileSweep struct {
	proc  procnet.FS
	now   func() time.Time
	users users

	list    *procnet.Processes
	pending []int         // of the list, to be looked at next
	credit  time.Duration // what it may take; negative where it took too long
	whole   bool          // it was round once
	denied  bool          // some processes do not show their files to this user
	near    []source.Process
}

func newFileSweep(proc procnet.FS, passwd string) *fileSweep {
	return &fileSweep{proc: proc, now: time.Now, users: users{path: passwd}, credit: firstSweep - nextSweep}
}

func (w *fileSweep) close() {
	if w.list != nil {
		_ = w.list.Close()
	}
}

// read sweeps on, and returns those that are known to be near their limit, the
// fullest first.
func (w *fileSweep) read() ([]source.Process, error) {
	if w.list == nil {
		list, err := w.proc.Processes()
		if err != nil {
			return nil, err
		}
		w.list, w.denied = list, w.hidden()
	}
	start := w.now()
	w.credit += nextSweep
	forNew := w.credit
	if len(w.near) > 0 {
		forNew /= 2
	}
	err := w.sweep(start.Add(forNew))
	w.again(start.Add(w.credit))
	w.credit = min(w.credit-w.now().Sub(start), 0)
	slices.SortFunc(w.near, fullerFirst)
	w.near = w.near[:min(len(w.near), maxNear)]
	return append([]source.Process{}, w.near...), err // never nil: somebody looked
}

// sweep looks at further processes until the deadline, each at most once.
func (w *fileSweep) sweep(deadline time.Time) error {
	const part = 64 // entries of the list
	for w.now().Before(deadline) {
		if len(w.pending) == 0 {
			pids, err := w.list.Next(part)
			if errors.Is(err, io.EOF) {
				w.whole = true
				return nil
			}
			if err != nil {
				return err
			}
			w.pending = pids
			continue
		}
		pid := w.pending[0]
		w.pending = w.pending[1:]
		w.look(pid)
	}
	return nil
}

// again looks at those found before. Those that there is no time for stay as
// they were.
func (w *fileSweep) again(deadline time.Time) {
	for _, p := range slices.Clone(w.near) {
		if !w.now().Before(deadline) {
			return
		}
		w.look(p.PID)
	}
}

// look keeps a process that is near its limit, and forgets one that is not. It
// asks first what is cheap and rules out most.
func (w *fileSweep) look(pid int) {
	w.near = slices.DeleteFunc(w.near, func(p source.Process) bool { return p.PID == pid })
	n, err := w.list.OpenFiles(pid)
	w.denied = w.denied || errors.Is(err, fs.ErrPermission)
	if err != nil || n < fewFiles {
		return
	}
	limit, err := w.proc.FileLimit(pid)
	if err != nil || !nearLimit(&n, limit.Soft) {
		return
	}
	if shares, known := w.proc.SharesNetNS(pid); !shares || !known {
		return
	}
	p, err := w.list.Process(pid)
	if err != nil || !nearLimit(p.Files, p.FilesMax) {
		return
	}
	p.User = w.users.name(p.UID)
	w.near = append(w.near, p)
}

// hidden reports whether procfs keeps other users' processes from this one
// (mount option hidepid): there is always a process 1.
func (w *fileSweep) hidden() bool {
	_, err := os.Stat(filepath.Join(w.proc.Root, "1"))
	return os.Geteuid() != 0 && errors.Is(err, fs.ErrNotExist)
}

// nearLimit reports whether half of the files that may be open are.
func nearLimit(files, most *uint64) bool {
	return files != nil && most != nil && *most >= fewFiles && *files >= *most/2
}

// fullerFirst is for processes that have both figures.
func fullerFirst(a, b source.Process) int {
	full := func(p source.Process) float64 { return float64(*p.Files) / float64(*p.FilesMax) }
	return cmp.Or(cmp.Compare(full(b), full(a)), cmp.Compare(a.PID, b.PID))
}
