package sysctl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUntrustedState: where somebody else could write the journal, it is not
// read, and nothing is applied.
func TestUntrustedState(t *testing.T) {
	p, before := tuned()
	for name, spoil := range map[string]func(dir string) error{
		"directory behind a link": func(dir string) error {
			if err := os.Rename(dir, dir+".there"); err != nil {
				return err
			}
			return os.Symlink(dir+".there", dir)
		},
		"directory writable by all":  func(dir string) error { return os.Chmod(dir, 0o777) },
		"directory writable by some": func(dir string) error { return os.Chmod(dir, 0o770) },
		"journal writable by all":    func(dir string) error { return os.Chmod(dir+"/"+journalFile, 0o666) },
		"journal behind a link": func(dir string) error {
			file := dir + "/" + journalFile
			return errors.Join(os.Rename(file, file+".there"), os.Symlink(journalFile+".there", file))
		},
		"journal a pipe": func(dir string) error {
			file := dir + "/" + journalFile
			return errors.Join(os.Remove(file), syscall.Mkfifo(file, 0o600))
		},
		"lock behind a link": func(dir string) error {
			return errors.Join(os.Remove(dir+"/"+lockFile), os.Symlink(auditFile, dir+"/"+lockFile))
		},
		"a file": func(dir string) error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) },
	} {
		b := newBench(t, before)
		b.apply(p)
		u := b.planned()
		if err := spoil(b.State.Dir); err != nil {
			t.Fatal(err)
		}
		writes := len(b.kernel.writes)
		_, errApply := b.Apply(t.Context(), p)
		_, errUndo := b.Undo(t.Context(), u)
		if errApply == nil || errUndo == nil || len(b.kernel.writes) != writes {
			t.Errorf("%s: apply %v, undo %v, wrote %q", name, errApply, errUndo, b.kernel.writes[writes:])
		}
		if errApply != nil && !strings.Contains(errApply.Error(), b.State.Dir) {
			t.Errorf("%s: it does not say where: %v", name, errApply)
		}
	}
}

func TestForeignState(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a directory away")
	}
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	if err := os.Chown(b.State.Dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, err := b.PlanUndo(); err == nil {
		t.Error("a journal of another user's was read")
	}
}

func TestModes(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	for name, want := range map[string]fs.FileMode{"": 0o700, journalFile: 0o600, auditFile: 0o600, lockFile: 0o600} {
		info, err := os.Stat(filepath.Join(b.State.Dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
	left, err := filepath.Glob(b.State.Dir + "/*" + tempSuffix)
	if err != nil || len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

// TestPlanUndoLeavesNoTrace: looking makes no directory.
func TestPlanUndoLeavesNoTrace(t *testing.T) {
	b := newBench(t, stock())
	if !b.plannedIsEmpty() {
		t.Error("there is something to undo")
	}
	if _, err := os.Stat(b.State.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the state directory is there: ", err)
	}
}

// mount puts a tmpfs on a directory for the time of a test.
func mount(t *testing.T, dir, options string, flags uintptr) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("twtop-test", dir, "tmpfs", flags, options); err != nil {
		if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
			t.Skip("mount: ", err, " (run as root)")
		}
		t.Fatal("mount: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error("unmount: ", err)
		}
	})
}

// TestFullDisk: with room for the journal or without, for its first writing,
// for some audit lines: either all is set, or all is as before.
func TestFullDisk(t *testing.T) {
	p, before := tuned()
	applied := false
	for pages := 3; pages < 40 && !applied; pages++ {
		b := newBench(t, before)
		mount(t, b.State.Dir, fmt.Sprintf("size=%d,mode=700", pages*os.Getpagesize()), 0)
		fill(t, b.State.Dir+"/other", (pages-2)*os.Getpagesize()/2)
		_, err := b.Apply(t.Context(), p)
		if applied = err == nil; applied {
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d pages: %v", pages, err)
		}
		b.holds(before)
	}
	if !applied {
		t.Error("never enough room")
	}
}

// TestFullDiskFromTheStart: no journal, no apply, and no write at all.
func TestFullDiskFromTheStart(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	mount(t, b.State.Dir, fmt.Sprintf("size=%d,mode=700", 4*os.Getpagesize()), 0)
	fill(t, b.State.Dir+"/other", 5*os.Getpagesize())
	_, err := b.Apply(t.Context(), p)
	if !errors.Is(err, syscall.ENOSPC) || len(b.kernel.writes) != 0 || !strings.Contains(err.Error(), "no journal") {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
}

// fill writes as much as there is room for, up to n bytes.
func fill(t *testing.T, file string, n int) {
	t.Helper()
	if err := os.WriteFile(file, make([]byte, n), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// TestReadOnlyState: nothing is applied, and what was applied before the disk
// became read-only is put back all the same.
func TestReadOnlyState(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	mount(t, b.State.Dir, "mode=700", syscall.MS_RDONLY)
	_, err := b.Apply(t.Context(), p)
	if !errors.Is(err, syscall.EROFS) || len(b.kernel.writes) != 0 {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
	remount(t, b.State.Dir, 0)
	b.apply(p)
	remount(t, b.State.Dir, syscall.MS_RDONLY)
	if r := b.undo(); len(r.Warnings) == 0 {
		t.Error("no word of the journal that could not be written")
	}
	b.holds(before)
	if !b.plannedIsEmpty() {
		t.Error("there is something left to undo")
	}
}

func remount(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|flags, ""); err != nil {
		t.Fatal("remount: ", err)
	}
}
