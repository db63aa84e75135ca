package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

const (
	maxNamespaces = 4096
	// maxThreads bounds the threads of a process that are asked where they
	// are, and maxAllThreads those of all processes: 2 µs each.
	maxThreads, maxAllThreads = 256, 10_000
	maxSampled                = 8 // processes of a namespace that are looked at closer,
	maxExamples               = 4 // and those of them that are told
	maxNamed                  = 10_000
	maxPath                   = 200 // characters of a path in a text
)

// found are the namespaces of the host at one moment.
type found struct {
	list []source.Namespace
	gaps []string
	cpu  time.Duration
}

// finder finds them. It is used once, on the visitor's thread.
type finder struct {
	visitor *visitor
	proc    procnet.FS
	named   []string // as namedNetNS
	own     uint64
	threads int // asked so far
	away    int // processes that are elsewhere, and do not say where
	seen    map[uint64]*candidate
	more    int // namespaces beyond maxNamespaces
}

// candidate is a namespace before it was entered.
type candidate struct {
	source.Namespace
	members []nsMember // some
}

// nsMember is a process, with the path of the namespace that it, or one of its
// threads, is in.
type nsMember struct {
	pid  int
	path string
}

// findAll runs a finder.
func findAll(ctx context.Context, v *visitor, cfg *Config) (*found, error) {
	result := make(chan *found, 1)
	var failed error
	err := v.do(ctx, findLimit, func(ctx context.Context) {
		before := threadCPU()
		f := &finder{
			visitor: v, proc: procnet.FS{Root: cfg.procRoot()},
			named: namedNetNS, seen: make(map[uint64]*candidate),
		}
		all, err := f.find(ctx)
		if err != nil {
			failed = err
			return
		}
		all.cpu = threadCPU() - before
		result <- all
	})
	if err != nil {
		return nil, fmt.Errorf("find the network namespaces: %w", err)
	}
	select {
	case all := <-result:
		return all, nil
	default:
		return nil, fmt.Errorf("find the network namespaces: %w", failed)
	}
}

func (f *finder) find(ctx context.Context) (*found, error) {
	var err error
	if f.own, err = f.proc.OwnNetNS(); err != nil {
		return nil, err
	}
	own := f.add(f.own)
	own.Own, own.Paths = true, []string{filepath.Join(f.proc.Root, "self/ns/net")}
	if err := f.fromProcesses(ctx); err != nil {
		return nil, err
	}
	f.fromMounts()
	f.fromNames()
	all := &found{gaps: f.gaps()}
	for _, c := range f.seen {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.visit(c) {
			all.list = append(all.list, c.Namespace)
		}
	}
	slices.SortFunc(all.list, ownFirst)
	return all, nil
}

func ownFirst(a, b source.Namespace) int {
	switch {
	case a.Own != b.Own && a.Own, a.Own == b.Own && a.Inode < b.Inode:
		return -1
	}
	return 1
}

// add returns the candidate with that inode, nil if there are too many.
func (f *finder) add(inode uint64) *candidate {
	c := f.seen[inode]
	if c == nil {
		if len(f.seen) >= maxNamespaces {
			f.more++
			return nil
		}
		c = &candidate{Namespace: source.Namespace{Inode: inode}}
		f.seen[inode] = c
	}
	return c
}

// fromProcesses asks all processes, and threads, where they are.
func (f *finder) fromProcesses(ctx context.Context) error {
	list, err := f.proc.Processes()
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }()
	const part = 256
	for ctx.Err() == nil {
		pids, err := list.Next(part)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, pid := range pids {
			f.fromProcess(pid)
		}
	}
	return ctx.Err()
}

func (f *finder) fromProcess(pid int) {
	inode, err := f.proc.NetNS(pid)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			// A zombie has no namespace, and of that it is not known.
			if shares, known := f.proc.SharesNetNS(pid); known && !shares {
				f.away++
			}
		}
		return
	}
	f.join(inode, pid, f.path(pid, "ns/net"))
	if pid == os.Getpid() || f.threads >= maxAllThreads {
		return // this process's own threads are where it looks
	}
	told := []uint64{inode}
	for _, tid := range f.proc.Threads(pid, min(maxThreads, maxAllThreads-f.threads)) {
		f.threads++
		if its, err := f.proc.NetNS(tid); err == nil && !slices.Contains(told, its) {
			told = append(told, its)
			f.join(its, pid, f.path(pid, fmt.Sprintf("task/%d/ns/net", tid)))
		}
	}
}

func (f *finder) path(pid int, name string) string {
	return filepath.Join(f.proc.Root, strconv.Itoa(pid), name)
}

func (f *finder) join(inode uint64, pid int, path string) {
	c := f.add(inode)
	if c == nil {
		return
	}
	c.Members++
	if len(c.members) < maxSampled {
		c.members = append(c.members, nsMember{pid, path})
	}
}

// fromMounts takes what is bound to files, here and where process 1 is: a
// container that sees the host's processes sees those, too.
func (f *finder) fromMounts() {
	for _, pid := range [...]string{"self", "1"} {
		mounts, err := f.proc.NetMounts(pid)
		if err != nil {
			continue
		}
		for _, m := range mounts {
			c, path := f.add(m.Inode), source.Clean(m.Path, maxPath)
			if c == nil || slices.Contains(c.Mounts, path) {
				continue
			}
			c.Mounts = append(c.Mounts, path)
			way := m.Path
			if pid != "self" {
				way = filepath.Join(f.proc.Root, pid, "root", m.Path)
			}
			c.Paths = append(c.Paths, way)
			if slices.Contains(f.named, filepath.Dir(m.Path)) {
				c.name(filepath.Base(m.Path))
			}
		}
	}
}

// fromNames takes the names that are links: `ln -s /proc/PID/ns/net /run/netns/x`.
func (f *finder) fromNames() {
	for _, dir := range f.named {
		file, err := os.Open(dir)
		if err != nil {
			continue
		}
		entries, _ := file.ReadDir(maxNamed)
		_ = file.Close()
		for _, e := range entries {
			if e.Type() == fs.ModeSymlink {
				f.fromLink(filepath.Join(dir, e.Name()))
			}
		}
	}
}

func (f *finder) fromLink(path string) {
	if f.visitor.isHung(path) {
		return
	}
	f.visitor.at.Store(&path)
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil || uint64(s.Dev) != f.visitor.nsfs {
		return
	}
	// Only one that is known: all namespaces' files are on one device, of
	// whatever kind they are.
	if c := f.seen[s.Ino]; c != nil {
		c.name(filepath.Base(path))
		c.Paths = append(c.Paths, path)
	}
}

func (c *candidate) name(name string) {
	name = source.Clean(name, maxPath)
	if name != "" && !slices.Contains(c.Names, name) {
		c.Names = append(c.Names, name)
	}
}

// gaps says what could not be seen.
func (f *finder) gaps() (gaps []string) {
	why := "permission denied"
	if os.Geteuid() != 0 {
		why = "not root"
	}
	if f.away > 0 {
		gaps = append(gaps, fmt.Sprintf("%s: the network namespaces of %d processes are not shown", why, f.away))
	}
	if os.Geteuid() != 0 {
		if _, err := os.Stat(filepath.Join(f.proc.Root, "1")); errors.Is(err, fs.ErrNotExist) {
			gaps = append(gaps, "not root: other users' processes are hidden, and so are their network namespaces")
		}
	}
	if f.more > 0 {
		gaps = append(gaps, fmt.Sprintf("there are more than %d network namespaces: the rest is not shown", maxNamespaces))
	}
	return gaps
}

// visit goes there, and reports whether it is there: while its file is open its
// inode is not used again, and what is asked of its processes is asked then.
func (f *finder) visit(c *candidate) bool {
	for _, m := range c.members {
		c.Paths = append(c.Paths, m.path)
	}
	var file *os.File
	err := error(unix.ENOENT)
	for _, path := range c.Paths {
		if file, err = f.visitor.open(path, c.Inode); err == nil {
			break
		}
	}
	if file == nil {
		c.Refused = refusal(err, false)
		return !errors.Is(err, fs.ErrNotExist)
	}
	defer func() { _ = file.Close() }()
	c.Foreign = f.visitor.foreign(file)
	look := func() {
		c.Cookie = cookieHere()
		// tcp_mem is host-wide, and not there in any other namespace.
		_, memErr := os.Stat(filepath.Join(f.proc.Root, "sys/net/ipv4/tcp_mem"))
		c.First = memErr == nil
	}
	if c.Own { // the thread is there, and to enter it takes root
		look()
	} else {
		err = f.visitor.within(file, look)
	}
	c.Refused = refusal(err, c.Foreign)
	f.describe(c)
	return true
}

// refusal says why a namespace cannot be entered.
func refusal(err error, foreign bool) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0:
		return "not root"
	case errors.Is(err, fs.ErrPermission) && foreign:
		return "it belongs to another user namespace"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied (CAP_SYS_ADMIN is missing)"
	}
	return source.Clean(err.Error(), maxPath)
}

// describe names some of its processes, and its container.
func (f *finder) describe(c *candidate) {
	for _, m := range c.members {
		link, err := os.Readlink(m.path)
		inode, ok := procnet.NetInode(link)
		if err != nil || !ok || inode != c.Inode {
			continue // it has ended, or gone elsewhere
		}
		if c.Container.ID == "" {
			if _, place, err := f.proc.Cgroup(m.pid); err == nil {
				c.Container = place.Container
			}
		}
		name, err := f.proc.Comm(m.pid)
		known := func(p source.Process) bool { return p.Name == name }
		if err != nil || len(c.Processes) == maxExamples || slices.ContainsFunc(c.Processes, known) {
			continue
		}
		c.Processes = append(c.Processes, source.Process{PID: m.pid, Name: name})
	}
}
