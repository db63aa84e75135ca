package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cursorOn moves the cursor of a list down to a row.
func cursorOn(x *terminal, what string) {
	x.t.Helper()
	row := func(screen string) string {
		for line := range strings.Lines(screen) {
			if strings.HasPrefix(line, "▶") {
				return line
			}
		}
		return ""
	}
	for range 100 {
		at := row(x.screen())
		if strings.Contains(at, what) {
			return
		}
		x.keys("j")
		x.until("another row", func(screen string) bool { return row(screen) != at || strings.Contains(row(screen), what) })
	}
	x.t.Fatalf("no row %q:\n%s", what, x.screen())
}

// TestFromNamespaceToNamespace: the header tells unasked that another namespace
// has no port left, the list has it, Enter goes there, and N back.
func TestFromNamespaceToNamespace(t *testing.T) {
	full, calm := namedWorld(t, "full", 100), namedWorld(t, "calm", 5)
	x := open(t, 120, 40, false, nil, program(t), "--netns", calm)
	x.shows("LIVE", "no port left", "(n)")
	x.keys("n")
	x.shows("NETWORK NAMESPACES", full, calm+" (here)")
	cursorOn(x, full)
	x.shows("has no local port left")
	x.keys("\r")
	x.shows("in "+full, "100 %", "no local port left")
	x.keys("N")
	x.until("the first namespace", func(screen string) bool {
		return strings.Contains(screen, "holds 5 of 100 ports") && !strings.Contains(screen, "in "+full)
	})
	x.keys("q")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
}

// TestRecordingElsewhere: what was recorded in other namespaces is told of at the
// end, where the screen left them and where it did not, and is whole.
func TestRecordingElsewhere(t *testing.T) {
	full, calm := namedWorld(t, "rec", 100), namedWorld(t, "norec", 5)
	dir := t.TempDir()
	x := open(t, 120, 40, false, nil, "sh", "-c", `cd "$1" && shift && exec "$@"`, "sh", dir, program(t), "--netns", calm, "-i", "100ms")
	for _, last := range []bool{false, true} {
		x.shows("LIVE", "no port left", "(n)")
		x.keys("n")
		x.shows("NETWORK NAMESPACES", full)
		cursorOn(x, full)
		x.keys("\r")
		x.shows("in "+full, "100 %")
		x.keys("w")
		x.shows("· REC ", "saved ", dir)
		if !last {
			x.keys("N")
			x.shows("recording ended: saved ", dir)
		}
	}
	x.keys("q")
	if code := x.exit(); code != exitDone || strings.Count(x.screen(), "twtop: recorded ") != 2 {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "twtop-*.twtop"))
	if len(files) != 2 {
		t.Fatalf("%q", files)
	}
	for _, file := range files {
		if _, used, note := replayed(t, file); len(used) == 0 || used[len(used)-1] != 100 || note != "" {
			t.Errorf("%s: in use %v; note %q", file, used, note)
		}
	}
}

// TestNamespaceThatVanishes: one that is gone when Enter is pressed is said to
// be, and the screen stays.
func TestNamespaceThatVanishes(t *testing.T) {
	calm, gone := namedWorld(t, "stays", 5), fmt.Sprintf("twns-%d-goes", time.Now().UnixNano()%1e9)
	for _, words := range [][]string{{"netns", "add", gone}} {
		if out, err := exec.Command("ip", words...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", gone).Run() })
	x := open(t, 80, 24, false, nil, program(t), "--netns", calm)
	x.shows("LIVE")
	x.keys("n")
	x.shows(gone)
	cursorOn(x, gone)
	if err := exec.Command("ip", "netns", "del", gone).Run(); err != nil {
		t.Fatal(err)
	}
	x.keys("\r")
	x.shows("NOT THERE", gone, "gone")
	x.keys("\x1b")
	x.shows("DESTINATIONS", "LIVE")
	x.keys("q")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
}
