package procnet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

// recorded is what Linux 6.18 showed; see testdata/README.md.
var recorded = FS{Root: "testdata/linux-6.18"}

func ptr(n uint64) *uint64 { return &n }

// proc makes a procfs of files.
func proc(t testing.TB, files map[string]string) FS {
	t.Helper()
	f := FS{Root: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(f.Root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestRecordedSockStat(t *testing.T) {
	got, err := recorded.SockStat()
	want := &SockStat{Used: ptr(18), TCPInUse: ptr(12), TCP6InUse: ptr(5), TimeWait: ptr(4), Orphans: ptr(277)}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestRecordedCounters(t *testing.T) {
	got, err := recorded.Counters()
	want := source.Counters{
		ActiveOpens: ptr(12), PassiveOpens: ptr(10), AttemptFails: ptr(0), EstabResets: ptr(0),
		ListenOverflows: ptr(0), ListenDrops: ptr(0), TWRecycled: ptr(0), TimeWaitOverflow: ptr(0),
		ConntrackCount: ptr(0), ConntrackMax: ptr(262144),
		FilesOpen: ptr(973), FilesMax: ptr(2466170),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestRecordedHost(t *testing.T) {
	if got, want := recorded.BootID(), "521d0e06-5426-49d7-a5cc-dee9c08f6810"; got != want {
		t.Errorf("boot id %q, want %q", got, want)
	}
}

func TestRecordedPorts(t *testing.T) {
	const portRange, reserved = "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"
	values, err := recorded.Sysctls([]string{portRange, reserved})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParsePortRange(values[portRange])
	if want := (source.PortRange{Low: 32768, High: 60999}); r != want || err != nil {
		t.Errorf("got %v, %v", r, err)
	}
	set, err := ParsePorts(values[reserved])
	want := []source.PortRange{{Low: 40000, High: 40000}, {Low: 50000, High: 50010}, {Low: 60000, High: 60000}}
	if diff := cmp.Diff(want, set.Ranges()); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestRecordedProtocols(t *testing.T) {
	list, err := recorded.Protocols()
	if err != nil || len(list) < 10 {
		t.Fatalf("%d protocols, %v", len(list), err)
	}
	got := map[string]uint64{}
	for _, p := range list {
		if p.Sockets > 0 {
			got[p.Name] = p.Sockets
		}
	}
	if diff := cmp.Diff(map[string]uint64{"TCP": 12, "TCPv6": 5}, got); diff != "" {
		t.Error(diff)
	}
}

// TestRecordedUnhashed: one socket was bound and did not listen.
func TestRecordedUnhashed(t *testing.T) {
	if n, ok := recorded.Unhashed(); n != 1 || !ok {
		t.Errorf("got %d, %v", n, ok)
	}
}

// TestNothingThere holds that an empty procfs is all nil and no error.
func TestNothingThere(t *testing.T) {
	for name, f := range map[string]FS{"empty": {Root: t.TempDir()}, "absent": {Root: filepath.Join(t.TempDir(), "no")}} {
		stat, err := f.SockStat()
		if diff := cmp.Diff(&SockStat{}, stat); diff != "" || err != nil {
			t.Errorf("%s: sockstat: %v\n%s", name, err, diff)
		}
		c, err := f.Counters()
		if diff := cmp.Diff(source.Counters{}, c); diff != "" || err != nil {
			t.Errorf("%s: counters: %v\n%s", name, err, diff)
		}
		if list, err := f.Protocols(); list != nil || err != nil {
			t.Errorf("%s: protocols: %v, %v", name, list, err)
		}
		if _, ok := f.Unhashed(); ok {
			t.Errorf("%s: unhashed is known", name)
		}
		if m, err := f.Sysctls([]string{"net.ipv4.tcp_tw_reuse"}); len(m) != 0 || err != nil {
			t.Errorf("%s: sysctls: %v, %v", name, m, err)
		}
		if id := f.BootID(); id != "" {
			t.Errorf("%s: boot id %q", name, id)
		}
		_, err = f.TCP(func(*source.Entry) bool { return true })
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "is procfs mounted") {
			t.Errorf("%s: net/tcp: %v", name, err)
		}
		if probed := f.ProbeTCP(); probed == nil || probed.Error() != err.Error() {
			t.Errorf("%s: probed: %v, want %v", name, probed, err)
		}
	}
	if err := recorded.ProbeTCP(); err != nil {
		t.Error(err)
	}
}

// TestThreadOverProcess holds that the namespace of the thread is read, and
// net only where the kernel has no thread-self.
func TestThreadOverProcess(t *testing.T) {
	const one, two = "sockets: used 1\n", "sockets: used 2\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  *uint64
	}{
		"both":                   {map[string]string{"thread-self/net/sockstat": one, "net/sockstat": two}, ptr(1)},
		"an old kernel":          {map[string]string{"net/sockstat": two}, ptr(2)},
		"not in this namespace":  {map[string]string{"thread-self/net/other": "", "net/sockstat": two}, nil},
		"sockstat6 has no total": {map[string]string{"thread-self/net/sockstat6": "TCP6: inuse 3\n"}, nil},
	} {
		got, err := proc(t, c.files).SockStat()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got.Used); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// TestErrorsNameTheFile holds that what cannot be read is named with a way
// out, and that the rest stands.
func TestErrorsNameTheFile(t *testing.T) {
	f := proc(t, map[string]string{
		"thread-self/net/snmp":    "Tcp: ActiveOpens\nTcp: many\n",
		"thread-self/net/netstat": "TcpExt: TWRecycled\nTcpExt: 7\n",
		"sys/fs/file-nr":          "12\n",
	})
	c, err := f.Counters()
	if diff := cmp.Diff(source.Counters{TWRecycled: ptr(7), FilesOpen: ptr(12)}, c); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"net/snmp", `Tcp ActiveOpens is "many"`, "fs.file-nr", "too short"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	denied := wrap("/proc/net/tcp", &fs.PathError{Op: "open", Path: "/proc/thread-self/net/tcp", Err: fs.ErrPermission})
	if got := denied.Error(); !strings.HasPrefix(got, "read /proc/net/tcp: permission denied (run as root") {
		t.Errorf("got %q", got)
	}
	if !errors.Is(denied, fs.ErrPermission) || !errors.Is(wrap("x", denied), fs.ErrPermission) {
		t.Error("the cause is lost")
	}
}
