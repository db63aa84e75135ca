package live_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestNamespaces opens one namespace by its path, by a process in it and by
// its name, and looks for its socket and its sysctl.
func TestNamespaces(t *testing.T) {
	ns := netnstest.New(t)
	ns.Listen("127.0.0.1:4001")
	ns.SetRange(23456, 34567)
	name := fmt.Sprintf("twtop-test-%d", os.Getpid())
	if out, err := exec.Command("ip", "netns", "attach", name, fmt.Sprint(ns.ThreadID())).CombinedOutput(); err != nil {
		t.Fatalf("ip netns attach: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })

	var cookies []uint64
	for how, cfg := range map[string]live.Config{
		"path":      {NetNS: ns.Path()},
		"pid":       {PID: ns.ThreadID()},
		"name":      {NetNS: name},
		"name path": {NetNS: filepath.Join("/run/netns", name)},
	} {
		before := threadNamespaces(t)
		src := open(t, cfg)
		s, err := src.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Listeners) != 1 || s.Listeners[0].Port != 4001 {
			t.Errorf("by %s: listeners %+v, want the one on port 4001", how, s.Listeners)
		}
		if want := (source.PortRange{Low: 23456, High: 34567}); s.Range != want || !s.RangeKnown {
			t.Errorf("by %s: range %v (known %v), want %v", how, s.Range, s.RangeKnown, want)
		}
		checkHost(t, &s.Host, cfg.NetNS == name, name)
		cookies = append(cookies, s.Host.Cookie)
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		eventually(t, func() (bool, string) {
			after := threadNamespaces(t) // threads of other tests may still be ending
			strange := slices.DeleteFunc(slices.Clone(after), func(ns string) bool { return slices.Contains(before, ns) })
			return len(strange) == 0, fmt.Sprintf("threads are in %v, before in %v", after, before)
		})
	}
	if cookies[0] == 0 || len(slices.Compact(cookies)) != 1 {
		t.Errorf("cookies %v, want the same one", cookies)
	}
}

func checkHost(t *testing.T, h *source.Host, byName bool, name string) {
	t.Helper()
	if byName && h.NetNS != name || !byName && !strings.HasPrefix(h.NetNS, "net:[") {
		t.Errorf("namespace is called %q", h.NetNS)
	}
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		t.Fatal(err)
	}
	if h.Name == "" || h.Kernel == "" || len(h.BootID) != 36 {
		t.Errorf("host %+v, want all of it", h)
	}
}

// threadNamespaces are the network namespaces that this process's threads are
// in, each once.
func threadNamespaces(t *testing.T) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/self/task/*/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, l := range links {
		if target, err := os.Readlink(l); err == nil { // the thread may have ended
			all = append(all, target)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestOpenRefuses(t *testing.T) {
	netnstest.New(t) // without the right to namespaces, nothing is refused as it should be
	const noProcess = 1 << 30
	for what, c := range map[string]struct {
		cfg  live.Config
		says string
		is   error
	}{
		"no such name":    {live.Config{NetNS: "twtop-no-such"}, "no network namespace is named", os.ErrNotExist},
		"no such path":    {live.Config{NetNS: "/nowhere/at/all"}, "/nowhere/at/all", os.ErrNotExist},
		"not a namespace": {live.Config{NetNS: "/etc/passwd"}, "no network namespace", syscall.EINVAL},
		"no name":         {live.Config{NetNS: ".."}, "no name", nil},
		"no such process": {live.Config{PID: noProcess}, "no such process", os.ErrNotExist},
		"negative":        {live.Config{PID: -1}, "positive", nil},
		"both":            {live.Config{PID: 1, NetNS: "a"}, "not both", nil},
		"family":          {live.Config{Family: 5}, "choose 4 or 6", nil},
	} {
		src, err := live.Open(c.cfg)
		if err == nil {
			_ = src.Close()
			t.Errorf("%s: opened", what)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %q and %v", what, err, c.says, c.is)
		}
	}
}

func TestReadAfterClose(t *testing.T) {
	src, err := live.Open(live.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := src.Read(t.Context()); !errors.Is(err, source.ErrFinal) {
		t.Errorf("reading a closed source: error %v, want ErrFinal", err)
	}
}

// unprivileged makes a run of this test binary the unprivileged process.
const unprivileged = "TWTOP_TEST_UNPRIVILEGED"

const nobody = 65534

// TestUnprivileged runs itself as nobody inside a namespace: all sockets are
// seen, and one gap says what is not.
func TestUnprivileged(t *testing.T) {
	if os.Getenv(unprivileged) != "" {
		lookAsNobody(t)
		return
	}
	runAsNobody(t)
}

// TestCapabilities does the same with the two capabilities that the recorder's
// service has: who holds the sockets is known.
func TestCapabilities(t *testing.T) {
	if os.Getenv(unprivileged) != "" {
		lookWithCapabilities(t)
		return
	}
	runAsNobody(t, unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH)
}

func runAsNobody(t *testing.T, capabilities ...uintptr) {
	t.Helper()
	ns := netnstest.New(t)
	l := ns.Listen("127.0.0.1:4001")
	ns.TimeWaits(7, l, "127.0.0.1:4001")
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = []string{unprivileged + "=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}, AmbientCaps: capabilities}
	var out []byte
	var err error
	ns.Do(func() { out, err = cmd.CombinedOutput() })
	if err != nil || !strings.Contains(string(out), "looked as nobody") {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

func lookWithCapabilities(t *testing.T) {
	s, err := open(t, live.Config{Owners: true, OwnersWait: 10 * time.Second}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(s.Gaps, func(g string) bool { return strings.HasPrefix(g, "not root") }) {
		t.Errorf("gaps %q", s.Gaps)
	}
	if len(s.Listeners) != 1 || s.Owners == nil || s.Owners.Holder(s.Listeners[0].Detail.Inode) == nil {
		t.Errorf("nobody holds the listener: %+v, %+v", s.Listeners, s.Owners)
	}
	t.Log("looked as nobody")
}

func lookAsNobody(t *testing.T) {
	s, err := open(t, live.Config{}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.States[source.StateTimeWait] != 7 || s.States[source.StateListen] != 1 || s.Kind != source.KindLive {
		t.Errorf("states %v from %s, want 7 TIME_WAIT and a listener, live", s.States, s.Kind)
	}
	if len(s.Gaps) != 1 || !strings.Contains(s.Gaps[0], "not root") {
		t.Errorf("gaps %q, want one about owners", s.Gaps)
	}
	t.Log("looked as nobody")
}
