package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
)

// ErrGone is what opening a namespace ends with that was found and is not there
// any more.
var ErrGone = errors.New("the network namespace is gone")

// findLimit is how long finding the namespaces may take, and looking into one:
// a path may lead through a file system that does not answer.
const findLimit = 10 * time.Second

// Namespaces finds the network namespaces of this host: those of processes and
// of threads, and those that are bound to a file where this process or process
// 1 sees it. One that only an open descriptor or a socket keeps alive is not
// found. Each that may be entered was entered for a moment. The gaps say what
// could not be seen.
func Namespaces(ctx context.Context, cfg Config) (list []source.Namespace, gaps []string, err error) {
	v, err := newVisitor(cfg.procRoot())
	if err != nil {
		return nil, nil, err
	}
	defer v.close()
	found, err := findAll(ctx, v, &cfg)
	if err != nil {
		return nil, nil, err
	}
	return found.list, found.gaps, nil
}

// OpenNamespace is Open for a namespace that was found: its sockets, and those
// of no other that took its name, its inode or a process's number since.
func OpenNamespace(n *source.Namespace, cfg Config) (*Source, error) {
	cfg.NetNS, cfg.PID = "", 0
	if n.Own {
		return openSame(n, cfg)
	}
	failed := fmt.Errorf("%v: %w", n, ErrGone)
	for _, choice := range choices(n) {
		cfg.NetNS = choice
		src, err := openSame(n, cfg)
		if err == nil {
			return src, nil
		}
		if !errors.Is(err, ErrGone) && !errors.Is(err, os.ErrNotExist) {
			failed = err
		}
	}
	return nil, failed
}

// choices are the names and paths to try, the most telling first.
func choices(n *source.Namespace) []string {
	var list []string
	if len(n.Names) > 0 {
		list = append(list, n.Names[0])
	}
	return append(list, n.Paths...)
}

// openSame opens what cfg names if that is n.
func openSame(n *source.Namespace, cfg Config) (*Source, error) {
	src, err := Open(cfg)
	if err != nil {
		return nil, err
	}
	now := source.Namespace{Cookie: src.host.Cookie}
	if now.Inode, err = src.ns.inode(); err == nil && !n.Same(&now) {
		err = fmt.Errorf("%v: %w", n, ErrGone)
	}
	if err != nil {
		_ = src.Close()
		return nil, err
	}
	return src, nil
}

// inode is the number of the namespace.
func (n *namespace) inode() (uint64, error) {
	var s unix.Stat_t
	if n.file == nil {
		err := unix.Stat("/proc/self/ns/net", &s)
		return s.Ino, os.NewSyscallError("stat", err)
	}
	err := unix.Fstat(int(n.file.Fd()), &s)
	return s.Ino, os.NewSyscallError("fstat", err)
}

// Namespace is what is certain of the namespace that the source looks at: its
// inode and its cookie.
func (s *Source) Namespace() source.Namespace {
	n := source.Namespace{Cookie: s.host.Cookie}
	n.Inode, _ = s.ns.inode()
	return n
}

// Chosen is by which name or path the source entered its namespace, "" for that
// of the process and for one that was chosen by PID.
func (s *Source) Chosen() string { return s.cfg.NetNS }
