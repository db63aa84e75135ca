package procnet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

// limitsFile is /proc/PID/limits as Linux 6.18 prints it, cut to what is beside
// the line that is read.
func limitsFile(soft, hard string) string {
	return "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max processes             96365                96365                processes \n" +
		fmt.Sprintf("Max open files            %-20s %-20s files     \n", soft, hard) +
		"Max locked memory         8388608              8388608              bytes     \n"
}

// statFile is /proc/PID/stat of a process with that name, started at tick 10.
func statFile(name string) string {
	return "2872 (" + name + ") S 1 2872 2872 0 -1 4194560 120 0 0 0 1 2 0 0 20 0 1 0 10 4186112 340 18446744073709551615 1 1 0\n"
}

// oneProcess is a procfs with process 2872, which has n open files.
func oneProcess(t testing.TB, n int) FS {
	files := map[string]string{
		"stat":        "cpu  1 2 3\nintr " + strings.Repeat("0 ", 40_000) + "\nctxt 5\nbtime 1763941000\nprocesses 9\n",
		"2872/comm":   "nginx: \x1b[31m) worker\n",
		"2872/stat":   statFile("nginx: \x1b[31m) worker"),
		"2872/limits": limitsFile("1024", "524288"),
		"notes/comm":  "no process\n",
	}
	for i := range n {
		files[fmt.Sprintf("2872/fd/%d", i)] = ""
	}
	return proc(t, files)
}

func TestProcess(t *testing.T) {
	list, err := oneProcess(t, 1500).Processes()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }()
	for range 2 { // the list begins anew
		var pids []int
		for {
			some, err := list.Next(2)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, some...)
		}
		if !slices.Equal(pids, []int{2872}) {
			t.Errorf("processes %v", pids)
		}
	}
	p, err := list.Process(2872)
	want := source.Process{
		PID: 2872, Name: "nginx: ) worker", UID: p.UID, Born: time.Unix(1763941000, 1e8),
		Files: ptr(1500), FilesMax: ptr(1024), FilesHard: ptr(524288),
	}
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := list.Process(99); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no process: %v", err)
	}
}

// TestTooManyToCount: nobody waits for a process with a million descriptors.
func TestTooManyToCount(t *testing.T) {
	f := oneProcess(t, 1500)
	if n, err := countEntries(f.pidPath(2872, "fd"), 1500); n != 1500 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	if n, err := countEntries(f.pidPath(2872, "fd"), 1000); n != 0 || err == nil || !strings.Contains(err.Error(), "more than 1000") {
		t.Errorf("counted %d, %v", n, err)
	}
}

// TestProcessInParts: what cannot be read stays unknown, and the rest stands.
func TestProcessInParts(t *testing.T) {
	f := proc(t, map[string]string{"7/comm": "x\n", "7/limits": limitsFile("many", "4096"), "7/stat": "7 (x S 1"})
	list, err := f.Processes()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }()
	p, err := list.Process(7)
	want := source.Process{PID: 7, Name: "x", UID: p.UID}
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestFileLimit(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want FileLimit
		ok   bool
	}{
		"numbers":   {limitsFile("1024", "524288"), FileLimit{ptr(1024), ptr(524288)}, true},
		"unlimited": {limitsFile("1024", "unlimited"), FileLimit{ptr(1024), nil}, true},
		"nonsense":  {limitsFile("1024", "-1"), FileLimit{}, false},
		"too short": {"Max open files 7\n", FileLimit{}, false},
		"no line":   {"Max processes 1 1 processes\n", FileLimit{}, false},
		"nothing":   {"", FileLimit{}, false},
	} {
		got, err := parseFileLimit(strings.NewReader(c.text))
		if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != c.ok {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestStartTime(t *testing.T) {
	for text, want := range map[string]uint64{
		statFile("sh"):                10,
		statFile("a b) S 1 (c) 2"):    10,
		statFile("x\ny"):              10,
		statFile(")"):                 10,
		"7 (x) S 1 2":                 0,
		"7 x S 1":                     0,
		"7 (x) " + word("z", 30):      0,
		"":                            0,
		"7 (x) " + word("-1", 30):     0,
		"7 (x) " + word("1e9 ", 30):   0,
		"(" + word("12", 30) + ") 12": 0,
	} {
		if got, err := parseStartTime([]byte(text)); got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
}

func word(s string, n int) string { return strings.Repeat(s+" ", n) }

func TestBootTime(t *testing.T) {
	for text, want := range map[string]int64{
		"btime 1763941000":                               1763941000,
		"cpu 1\nbtime 1763941000\nprocesses 4\n":         1763941000,
		"intr " + word("0", 9000) + "btime 5\nbtime 9\n": 9,
		strings.Repeat("x", 4096) + "btime 5\nbtime 9\n": 9,
		"intr " + word("0", 9000):                        0,
		"btime -5\n":                                     0,
		"btime 99999999999999\n":                         0,
		"btime soon\n":                                   0,
		"":                                               0,
	} {
		got := parseBootTime(strings.NewReader(text))
		if want == 0 && !got.IsZero() || want != 0 && got.Unix() != want {
			t.Errorf("%.40q: got %v, want %d", text, got, want)
		}
	}
}

func FuzzProcess(f *testing.F) {
	f.Add(limitsFile("1024", "unlimited"), statFile("a) b"), "btime 1763941000\n")
	f.Fuzz(func(_ *testing.T, limits, stat, boot string) {
		_, _ = parseFileLimit(strings.NewReader(limits))
		_, _ = parseStartTime([]byte(stat))
		_ = parseBootTime(strings.NewReader(boot))
	})
}
