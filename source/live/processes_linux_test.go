package live

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// fakeProcess adds a process to a procfs of files.
func fakeProcess(t *testing.T, root string, pid, files int, limit, netns string) {
	t.Helper()
	dir := fmt.Sprint(pid)
	writeFile(t, root, dir+"/comm", fmt.Sprintf("server\x1b[2J %d\n", pid))
	writeFile(t, root, dir+"/stat", fmt.Sprintf("%d (server) S %s10\n", pid, strings.Repeat("0 ", 18)))
	writeFile(t, root, dir+"/limits", fmt.Sprintf("Max open files  %s  4096  files\n", limit))
	for _, sub := range []string{"fd", "ns"} {
		if err := os.MkdirAll(filepath.Join(root, dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range files {
		if err := os.Symlink("socket:[1]", filepath.Join(root, dir, "fd", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(netns, filepath.Join(root, dir, "ns/net")); err != nil {
		t.Fatal(err)
	}
}

func fakeSweep(t *testing.T) (*fileSweep, string) {
	t.Helper()
	root := fakeProc(t, map[string]string{"stat": "btime 1763941000\n", "passwd": "root:x:0:0::/:\nn:x:1:1::/:\n"})
	if err := os.MkdirAll(filepath.Join(root, "thread-self/ns"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("net:[1]", filepath.Join(root, "thread-self/ns/net")); err != nil {
		t.Fatal(err)
	}
	w := newFileSweep(procnet.FS{Root: root}, filepath.Join(root, "passwd"))
	w.now = func() time.Time { return time.Unix(1_800_000_000, 0) } // nothing takes any time
	t.Cleanup(w.close)
	return w, root
}

func pids(list []source.Process) (out []int) {
	for i := range list {
		out = append(out, list[i].PID)
	}
	return out
}

// TestWhoIsNear: half of the limit is near; others' namespaces, sandboxes and
// those without a limit are left out.
func TestWhoIsNear(t *testing.T) {
	w, root := fakeSweep(t)
	fakeProcess(t, root, 100, 32, "64", "net:[1]")
	fakeProcess(t, root, 101, 31, "64", "net:[1]")
	fakeProcess(t, root, 102, 60, "64", "net:[1]")
	fakeProcess(t, root, 103, 64, "64", "net:[2]")
	fakeProcess(t, root, 104, 90, "unlimited", "net:[1]")
	fakeProcess(t, root, 105, 20, "8", "net:[1]")
	fakeProcess(t, root, 106, 15, "16", "net:[1]")
	fakeProcess(t, root, 107, 70, "64", "net:[1]")
	got, err := w.read()
	if err != nil || !slices.Equal(pids(got), []int{107, 102, 100}) || !w.whole {
		t.Fatalf("got %v, %v; round: %v", pids(got), err, w.whole)
	}
	if p := got[1]; p.Name != "server 102" || *p.Files != 60 || *p.FilesMax != 64 || *p.FilesHard != 4096 ||
		p.Born.UnixMilli() != 1763941000100 || os.Geteuid() == 0 && p.User != "root" {
		t.Errorf("got %+v", p)
	}
	if err := os.RemoveAll(filepath.Join(root, "107")); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := os.Remove(filepath.Join(root, "102/fd", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := w.read(); err != nil || !slices.Equal(pids(again), []int{100}) || len(got) != 3 || got[0].PID != 107 {
		t.Errorf("got %v, %v; before %v", pids(again), err, pids(got))
	}
}

// TestSweepKeepsTheFullest where there are more than a snapshot has.
func TestSweepKeepsTheFullest(t *testing.T) {
	w, root := fakeSweep(t)
	for i := range maxNear + 4 {
		fakeProcess(t, root, 100+i, 32+i, "64", "net:[1]")
	}
	got, err := w.read()
	if err != nil || len(got) != maxNear || got[0].PID != 100+maxNear+3 || got[maxNear-1].PID != 104 {
		t.Errorf("got %v, %v", pids(got), err)
	}
}

// TestSweepIsBounded: with a clock on which each look takes a while, a frame
// takes no more than its share on average, every process has its turn, and a
// look that took long is paid back.
func TestSweepIsBounded(t *testing.T) {
	const processes = 300
	w, root := fakeSweep(t)
	for i := range processes {
		n, limit := 0, "1024"
		if i%100 == 99 {
			n, limit = 20, "32"
		}
		fakeProcess(t, root, 1000+i, n, limit, "net:[1]")
	}
	var clock time.Time
	perCall := 100 * time.Microsecond
	w.now = func() time.Time { clock = clock.Add(perCall); return clock }
	first, err := w.read()
	if err != nil {
		t.Fatal(err)
	}
	if took := clock.Sub(time.Time{}); took > firstSweep+time.Millisecond {
		t.Errorf("the first sweep took %v", took)
	}
	if len(first) == 3 || w.whole {
		t.Errorf("all of %d processes were looked at in %v", processes, firstSweep)
	}
	before, frames := clock, 0
	for ; !w.whole && frames < 100; frames++ {
		if _, err := w.read(); err != nil {
			t.Fatal(err)
		}
	}
	if took := clock.Sub(before); took > time.Duration(frames+1)*nextSweep || len(w.near) != 3 {
		t.Errorf("%d further sweeps took %v and found %v", frames, took, pids(w.near))
	}
	perCall = 15 * time.Millisecond // the next look takes that long
	if _, err := w.read(); err != nil || w.credit > -10*time.Millisecond {
		t.Errorf("credit %v after a long look, %v", w.credit, err)
	}
	perCall = 0
	debt, pending := w.credit, len(w.pending)
	if got, err := w.read(); err != nil || w.credit != debt+nextSweep || len(w.pending) != pending || len(got) != 3 {
		t.Errorf("credit %v after %v, %v, %v", w.credit, debt, pids(got), err)
	}
}

// TestUnseen: what is not shown is said once.
func TestUnseen(t *testing.T) {
	for _, c := range []struct {
		root, denied, whole bool
		want                []string
	}{
		{true, false, true, nil},
		{true, true, true, []string{"could not be counted"}},
		{false, false, true, []string{"owners of sockets are not shown"}},
		{false, true, true, []string{"other users' processes"}},
		{true, false, false, []string{"not counted yet"}},
		{false, true, false, []string{"other users' processes", "not counted yet"}},
	} {
		r := &factReader{root: c.root, files: &fileSweep{denied: c.denied, whole: c.whole}}
		gaps := r.unseen()
		if !slices.EqualFunc(gaps, c.want, strings.Contains) {
			t.Errorf("%+v: %q", c, gaps)
		}
	}
}

func TestUsers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passwd")
	if err := os.WriteFile(path, []byte("# no user\nroot:x:0:0:root:/root:/bin/sh\nwww\x1b[1m-data:x:33:33::/:\nother:x:33:33::/:\nshort:x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	u := &users{path: path}
	for range 2 {
		for uid, want := range map[uint32]string{0: "root", 33: "www-data", 3: "", 1<<32 - 1: ""} {
			if got := u.name(uid); got != want {
				t.Errorf("uid %d is %q, want %q", uid, got, want)
			}
		}
		_ = os.Remove(path) // each is looked up once
	}
	for uid := range uint32(5000) {
		u.name(uid)
	}
	if len(u.names) > 1024 {
		t.Errorf("%d names are kept", len(u.names))
	}
}
