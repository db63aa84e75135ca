package procnet

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestKernelProcess reads this very process, and holds that counting the
// descriptors one by one comes to the same.
func TestKernelProcess(t *testing.T) {
	list, err := kernel.Processes()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }()
	p, err := list.Process(os.Getpid())
	if err != nil || p.Files == nil || p.FilesMax == nil || *p.Files < 3 || p.UID != uint32(os.Geteuid()) ||
		p.Name == "" || time.Since(p.Born) > time.Hour || time.Since(p.Born) < -2*time.Second {
		t.Errorf("got %+v, %v", p, err)
	}
	if !list.counted {
		t.Skip("before Linux 6.2, which has no count to compare with")
	}
	counted, err := list.OpenFiles(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	listed, err := countEntries(fmt.Sprintf("/proc/%d/fd", os.Getpid()), maxListed)
	if err != nil || listed != counted+1 { // the one that lists them
		t.Errorf("listed %d, counted %d, %v", listed, counted, err)
	}
}

// TestKernelNetNS: who shares a namespace is told, also to a user who may not
// read the link.
func TestKernelNetNS(t *testing.T) {
	n := netnstest.New(t)
	inside, outside := sleeper(t, n.Do), sleeper(t, func(fn func()) { fn() })
	check := func(thread string, pid int, want bool) {
		t.Helper()
		if shares, known := kernel.SharesNetNS(pid); shares != want || !known {
			t.Errorf("%s: %v, %v", thread, shares, known)
		}
		if shares, known := kernel.sharesNetFiles(pid); shares != want || !known {
			t.Errorf("%s by its files: %v, %v", thread, shares, known)
		}
	}
	n.Do(func() {
		check("inside, its own", inside, true)
		check("inside, another", outside, false)
	})
	check("outside, another", inside, false)
	check("outside, its own", outside, true)
	if _, known := kernel.SharesNetNS(1 << 30); known {
		t.Error("a process that is not there is known")
	}
}

// sleeper is a process that do starts, and that ends with the test.
func sleeper(t *testing.T, do func(func())) (pid int) {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	var err error
	do(func() { err = cmd.Start() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

// BenchmarkProcess is what a look at one process costs, this one.
func BenchmarkProcess(b *testing.B) {
	list, err := kernel.Processes()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = list.Close() }()
	pid := os.Getpid()
	b.Run("open files", func(b *testing.B) {
		for b.Loop() {
			_, _ = list.OpenFiles(pid)
		}
	})
	b.Run("all", func(b *testing.B) {
		var p source.Process
		for b.Loop() {
			p, _ = list.Process(pid)
		}
		_ = p
	})
	b.Run("listed", func(b *testing.B) {
		null, err := os.Open(os.DevNull)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = null.Close() }()
		for range 10_000 {
			fd, err := unix.Dup(int(null.Fd()))
			if err != nil {
				b.Skip(err)
			}
			defer func() { _ = unix.Close(fd) }()
		}
		var n uint64
		for b.Loop() {
			m, _ := countEntries(fmt.Sprintf("/proc/%d/fd", pid), maxListed)
			n += m
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/descriptor")
	})
}
