package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
)

// visitor goes into one namespace after the other on a thread of its own, and
// comes back after each: a thread keeps the namespace alive that it is in, and
// a container's that has ended should go.
type visitor struct {
	home   *os.File
	nsfs   uint64 // the device that namespaces' files are on
	userNS uint64 // inode of this process's user namespace, 0 if unknown
	worker *worker
	// at is what is about to be opened: where a path hangs, it is told.
	at atomic.Pointer[string]
	// stranded: the way back was barred; the thread is given up.
	stranded atomic.Bool
	hung     sync.Map // paths not to be tried again
	left     int      // threads
}

// maxHung bounds the threads that are left behind in what does not answer.
const maxHung = 4

func newVisitor(procRoot string) (*visitor, error) {
	home, err := os.Open(filepath.Join(procRoot, "self/ns/net"))
	if err != nil {
		return nil, fmt.Errorf("open this process's network namespace: %w", err)
	}
	v := &visitor{home: home}
	var s unix.Stat_t
	if err := unix.Fstat(int(home.Fd()), &s); err != nil {
		_ = home.Close()
		return nil, fmt.Errorf("open this process's network namespace: %w", err)
	}
	v.nsfs = uint64(s.Dev)
	v.at.Store(new(string))
	if err := unix.Stat(filepath.Join(procRoot, "self/ns/user"), &s); err == nil {
		v.userNS = s.Ino
	}
	return v, nil
}

func (v *visitor) close() {
	if v.worker != nil {
		v.worker.close()
	}
	_ = v.home.Close()
}

// do runs fn on the thread, and leaves both alone where fn takes longer than
// limit: then fn must change nothing that anybody else reads. fn gets a context
// that ends sooner.
func (v *visitor) do(ctx context.Context, limit time.Duration, fn func(context.Context)) error {
	if v.left >= maxHung {
		return errors.New("too many paths of network namespaces do not answer")
	}
	if v.worker == nil {
		w, err := startWorker(func() error { return nil })
		if err != nil {
			return err
		}
		v.worker = w
	}
	within, cancel := context.WithTimeout(ctx, limit/2)
	defer cancel()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	job := v.start(v.worker, func() { fn(within) })
	select {
	case bug := <-job.done:
		v.renew()
		if bug != nil {
			return bug
		}
		return ctx.Err()
	case <-timer.C:
		return v.leave(job, limit)
	}
}

// visitorJob is what the thread does. One that was left ends its thread when it is done.
type visitorJob struct {
	done chan *source.PanicError
	left atomic.Bool
}

func (v *visitor) start(w *worker, fn func()) *visitorJob {
	j := &visitorJob{done: make(chan *source.PanicError, 1)}
	go func() {
		defer func() {
			j.done <- source.Panicked(recover())
			if j.left.Load() {
				w.close()
			}
		}()
		w.do(fn)
	}()
	return j
}

// leave gives up a thread that hangs, and the path that it hangs in.
func (v *visitor) leave(j *visitorJob, limit time.Duration) error {
	j.left.Store(true)
	v.worker = nil
	v.left++
	path := *v.at.Load()
	v.hung.Store(path, true)
	return fmt.Errorf("%s did not answer for %v", source.Clean(path, maxPath), limit)
}

// renew gives a thread up that could not come back.
func (v *visitor) renew() {
	if v.stranded.Swap(false) {
		v.worker.close()
		v.worker = nil
	}
}

// isHung reports whether a path did not answer before.
func (v *visitor) isHung(path string) bool {
	_, hung := v.hung.Load(path)
	return hung
}

// open opens a namespace by a path; the error is fs.ErrNotExist also where the
// path leads to something else by now. What is there is looked at first: a pipe
// or a device is not to be opened.
func (v *visitor) open(path string, inode uint64) (*os.File, error) {
	if v.isHung(path) {
		return nil, fmt.Errorf("%s did not answer", path)
	}
	v.at.Store(&path)
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	if uint64(s.Dev) != v.nsfs || s.Ino != inode {
		return nil, &os.PathError{Op: "open", Path: path, Err: unix.ENOENT}
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	if err := unix.Fstat(fd, &s); err != nil || s.Ino != inode {
		_ = unix.Close(fd)
		return nil, &os.PathError{Op: "open", Path: path, Err: unix.ENOENT}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// within runs fn inside the namespace of an open file. It must be called from
// what do runs.
func (v *visitor) within(file *os.File, fn func()) error {
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("setns", err)
	}
	defer func() {
		if unix.Setns(int(v.home.Fd()), unix.CLONE_NEWNET) != nil {
			v.stranded.Store(true)
		}
	}()
	fn()
	return nil
}

// foreign reports whether a namespace belongs to another user namespace than
// this process's: to one below, or, where the kernel does not tell (EPERM), to
// one above or beside it (ns_get_owner in kernel/nsproxy.c's ns_ioctl).
func (v *visitor) foreign(file *os.File) bool {
	fd, err := unix.IoctlRetInt(int(file.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		return errors.Is(err, unix.EPERM)
	}
	defer func() { _ = unix.Close(fd) }()
	var s unix.Stat_t
	return v.userNS != 0 && unix.Fstat(fd, &s) == nil && s.Ino != v.userNS
}

// cookieHere is SO_NETNS_COOKIE of the namespace that the thread is in, 0
// before Linux 5.14.
func cookieHere() uint64 {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return 0
	}
	defer func() { _ = unix.Close(fd) }()
	c, _ := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	return c
}
