package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// startRecord starts `twtop record` of ns to a file of the test's.
func startRecord(t *testing.T, ns *netnstest.NS, flags ...string) (s *started, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "r.twtop")
	argv := append([]string{"record", "-o", file, "-i", "100ms", "--netns", ns.Path()}, flags...)
	s = &started{t: t, cmd: exec.Command(program(t), argv...)}
	s.cmd.Stderr = &s.err
	s.begun = time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s, file
}

// replayed assesses all frames of a capture; used is what the worst destination
// holds in each.
func replayed(t *testing.T, file string) (header capture.Header, used []int, note string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := capture.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var assessor diagnosis.Assessor
	for i := range c.Len() {
		s, err := c.Frame(i)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if r := assessor.Assess(s); len(r.Destinations) > 0 {
			n = r.Destinations[0].Ports.Used
		}
		used = append(used, n)
	}
	return c.Header(), used, c.Note()
}

// frames waits until a recording has so many frames. How fast they come depends
// on what a look costs on the machine.
func frames(t *testing.T, file string, n int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if f, err := os.Open(file); err == nil {
			c, err := capture.Open(f)
			_ = f.Close()
			if err == nil && c.Len() >= n {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has no %d frames after %v", file, n, patience)
		}
	}
}

// frameCount is how many a recording has by now.
func frameCount(t *testing.T, file string) int {
	t.Helper()
	_, used, _ := replayed(t, file)
	return len(used)
}

// grow connects 60 times, 20 ms apart: 60 of 100 ports.
func grow(ns *netnstest.NS, l *netnstest.Sock) {
	for range 60 {
		ns.Connect(l, "127.0.0.1:4001")
		time.Sleep(20 * time.Millisecond)
	}
}

// TestRecord holds what is replayed against what was done meanwhile.
func TestRecord(t *testing.T) {
	ns, l, _ := held(t, 10)
	s, file := startRecord(t, ns)
	frames(t, file, 3)
	grow(ns, l)
	frames(t, file, frameCount(t, file)+3)
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	if said, _ := s.ends(exitDone); said != "" {
		t.Errorf("it said %q", said)
	}
	header, used, note := replayed(t, file)
	if n := len(used); n < 6 || used[0] != 10 || used[2] != 10 || used[n-2] != 70 || used[n-1] != 70 || note != "" {
		t.Errorf("in use: %v; note %q", used, note)
	}
	for i := 1; i < len(used); i++ {
		if used[i] < used[i-1] {
			t.Errorf("in use, frame by frame: %v", used)
			break
		}
	}
	if header.Interval != capture.Duration(100*time.Millisecond) || !strings.HasPrefix(header.Tool, "twtop ") || header.Kernel == "" || header.Began.IsZero() {
		t.Errorf("header %+v", header)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestRecordKilled: all whole frames are there after kill -9.
func TestRecordKilled(t *testing.T) {
	ns, _, _ := held(t, 10)
	s, file := startRecord(t, ns)
	frames(t, file, 8)
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	if _, used, _ := replayed(t, file); len(used) < 8 || used[len(used)-1] != 10 {
		t.Errorf("in use: %v", used)
	}
}

// TestRecordEndsBeforeItIsTooLarge ends with a whole frame.
func TestRecordEndsBeforeItIsTooLarge(t *testing.T) {
	t.Parallel()
	ns, _, _ := held(t, 10)
	s, file := startRecord(t, ns, "--max-size", "3kB")
	said, _ := s.ends(exitDone)
	info, err := os.Stat(file)
	if err != nil || info.Size() > 3000 || info.Size() < 2000 || said != "" {
		t.Errorf("%v, %v, saying %q", info.Size(), err, said)
	}
	if _, used, note := replayed(t, file); len(used) < 3 || note != "" {
		t.Errorf("in use: %v; note %q", used, note)
	}
}

// TestRecordOn waits for a condition, and has what was before it.
func TestRecordOn(t *testing.T) {
	for _, on := range []string{"pressure>50", "free<50"} {
		t.Run(on, func(t *testing.T) {
			ns, l, _ := held(t, 10)
			s, file := startRecord(t, ns, "--on", on, "--for", "700ms")
			time.Sleep(500 * time.Millisecond)
			if info, err := os.Stat(file); err != nil || info.Size() > 0 {
				t.Errorf("before the condition: %v, %v", info, err)
			}
			grow(ns, l)
			s.ends(exitDone)
			_, used, _ := replayed(t, file)
			before := 0 // frames before the condition held
			for before < len(used) && used[before] <= 50 {
				before++
			}
			if n := len(used); before < 2 || n-before < 2 || used[0] != 10 || used[n-1] <= 60 {
				t.Errorf("in use: %v", used)
			}
		})
	}
}

// TestRecordToADirectory: each recording gets a name of its own there, and there
// is no file before there is something to write.
func TestRecordToADirectory(t *testing.T) {
	ns, _, _ := held(t, 10)
	dir := t.TempDir()
	record := func(flags ...string) *started {
		s := &started{t: t, cmd: exec.Command(program(t), append([]string{"record", "-o", dir, "-i", "100ms", "--netns", ns.Path()}, flags...)...)}
		s.cmd.Stderr = &s.err
		s.begun = time.Now()
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	const name = "twtop-[0-9]*T[0-9]*Z*.twtop"
	first, second := record("--for", "1s", "--on", "pressure>5"), record("--for", "1s")
	for _, s := range []*started{first, second} {
		if said, _ := s.ends(exitDone); !strings.HasPrefix(said, "twtop: recorded ") || !strings.Contains(said, dir) {
			t.Errorf("it said %q", said)
		}
	}
	waits := record("--on", "pressure>50")
	time.Sleep(500 * time.Millisecond)
	_ = waits.cmd.Process.Signal(syscall.SIGTERM)
	waits.ends(exitDone)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if ok, _ := filepath.Match(name, f.Name()); !ok {
			t.Errorf("a file is named %s", f.Name())
		}
		path := filepath.Join(dir, f.Name())
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if _, used, note := replayed(t, path); len(used) == 0 || used[0] != 10 || note != "" {
			t.Errorf("in use: %v; note %q", used, note)
		}
	}
	gone := filepath.Join(dir, "gone")
	out, err := exec.Command(program(t), "record", "-o", gone+"/", "--netns", ns.Path()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "gone") {
		t.Errorf("to a directory that is not there: %v, %s", err, out)
	}
}

// TestRecordToAHostileDirectory: its name does nothing to a terminal.
func TestRecordToAHostileDirectory(t *testing.T) {
	ns, _, _ := held(t, 1)
	dir := filepath.Join(t.TempDir(), "a\x1b[2Jb")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program(t), "record", "-o", dir, "-i", "100ms", "--for", "200ms", "--netns", ns.Path()).CombinedOutput()
	if said := string(out); err != nil || !strings.Contains(said, "twtop: recorded ") || strings.Contains(said, "\x1b") {
		t.Errorf("%v, %q", err, said)
	}
}

// TestRecordDirNames: in one second too.
func TestRecordDirNames(t *testing.T) {
	dir, now := recordDir(t.TempDir()), time.Date(2026, 11, 21, 4, 4, 5, 0, time.FixedZone("", 3600))
	for _, want := range []string{"twtop-20261121T030405Z.twtop", "twtop-20261121T030405Z-2.twtop", "twtop-20261121T030405Z-3.twtop"} {
		f, err := dir.create(now)
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Base(f.Name()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		_ = f.Close()
	}
}

// TestRecordAnonymized: the figures are those of the host, the addresses and
// names are not.
func TestRecordAnonymized(t *testing.T) {
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.IP("addr add 10.77.31.5/32 dev lo")
	l := ns.Listen("10.77.31.5:4001")
	for range 40 {
		ns.Connect(l, "10.77.31.5:4001")
	}
	for _, flags := range [][]string{{"--for", "2s"}, {"--for", "2s", "--on", "pressure>30"}} {
		s, file := startRecord(t, ns, append(flags, "--anonymize")...)
		s.ends(exitDone)
		header, used, _ := replayed(t, file)
		if len(used) < 2 || used[len(used)-1] != 40 || !header.Anonymized || header.Host != "" || header.NetNS != "" {
			t.Errorf("header %+v, in use %v", header, used)
		}
		out, err := exec.Command(program(t), "snapshot", "--json", "--from", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		host, _ := os.Hostname()
		for _, secret := range []string{"10.77.31.5", strconv.Quote(host), "twtop.test", ns.Path()} {
			if strings.Contains(string(out), secret) {
				t.Errorf("%q is in it", secret)
			}
		}
		if !strings.Contains(string(out), ":4001") {
			t.Errorf("no port 4001 in it: %s", out)
		}
	}
}

// TestRecordOnAFullDisk ends with the last whole frame, and says so.
func TestRecordOnAFullDisk(t *testing.T) {
	t.Parallel()
	ns, l, _ := held(t, 10)
	dir := t.TempDir()
	script := fmt.Sprintf(`mount -t tmpfs -o size=4k none %[1]s && cd %[1]s || exit 77
%[2]s record -o r.twtop -i 100ms --netns %[3]s; code=$?
cp r.twtop %[1]s.copy; exit $code`, dir, program(t), ns.Path())
	cmd := exec.Command("unshare", "-m", "sh", "-c", script)
	stop := make(chan struct{})
	go func() { // something to write
		defer close(stop)
		for range 90 {
			ns.Connect(l, "127.0.0.1:4001").TimeWait()
			time.Sleep(50 * time.Millisecond)
		}
	}()
	out, err := cmd.CombinedOutput()
	<-stop
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, out)
	}
	if exit.ExitCode() == 77 || strings.Contains(string(out), "unshare failed") {
		t.Skipf("no file system to fill: %s", out)
	}
	if exit.ExitCode() != exitFailed || !strings.HasPrefix(string(out), "twtop: write r.twtop: no space left on device; what is in r.twtop, ") {
		t.Errorf("exit code %d: %s", exit.ExitCode(), out)
	}
	_, used, note := replayed(t, dir+".copy")
	_ = os.Remove(dir + ".copy")
	if len(used) < 2 || note != "" {
		t.Errorf("in use: %v; note %q", used, note)
	}
}

// TestRecordOnATerminal shows how far it is, and refuses to write there.
func TestRecordOnATerminal(t *testing.T) {
	ns, _, _ := held(t, 10)
	file := filepath.Join(t.TempDir(), "r.twtop")
	x := open(t, 100, 10, true, nil, program(t), "record", "-o", file, "-i", "100ms", "--netns", ns.Path())
	x.shows("recording: 3 frames, ", "pressure 10 %, 127.0.0.1 → 127.0.0.1:4001")
	x.keys("\x03")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if s := strings.TrimSpace(x.screen()); strings.Contains(s, "recording:") || !strings.Contains(s, "twtop: recorded ") {
		t.Errorf("left there: %q", s)
	}
	x.restored()

	x = open(t, 100, 10, true, nil, program(t), "record", "-o", "-")
	if code := x.exit(); code != exitUsage || !strings.Contains(x.screen(), "standard output is a terminal") {
		t.Errorf("exit code %d: %s", code, x.screen())
	}
	x = open(t, 100, 10, true, nil, program(t), "record", "-o", file+"2", "-i", "100ms", "--on", "pressure>50", "--netns", ns.Path())
	x.shows("waiting for pressure>50: pressure 10 %, 127.0.0.1 → 127.0.0.1:4001, ", " kept")
	x.keys("\x03")
	if code := x.exit(); code != exitDone || !strings.Contains(x.screen(), "never held: nothing was recorded") {
		t.Errorf("exit code %d: %s", code, x.screen())
	}
}

// TestRecordCost records 28,000 TIME_WAITs each second for a while, and says
// what that costs.
func TestRecordCost(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes 28,000 sockets")
	}
	ns := netnstest.New(t)
	ns.Storm(4, 7000)
	file := filepath.Join(t.TempDir(), "r.twtop")
	cmd := exec.Command(program(t), "record", "-o", file, "--netns", ns.Path(), "--for", "10s")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Not ru_maxrss, which begins with what the parent had at the fork.
	memory := 0
	for range 9 {
		time.Sleep(time.Second)
		memory = max(memory, peakMemory(t, cmd.Process.Pid))
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	_, used, _ := replayed(t, file)
	share := cpu.Seconds() / 10
	t.Logf("%d frames, %.1f %% of one core, %d KiB of memory", len(used), 100*share, memory)
	if share > 0.10 || memory > 64<<10 {
		t.Errorf("%.1f %% of one core, %d KiB", 100*share, memory)
	}
}

// peakMemory is VmHWM of a process, in KiB.
func peakMemory(t *testing.T, pid int) (kib int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}
