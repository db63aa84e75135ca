package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUnitClearsUp runs what the systemd unit runs before each recording, in a
// folder that is a symbolic link, as DynamicUser= makes it: old files go, and of
// the others there are 19 and the next.
func TestUnitClearsUp(t *testing.T) {
	unit, err := os.ReadFile("../../.github/packaging/twtop-record.service")
	if err != nil {
		t.Fatal(err)
	}
	state, private := t.TempDir(), t.TempDir()
	if err := os.Symlink(private, filepath.Join(state, "twtop-record")); err != nil {
		t.Fatal(err)
	}
	file := func(name string, age time.Duration) {
		path, then := filepath.Join(private, name), time.Now().Add(-age)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	run := func() (left []string) {
		for line := range strings.Lines(string(unit)) {
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStartPre=-")
			if !ok {
				continue
			}
			cmd := exec.Command("sh", "-c", strings.ReplaceAll(command, "%S", state))
			cmd.Dir = t.TempDir() // systemd expands no pattern
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %v: %s", command, err, out)
			}
		}
		list, err := os.ReadDir(private)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			left = append(left, e.Name())
		}
		return left
	}
	const day = 24 * time.Hour
	file("twtop-old.twtop", 16*day)
	file("twtop-young.twtop", 13*day)
	file("notes", 99*day)
	if got := strings.Join(run(), " "); got != "notes twtop-young.twtop" {
		t.Errorf("left: %s", got)
	}
	for i := range 30 {
		file(fmt.Sprintf("twtop-%02d.twtop", i), time.Duration(i)*time.Minute)
	}
	got := run()
	if n := len(got); n != 20 || got[0] != "notes" || got[1] != "twtop-00.twtop" || got[n-1] != "twtop-18.twtop" {
		t.Errorf("left: %q", got)
	}
}
