package netnstest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/live/thread"
)

// NS is a network namespace with its loopback up. It lives as long as its test.
type NS struct {
	t    testing.TB
	work chan func()
	tid  int
	mu   sync.Mutex
	open map[int]struct{} // descriptors to close in the end
}

// New makes a namespace. Without the right to it the test is skipped, and
// fails where the environment says CI.
func New(t testing.TB) *NS {
	t.Helper()
	n := &NS{t: t, work: make(chan func()), open: make(map[int]struct{})}
	ready := make(chan error)
	thread.Go(func() { n.serve(ready) })
	if err := <-ready; err != nil {
		refuse(t, err)
	}
	t.Cleanup(n.close)
	if err := n.do(linkUp); err != nil {
		t.Fatalf("bring lo up: %v", err)
	}
	return n
}

func refuse(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "" && (errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES)) {
		t.Skipf("no network namespace: %v (run as root)", err)
	}
	t.Fatalf("no network namespace: %v (run as root)", err)
}

// serve runs what Do is given on one thread.
func (n *NS) serve(ready chan<- error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		ready <- os.NewSyscallError("unshare", err)
		return
	}
	n.tid = unix.Gettid()
	ready <- nil
	for fn := range n.work {
		fn()
	}
}

// close gives back the sockets, and with the thread the namespace.
func (n *NS) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for fd := range n.open {
		_ = unix.Close(fd)
	}
	clear(n.open)
	close(n.work)
}

// Do runs fn on a thread inside the namespace. Sockets made there stay in it.
// fn must not end the test.
func (n *NS) Do(fn func()) {
	done := make(chan struct{})
	n.work <- func() {
		defer close(done)
		fn()
	}
	<-done
}

func (n *NS) do(fn func() error) (err error) {
	n.Do(func() { err = fn() })
	return err
}

// Path names the namespace for other processes too.
func (n *NS) Path() string { return fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), n.tid) }

// ThreadID is a thread inside the namespace, which --pid takes for a process.
func (n *NS) ThreadID() int { return n.tid }

// Set writes a sysctl given in dots.
func (n *NS) Set(key, value string) {
	n.t.Helper()
	if err := n.TrySet(key, value); err != nil {
		n.t.Fatalf("set %s=%s: %v", key, value, err)
	}
}

// TrySet is Set for keys that a kernel may lack.
func (n *NS) TrySet(key, value string) error {
	return n.do(func() error { return os.WriteFile(sysctlPath(key), []byte(value), 0) })
}

// Get reads a sysctl.
func (n *NS) Get(key string) string {
	n.t.Helper()
	var b []byte
	if err := n.do(func() (err error) { b, err = os.ReadFile(sysctlPath(key)); return err }); err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func sysctlPath(key string) string {
	return filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/"))
}

// SetRange sets net.ipv4.ip_local_port_range.
func (n *NS) SetRange(low, high int) {
	n.t.Helper()
	n.Set("net.ipv4.ip_local_port_range", fmt.Sprintf("%d %d", low, high))
}

// forking keeps sockets from being closed while a command is started: until it
// has run exec, the child has them too, and the kernel keeps them.
var forking sync.RWMutex

// IP runs iproute2's ip with the words of args inside the namespace.
func (n *NS) IP(args string) {
	n.t.Helper()
	err := n.do(func() error {
		forking.Lock()
		defer forking.Unlock()
		out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	if err != nil {
		n.t.Fatalf("ip %s: %v", args, err)
	}
}

// Veth joins two namespaces by a veth pair: 10.77.0.1 and fd77::1 here,
// 10.77.0.2 and fd77::2 there, devices va and vb.
func (n *NS) Veth(peer *NS) {
	n.t.Helper()
	n.IP(fmt.Sprintf("link add va type veth peer name vb netns %d", peer.tid))
	n.IP("addr add 10.77.0.1/24 dev va")
	n.IP("addr add fd77::1/64 dev va nodad")
	n.IP("link set va up")
	peer.IP("addr add 10.77.0.2/24 dev vb")
	peer.IP("addr add fd77::2/64 dev vb nodad")
	peer.IP("link set vb up")
}

// linkUp sets IFF_UP on the loopback of the thread's namespace.
func linkUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}
