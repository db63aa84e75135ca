package live_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/procnet"
)

// netns runs `ip netns`.
func netns(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", append([]string{"netns"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("ip netns %q: %v: %s", args, err, out)
	}
}

// nameFor is a name of `ip netns` that no other test has.
func nameFor(what string) string { return fmt.Sprintf("twns-%d-%s", os.Getpid(), what) }

// named makes a namespace that nothing but its name keeps.
func named(t testing.TB, what string) (name string) {
	t.Helper()
	name = nameFor(what)
	netns(t, "add", name)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	return name
}

// inside starts a program that says "ready", in namespaces of its own, and ends
// it with the test.
func inside(t testing.TB, flags uintptr, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
	if flags&unix.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
	}
	return started(t, cmd)
}

func started(t testing.TB, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // whose end is that of the program, too (PR_SET_PDEATHSIG)
	if err := cmd.Start(); err != nil {
		t.Skipf("no namespace: %v (run as root)", err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("it said %q: %v", line, err)
	}
	return cmd
}

// waits is a shell that is ready and waits for its end.
const waits = "echo ready; read x"

func find1(t testing.TB, list []source.Namespace, what string, ok func(*source.Namespace) bool) *source.Namespace {
	t.Helper()
	i := slices.IndexFunc(list, func(n source.Namespace) bool { return ok(&n) })
	if i < 0 {
		t.Fatalf("%s was not found among %d", what, len(list))
	}
	return &list[i]
}

func findAll(t testing.TB) []source.Namespace {
	t.Helper()
	list, _, err := live.Namespaces(t.Context(), live.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func inodeOf(t testing.TB, pid int) uint64 {
	t.Helper()
	inode, err := procnet.FS{Root: "/proc"}.NetNS(pid)
	if err != nil {
		t.Fatal(err)
	}
	return inode
}

// TestNamespacesFound: by a name alone, by a process alone, inside another user
// namespace, by a link, by one thread; each once, and none that is not there.
func TestNamespacesFound(t *testing.T) {
	netnstest.New(t) // skips where this may not be
	bound := named(t, "bound")
	process := inside(t, unix.CLONE_NEWNET, "sh", "-c", waits)
	user := inside(t, unix.CLONE_NEWUSER|unix.CLONE_NEWNET, "sh", "-c", waits)
	threaded := exec.Command("/proc/self/exe", "-test.run=^TestThreadElsewhere$")
	threaded.Env = append(os.Environ(), threadElsewhere+"=1")
	started(t, threaded)
	link := "/run/netns/" + nameFor("link")
	if err := os.Symlink(fmt.Sprintf("/proc/%d/ns/net", process.Process.Pid), link); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(link) })

	list := findAll(t)
	for i, n := range list {
		if slices.ContainsFunc(list[:i], func(o source.Namespace) bool { return o.Same(&n) }) {
			t.Errorf("%v is there twice", &n)
		}
	}
	own := find1(t, list, "this process's own", func(n *source.Namespace) bool { return n.Own })
	if own.Inode != inodeOf(t, os.Getpid()) || own.Members == 0 || own.Refused != "" || &list[0] != own {
		t.Errorf("own: %+v", own)
	}
	b := find1(t, list, bound, func(n *source.Namespace) bool { return slices.Contains(n.Names, bound) })
	if b.Members != 0 || b.Refused != "" || b.Foreign || b.First || b.String() != bound || !slices.Contains(b.Mounts, "/run/netns/"+bound) {
		t.Errorf("held by its name: %+v", b)
	}
	p := find1(t, list, "that of a process", holds(process))
	if p.Inode != inodeOf(t, process.Process.Pid) || p.Members != 1 || p.Processes[0].Name != "sh" || !slices.Equal(p.Names, []string{filepath.Base(link)}) {
		t.Errorf("held by a process: %+v", p)
	}
	u := find1(t, list, "that in a user namespace", holds(user))
	if !u.Foreign || p.Foreign || u.Refused != "" || u.String() != fmt.Sprintf("sh (%d)", user.Process.Pid) {
		t.Errorf("in a user namespace: %+v", u)
	}
	if th := find1(t, list, "that of a thread", holds(threaded)); th.Inode == inodeOf(t, threaded.Process.Pid) || th.Members != 1 {
		t.Errorf("held by a thread: %+v", th)
	}
	for _, n := range []*source.Namespace{b, p, u, own} {
		src, err := live.OpenNamespace(n, live.Config{})
		if err != nil {
			t.Errorf("open %v: %v", n, err)
			continue
		}
		if c := src.Host().Cookie; c != n.Cookie {
			t.Errorf("%v is cookie %d, opened %d", n, n.Cookie, c)
		}
		_ = src.Close()
	}
}

// holds tells the namespace that a process, or one of its threads, is in, and
// where it is not that of this process.
func holds(cmd *exec.Cmd) func(*source.Namespace) bool {
	return func(n *source.Namespace) bool {
		return !n.Own && slices.ContainsFunc(n.Processes, func(p source.Process) bool { return p.PID == cmd.Process.Pid })
	}
}

// threadElsewhere tells a copy of the test program to send a thread away.
const threadElsewhere = "TWTOP_TEST_THREAD_ELSEWHERE"

// TestThreadElsewhere is that copy.
func TestThreadElsewhere(*testing.T) {
	if os.Getenv(threadElsewhere) == "" {
		return
	}
	ready := make(chan error)
	var leave func()
	leave = func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() { // the first thread stays
			go leave()
		} else {
			ready <- unix.Unshare(unix.CLONE_NEWNET)
		}
		select {}
	}
	go leave()
	if err := <-ready; err == nil {
		fmt.Println("ready")
	}
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// TestHostileNames: a process calls itself what it likes.
func TestHostileNames(t *testing.T) {
	netnstest.New(t)
	for _, comm := range []string{`\033[31mx\nY`, `\033]0;a\007`, `\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200`, `\377\376`, `a) S 1 (b`} {
		cmd := inside(t, unix.CLONE_NEWNET, "sh", "-c", "printf '"+comm+"' > /proc/self/comm; "+waits)
		n := find1(t, findAll(t), comm, func(n *source.Namespace) bool { return n.Inode == inodeOf(t, cmd.Process.Pid) })
		if s := n.String() + n.Processes[0].Name; s != source.Clean(s, 1000) {
			t.Errorf("%s became %q", comm, s)
		}
	}
}

// TestHostilePath: so does who names a namespace.
func TestHostilePath(t *testing.T) {
	netnstest.New(t)
	name := named(t, "a\x1b[2Jb\nc \\d")
	n := find1(t, findAll(t), name, func(n *source.Namespace) bool { return slices.Contains(n.Paths, "/run/netns/"+name) })
	for _, s := range append(append([]string{n.String()}, n.Names...), n.Mounts...) {
		if s == "" || s != source.Clean(s, 1000) {
			t.Errorf("it is shown as %q", s)
		}
	}
	src, err := live.OpenNamespace(n, live.Config{})
	if err != nil {
		t.Fatal(err)
	}
	_ = src.Close()
}

// TestOpenWhatIsGone: neither a name that was given to another namespace since
// nor one that was taken away leads anywhere.
func TestOpenWhatIsGone(t *testing.T) {
	netnstest.New(t)
	name := named(t, "gone")
	byName := func(n *source.Namespace) bool { return slices.Contains(n.Names, name) }
	old := find1(t, findAll(t), name, byName)
	for _, what := range []string{"taken away", "given to another"} {
		if what == "taken away" {
			netns(t, "del", name)
		} else {
			netns(t, "add", name)
			if now := find1(t, findAll(t), name, byName); now.Same(old) {
				t.Errorf("inode %d, cookie %d: the same as before", now.Inode, now.Cookie)
			}
		}
		src, err := live.OpenNamespace(old, live.Config{})
		if !errors.Is(err, live.ErrGone) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", what, err)
		}
		if err == nil {
			_ = src.Close()
		}
	}
}
