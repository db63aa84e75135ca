package live

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
)

func newTestVisitor(t *testing.T) *visitor {
	t.Helper()
	v, err := newVisitor("/proc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.close)
	return v
}

// TestVisitorLeavesWhatHangs: a path through a file system that does not answer
// holds nobody up, is named, and is not tried again.
func TestVisitorLeavesWhatHangs(t *testing.T) {
	v := newTestVisitor(t)
	release := make(chan struct{})
	defer close(release)
	for i := range maxHung {
		path := "/mnt/dead\x1b[2J" + string(rune('a'+i))
		start := time.Now()
		err := v.do(t.Context(), 50*time.Millisecond, func(context.Context) {
			v.at.Store(&path)
			<-release
		})
		if err == nil || !strings.Contains(err.Error(), "/mnt/dead"+string(rune('a'+i))+" did not answer") || time.Since(start) > 5*time.Second {
			t.Fatalf("after %v: %v", time.Since(start), err)
		}
		if _, err := v.open(path, 1); err == nil || !strings.Contains(err.Error(), "did not answer") {
			t.Errorf("tried again: %v", err)
		}
		ran := false
		if err := v.do(t.Context(), time.Minute, func(context.Context) { ran = true }); i+1 < maxHung && (err != nil || !ran) {
			t.Errorf("the next one: %v", err)
		} else if i+1 == maxHung && err == nil {
			t.Error("it goes on for ever")
		}
	}
}

// TestVisitorTakesNoOtherFile: what is no namespace, or another one by now, is
// gone; a pipe is not waited for.
func TestVisitorTakesNoOtherFile(t *testing.T) {
	v := newTestVisitor(t)
	own, err := v.home.Stat()
	if err != nil {
		t.Fatal(err)
	}
	var s unix.Stat_t
	if err := unix.Fstat(int(v.home.Fd()), &s); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/null", "/no/such", "/proc/self/ns/uts"} {
		if f, err := v.open(path, s.Ino); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, %v", path, f, err)
		}
	}
	if _, err := v.open("/proc/self/ns/net", s.Ino+1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another one: %v", err)
	}
	f, err := v.open("/proc/self/ns/net", s.Ino)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got, err := f.Stat(); err != nil || !os.SameFile(got, own) {
		t.Errorf("opened %v: %v", got, err)
	}
}

// TestVisitorPanics: a bug there is an error here.
func TestVisitorPanics(t *testing.T) {
	v := newTestVisitor(t)
	var bug *source.PanicError
	if err := v.do(t.Context(), time.Minute, func(context.Context) { panic("x") }); !errors.As(err, &bug) {
		t.Errorf("got %v", err)
	}
	if err := v.do(t.Context(), time.Minute, func(context.Context) {}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestRefusal(t *testing.T) {
	if s := refusal(nil, true); s != "" {
		t.Errorf("entered: %q", s)
	}
	denied := os.NewSyscallError("setns", unix.EPERM)
	foreign, plain := refusal(denied, true), refusal(denied, false)
	if os.Geteuid() == 0 && (!strings.Contains(foreign, "another user namespace") || !strings.Contains(plain, "CAP_SYS_ADMIN")) ||
		os.Geteuid() != 0 && plain != "not root" {
		t.Errorf("%q, %q", foreign, plain)
	}
}
