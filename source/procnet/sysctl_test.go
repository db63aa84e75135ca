package procnet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSysctls(t *testing.T) {
	got, err := recorded.Sysctls([]string{"net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_rmem", "net.ipv4.tcp_tw_recycle", "fs.file-nr"})
	want := map[string]string{"net.ipv4.tcp_tw_reuse": "2", "net.ipv4.tcp_rmem": "4096 131072 33554432", "fs.file-nr": "973 0 2466170"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestSysctlsKeepTheRest holds that one bad key does not cost the others.
func TestSysctlsKeepTheRest(t *testing.T) {
	got, err := recorded.Sysctls([]string{"..", "net.ipv4", "net.ipv4.tcp_tw_reuse"})
	if got["net.ipv4.tcp_tw_reuse"] != "2" || len(got) != 1 {
		t.Errorf("got %v", got)
	}
	if err == nil || !strings.Contains(err.Error(), `sysctl ".."`) || !strings.Contains(err.Error(), "sys/net/ipv4") {
		t.Errorf("got %v", err)
	}
}

// TestSysctlStaysInside holds that no key leads out of sys, by its name or by
// a link, and that what is not a regular file is not opened.
func TestSysctlStaysInside(t *testing.T) {
	f := proc(t, map[string]string{"secret": "s", "sys/net/real": "r", "sys/up": "u"})
	links := map[string]string{"out": "../secret", "far": "/etc/hostname", "in": "up", "dir": ".."}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(f.Root, "sys", name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{
		"", ".", "..", "...", ".net.real", "net.real.", "net..real", "net/real", "/net/real", "../secret", "..secret",
		"net.Real", "net.real\x00", "net.real\n", "net.réal", `net\real`, "out", "far", "in", "net", "dir.secret", "dir.sys.up",
	} {
		if v, ok, err := f.Sysctl(key); ok || err == nil {
			t.Errorf("%q: got %q, %v, %v", key, v, ok, err)
		}
	}
	if v, ok, err := f.Sysctl("net.real"); v != "r" || !ok || err != nil {
		t.Errorf("got %q, %v, %v", v, ok, err)
	}
}

func TestSysctlValues(t *testing.T) {
	odd := everyOther()
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"\n", ""},
		"tabs":             {"1\t2\t3\n", "1 2 3"},
		"an escape":        {"a\x1b[31mb\x07\n", "ab"},
		"exactly one read": {strings.Repeat("7", firstRead), strings.Repeat("7", firstRead)},
		"every other port": {odd + "\n", odd},
	} {
		v, ok, err := proc(t, map[string]string{"sys/k": c.text}).Sysctl("k")
		if v != c.want || !ok || err != nil {
			t.Errorf("%s: got %d bytes, %v, %v", name, len(v), ok, err)
		}
	}
	v, ok, err := proc(t, map[string]string{"sys/k": strings.Repeat("7", maxValue)}).Sysctl("k")
	if v != "" || ok || err == nil || !strings.Contains(err.Error(), "longer") {
		t.Errorf("too long: got %d bytes, %v, %v", len(v), ok, err)
	}
}

// everyOther is the longest ip_local_reserved_ports there can be.
func everyOther() string {
	var b strings.Builder
	for p := 1; p < 1<<16; p += 2 {
		fmt.Fprintf(&b, "%d,", p)
	}
	return strings.TrimSuffix(b.String(), ",")
}
