package textdump_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/textdump"
)

// evidence reads a file of testdata/evidence, or beside, which may be packed.
func evidence(t testing.TB, name string) []byte {
	t.Helper()
	for _, end := range []string{"", ".zst"} {
		if _, err := os.Stat("testdata/evidence/" + name + end); err == nil {
			return packed(t, "testdata/evidence/"+name)
		}
	}
	return packed(t, beside+name)
}

// beside is where the evidence lies whole, where somebody has it: beside the
// repository. What is too large for that is not in testdata.
const beside = "../../../shared/evidence/"

// kept reports whether a text of an incident is there, here or beside.
func kept(path string) bool {
	for _, name := range []string{"testdata/evidence/" + path, beside + path} {
		for _, end := range []string{"", ".zst"} {
			if _, err := os.Stat(name + end); err == nil {
				return true
			}
		}
	}
	return false
}

// packed reads a file, or the same with .zst behind its name.
func packed(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		b, err = os.ReadFile(path + ".zst")
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return b
	}
	r, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return b
}

// paste is the texts of an incident after one another.
func paste(t testing.TB, incident string, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names {
		b.Write(evidence(t, incident+"/"+name))
	}
	return b.String()
}

func parse(t testing.TB, text string) *source.Snapshot {
	t.Helper()
	snap, err := textdump.Parse(strings.NewReader(text), textdump.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// accounts is what diagnosis makes of a snapshot, where all formats must agree.
func accounts(t testing.TB, snap *source.Snapshot) []string {
	t.Helper()
	var a diagnosis.Assessor
	r := a.Assess(snap)
	var out []string
	for _, d := range r.Destinations {
		out = append(out, fmt.Sprintf("%v → %v: %d of %d used, %d free, %d in TIME-WAIT", d.Local, d.Remote,
			d.Ports.Used, d.Ports.Capacity, d.Ports.Free, d.Ports.UsedTimeWait))
	}
	for _, s := range r.Services {
		out = append(out, fmt.Sprintf("%v: %v", s.Local, s.States))
	}
	for _, s := range source.ReportedStates {
		if n := r.States[s]; n > 0 {
			out = append(out, fmt.Sprintf("%v: %d", s, n))
		}
	}
	return out
}

// incidents are those of testdata/evidence, and what all texts of one must tell.
var incidents = map[string][]string{
	"nginx-upstream": {
		"127.0.0.1 → 127.0.0.1:4001: 28232 of 28232 used, 0 free, 28232 in TIME-WAIT",
		"127.0.0.1 → 127.0.0.1:8000: 65 of 28232 used, 28167 free, 1 in TIME-WAIT",
		"ESTAB: 128", "TIME-WAIT: 28233", "LISTEN: 2",
	},
	"nonloopback": {
		"10.78.0.1 → 10.78.0.2:4001: 28232 of 28232 used, 0 free, 28232 in TIME-WAIT",
		"TIME-WAIT: 28232",
	},
	"python-loop": {
		"127.0.0.1 → 127.0.0.1:4001: 28232 of 28232 used, 0 free, 28232 in TIME-WAIT",
		"TIME-WAIT: 28232", "LISTEN: 1",
	},
	"close-wait-leak": {
		"127.0.0.1 → 127.0.0.1:4001: 1000 of 1000 used, 0 free, 0 in TIME-WAIT",
		"FIN-WAIT-2: 1000", "CLOSE-WAIT: 1000", "LISTEN: 1",
	},
}

// TestIncidentsInAllForms holds that ss, netstat and /proc of one incident give
// the same figures, alone and after one another. They were taken within a second
// or two of each other, while nothing could open.
func TestIncidentsInAllForms(t *testing.T) {
	for name, want := range incidents {
		forms := [][]string{
			{"sysctl-key.txt", "ss-tano.txt"},
			{"netstat-tnao.txt", "sysctl-key.txt"},
			{"ss-s.txt", "ss-tano.txt", "ss-ltnp.txt", "netstat-tnao.txt", "sysctl-key.txt"},
		}
		if kept(name + "/proc_net_tcp.txt") { // one is beside only: addresses in the kernel do not compress
			forms = append(forms,
				[]string{"proc_net_tcp.txt", "proc_net_tcp6.txt", "sysctl-key.txt"},
				[]string{"sysctl-key.txt", "ss-tano.txt", "proc_net_tcp.txt", "proc_net_tcp6.txt"})
		}
		var first []string
		for _, form := range forms {
			got := accounts(t, parse(t, paste(t, name, form...)))
			for _, l := range want {
				if !slices.Contains(got, l) {
					t.Errorf("%s %v: %q is not in %q", name, form, l, got)
				}
			}
			if first == nil {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("%s %v:\n%s", name, form, diff)
			}
		}
	}
}

// TestProcesses holds that the names of processes come along, from whichever
// of the texts has them, and that the others lose nothing by it.
func TestProcesses(t *testing.T) {
	for name, want := range map[string][]string{
		"nginx-upstream":  {"2541 node", "2545 nginx", "2548 nginx", "2549 nginx"},
		"close-wait-leak": {"2222 python3"},
	} {
		alone := parse(t, paste(t, name, "ss-tano.txt", "sysctl-key.txt"))
		snap := parse(t, paste(t, name, "ss-tano.txt", "ss-tanpo-live.txt", "ss-ltnp.txt", "sysctl-key.txt"))
		var got []string
		for _, p := range snap.Processes {
			got = append(got, fmt.Sprintf("%d %s", p.PID, p.Name))
		}
		missing := func(p string) bool { return !slices.Contains(got, p) }
		if slices.ContainsFunc(want, missing) || alone.Processes != nil {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if diff := cmp.Diff(accounts(t, alone), accounts(t, snap)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
