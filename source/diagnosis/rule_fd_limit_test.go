package diagnosis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
)

// server is a process with n of most files open.
func server(pid int, name string, n, most uint64) source.Process {
	return source.Process{PID: pid, Name: name, UID: 33, User: "www-data", Files: u64(n), FilesMax: u64(most), FilesHard: u64(524_288)}
}

func TestFDLimitOfProcesses(t *testing.T) {
	h := newLimitsHost()
	none(t, h.look(FDLimit, 0), "nobody looked")
	h.processes = []source.Process{server(7, "calm", 900, 1024), {PID: 8, Files: u64(5)}, {PID: 9, FilesMax: u64(5)}, server(10, "odd", 5, 0)}
	none(t, h.look(FDLimit, 1), "87 %, or not known")
	p := server(2872, "python3", 1000, 1024)
	p.Born = time.UnixMilli(1_763_941_000_000)
	h.processes = append(h.processes, p)
	f := one(t, h.look(FDLimit, 1), "python3 (PID 2872) has 1,000 of 1,024 files open: at the limit", "97 % of its RLIMIT_NOFILE; user www-data, up for",
		"errno 24", "prlimit --pid 2872 --nofile=65536:", "LimitNOFILE=65536", "limits.conf", "page "+PageNoFile)
	if f.Subject != "python3 (PID 2872)" || f.Confidence != Certain || f.Destination != -1 || strings.Contains(f.text(), "nginx") {
		t.Errorf("%+v", f)
	}
	h.processes[4].Files = u64(1024)
	one(t, h.look(FDLimit, 40), "python3 (PID 2872) has all of its 1,024 files open", "fail now", "24 more than 40 s ago")
	h.processes[4].Files = u64(880)
	one(t, h.look(FDLimit, 1), "880 of 1,024") // 86 %: still near
	h.processes[4].Born = h.processes[4].Born.Add(time.Second)
	none(t, h.look(FDLimit, 1), "another process with that PID")
}

// TestFDLimitAdvice: the limit advised is one that the kernel takes.
func TestFDLimitAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		limit, hard uint64
		nrOpen      string
		want, not   string
	}{
		"usual":         {1024, 524_288, "", "--nofile=65536:\n", "nr_open"},
		"no room":       {1024, 4096, "", "--nofile=65536:65536\n", ""},
		"high":          {65_536, 1 << 20, "", "--nofile=131072:\n", ""},
		"a small nr":    {1024, 524_288, "20000", "--nofile=20000:\n", ""},
		"nr is reached": {20_000, 20_000, "20000", "closes what it opens", "prlimit"},
	} {
		h := newLimitsHost()
		if c.nrOpen != "" {
			h.sysctls[keyNrOpen] = c.nrOpen
		}
		p := server(5, "nginx", c.limit, c.limit)
		p.FilesHard = u64(c.hard)
		h.processes = []source.Process{p}
		f := one(t, h.look(FDLimit, 1), c.want)
		if c.not != "" && strings.Contains(f.text(), c.not) {
			t.Errorf("%s: it says %q:\n%s", name, c.not, f.text())
		}
		if strings.Contains(c.want, "prlimit") && !strings.Contains(f.text(), "worker_rlimit_nofile") {
			t.Errorf("%s: nothing about nginx:\n%s", name, f.text())
		}
	}
}

// TestFDLimitOfMany: the fullest five, and how many more.
func TestFDLimitOfMany(t *testing.T) {
	h := newLimitsHost()
	for i := range 8 {
		h.processes = append(h.processes, server(100+i, "", uint64(950+10*i), 1024))
	}
	found := h.look(FDLimit, 1)
	if len(found) != maxSubjects || found[0].Subject != "PID 107" || !strings.Contains(found[0].text(), "and 3 more processes") {
		t.Errorf("%+v", found)
	}
}

func TestFDLimitOfHost(t *testing.T) {
	h := newLimitsHost()
	h.counters.FilesOpen = u64(97_000)
	none(t, h.look(FDLimit, 0), "no limit known")
	h.counters.FilesMax = u64(1<<63 - 1)
	none(t, h.look(FDLimit, 1), "as good as none")
	h.counters.FilesMax = u64(100_000)
	h.sysctls[keyFileMax] = "100000"
	f := one(t, h.look(FDLimit, 1), "The host has 97,000 of 100,000 files open", "97 %", "errno 23")
	if f.remedyFor(keyFileMax) != "262144" || f.Subject != "this host" {
		t.Errorf("%+v", f)
	}
	h.counters.FilesOpen = u64(100_000)
	one(t, h.look(FDLimit, 1), "all of 100,000 files open", "fail now")
}

// TestFDLimitOfHostAndMany: with the host's there is room for one process less,
// and none is left out unsaid.
func TestFDLimitOfHostAndMany(t *testing.T) {
	for n, more := range map[int]string{4: "", 5: "and 1 more process", 8: "and 4 more processes"} {
		h := newLimitsHost()
		h.counters.FilesOpen, h.counters.FilesMax = u64(97_000), u64(100_000)
		for i := range n {
			h.processes = append(h.processes, server(100+i, "", uint64(950+10*i), 1024))
		}
		found := h.look(FDLimit, 1)
		if len(found) != maxSubjects || found[0].Subject != "this host" || found[1].Subject != fmt.Sprintf("PID %d", 99+n) {
			t.Fatalf("%d processes: %+v", n, found)
		}
		last := found[1].Evidence[len(found[1].Evidence)-1]
		if more == "" && strings.HasPrefix(last, "and ") || more != "" && last != more {
			t.Errorf("%d processes: %q, want %q", n, last, more)
		}
	}
}
