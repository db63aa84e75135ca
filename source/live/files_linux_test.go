package live_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// fillsUp tells a copy of the test program to open files up to its limit.
const fillsUp = "TWTOP_TEST_FILLS_UP"

const fillLimit, fillFiles = 64, 62

// TestFilesNearLimit finds a process with 62 of 64 files open, in its own
// namespace and in no other, in the first look, and until it ends.
func TestFilesNearLimit(t *testing.T) {
	if os.Getenv(fillsUp) != "" {
		fillUp(t)
		return
	}
	ns, other := netnstest.New(t), netnstest.New(t)
	cmd, in := startFiller(t, ns)
	src := open(t, live.Config{NetNS: ns.Path()})
	p := findProcess(readProcesses(t, src), cmd.Process.Pid)
	if p == nil {
		t.Fatalf("process %d was not found", cmd.Process.Pid)
	}
	if *p.Files != fillFiles || *p.FilesMax != fillLimit || *p.FilesHard != fillLimit || p.Name == "" ||
		p.UID != uint32(os.Geteuid()) || p.UID == 0 && p.User != "root" || time.Since(p.Born) > time.Minute {
		t.Errorf("got %+v: %d of %d", p, *p.Files, *p.FilesMax)
	}
	if p := findProcess(readProcesses(t, open(t, live.Config{NetNS: other.Path()})), cmd.Process.Pid); p != nil {
		t.Errorf("found in another namespace: %+v", p)
	}
	_ = in.Close()
	_ = cmd.Wait()
	if p := findProcess(readProcesses(t, src), cmd.Process.Pid); p != nil {
		t.Errorf("found after its end: %+v", p)
	}
}

// fillUp opens files, says so, and waits for standard input to end.
func fillUp(t *testing.T) {
	t.Helper()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: fillLimit, Max: fillLimit}); err != nil {
		t.Fatal(err)
	}
	for {
		fd, err := unix.Dup(0)
		if err != nil {
			t.Fatal(err)
		}
		var s unix.Stat_t
		if err := unix.Stat("/proc/self/fd", &s); err != nil {
			t.Fatal(err)
		}
		if s.Size == fillFiles || s.Size == 0 && fd == fillFiles-1 {
			break
		}
	}
	fmt.Println("full")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// startFiller starts such a process in the namespace.
func startFiller(t *testing.T, ns *netnstest.NS) (*exec.Cmd, *os.File) {
	t.Helper()
	theirs, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestFilesNearLimit$")
	cmd.Env = append(os.Environ(), fillsUp+"=1")
	cmd.Stdin = theirs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	ns.Do(func() { err = cmd.Start() })
	if err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "full\n" {
		t.Fatalf("it said %q: %v", line, err)
	}
	return cmd, in
}

func readProcesses(t *testing.T, src *live.Source) []source.Process {
	t.Helper()
	s, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Processes == nil {
		t.Error("nobody looked at processes")
	}
	return s.Processes
}

func findProcess(list []source.Process, pid int) *source.Process {
	for i := range list {
		if list[i].PID == pid {
			return &list[i]
		}
	}
	return nil
}
