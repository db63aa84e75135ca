package procnet

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/live/thread"
)

// TestKernelThreads finds a thread that is elsewhere, and where it is.
func TestKernelThreads(t *testing.T) {
	n := netnstest.New(t)
	own, err := kernel.OwnNetNS()
	if err != nil {
		t.Fatal(err)
	}
	if its, err := kernel.NetNS(os.Getpid()); its != own || err != nil {
		t.Errorf("this process is in %d, not %d: %v", its, own, err)
	}
	threads := kernel.Threads(os.Getpid(), 1000)
	if !slices.Contains(threads, n.ThreadID()) || slices.Contains(threads, os.Getpid()) {
		t.Errorf("threads %v, without %d", threads, n.ThreadID())
	}
	if its, err := kernel.NetNS(n.ThreadID()); its == own || err != nil {
		t.Errorf("the thread is in %d: %v", its, err)
	}
	if most := kernel.Threads(os.Getpid(), 2); len(most) > 2 {
		t.Errorf("%d threads, and 2 were asked for", len(most))
	}
	if list := kernel.Threads(1<<30, 1000); list != nil {
		t.Errorf("a process that is not there has threads %v", list)
	}
	if _, err := kernel.NetNS(1 << 30); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no process: %v", err)
	}
}

// TestKernelNetMounts reads what a thread mounts in a mount namespace of its own.
func TestKernelNetMounts(t *testing.T) {
	netnstest.New(t)
	done := make(chan error)
	var list []NetMount
	file := t.TempDir() + "/a b"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	thread.Go(func() {
		err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS | unix.CLONE_NEWNET)
		if err == nil {
			err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
		}
		if err == nil {
			err = unix.Mount("/proc/thread-self/ns/net", file, "", unix.MS_BIND, "")
		}
		if err == nil {
			list, err = kernel.NetMounts("thread-self")
		}
		done <- err
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(m NetMount) bool { return m.Path == file })
	if i < 0 || list[i].Inode == 0 {
		t.Errorf("%s is not among %v", file, list)
	}
}
