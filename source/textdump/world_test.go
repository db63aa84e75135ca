package textdump_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

// figures is what all formats tell of a world: its flows with their sockets by
// state, and its listeners.
func figures(s *source.Snapshot) []string {
	count := map[string]int{}
	for i := range s.Flows {
		f := &s.Flows[i]
		for _, k := range s.SocketsOf(i) {
			role := []string{"to", "from", "from"}[f.Role]
			count[fmt.Sprintf("%v %v %v:%d %v", f.Local.IP(), role, f.Remote.IP(), f.Port, k.State)]++
		}
	}
	for i := range s.Listeners {
		count[fmt.Sprintf("LISTEN %v:%d", s.Listeners[i].Local.IP(), s.Listeners[i].Port)]++
	}
	var out []string
	for k, n := range count {
		out = append(out, fmt.Sprintf("%s: %d", k, n))
	}
	slices.Sort(out)
	return out
}

// TestWorldInAllForms holds that all flags and tools tell the same figures.
func TestWorldInAllForms(t *testing.T) {
	want := figures(parse(t, world(t, "sysctl.txt", "proc-tcp.txt", "proc-tcp6.txt")))
	if len(want) < 25 {
		t.Fatalf("the world is small: %q", want)
	}
	files, err := filepath.Glob("testdata/world/*-*.txt.zst")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".zst")
		if strings.HasPrefix(name, "proc") || name == "ss-exclude.txt" {
			continue
		}
		snap := parse(t, world(t, name, "sysctl.txt"))
		got, want := figures(snap), want
		if strings.HasPrefix(name, "netstat") && !strings.Contains(name, "W") {
			got, want = uncut(got), uncut(want)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s\n%q", name, diff, snap.Gaps)
		}
		for _, gap := range snap.Gaps {
			if strings.Contains(gap, "could not be read") || strings.Contains(gap, "no socket and no sysctl") {
				t.Errorf("%s: %s", name, gap)
			}
		}
	}
}

// uncut makes one of the addresses that netstat cuts.
func uncut(lines []string) []string {
	var out []string
	for _, l := range lines {
		if !strings.Contains(l, "2001:db8:1234") {
			out = append(out, l)
		}
	}
	return out
}

func world(t testing.TB, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names {
		b.Write(packed(t, "testdata/world/"+name))
	}
	return b.String()
}
