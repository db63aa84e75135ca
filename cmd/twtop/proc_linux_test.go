package main

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// procLine returns the line of a file that begins with prefix.
func procLine(t *testing.T, name, prefix string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
	t.Errorf("%s has no line %q", name, prefix)
	return ""
}

// figureAfter returns the number behind a word, 0 if there is none.
func figureAfter(fields []string, word string) float64 {
	i := slices.Index(fields, word)
	if i < 0 || i+1 >= len(fields) {
		return 0
	}
	n, _ := strconv.ParseFloat(fields[i+1], 64)
	return n
}

// TestStartIsCheap holds how long all packages together take to initialise:
// a library that builds tables there costs every command its time.
func TestStartIsCheap(t *testing.T) {
	const limit = 10.0 // ms; 1 on an idle machine
	best := 1e9
	for range 5 {
		cmd := exec.Command(program(t), "version")
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		total, packages := 0.0, 0
		for line := range strings.Lines(string(out)) {
			if fields := strings.Fields(line); len(fields) > 5 && fields[0] == "init" {
				ms, err := strconv.ParseFloat(fields[4], 64)
				if err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				total, packages = total+ms, packages+1
			}
		}
		if packages < 10 {
			t.Fatalf("%d packages were traced:\n%s", packages, out)
		}
		best = min(best, total)
	}
	if best > limit {
		t.Errorf("initialising takes %.1f ms, want at most %v", best, limit)
	}
}
