package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
	"github.com/359a26c5/twtop/source/tune"
)

// filed is a host's own namespace with a procfs of files.
type filed struct{ proc string }

func (f filed) Within(do func(string)) error { do(f.proc); return nil }

func (filed) Host() source.Host {
	return source.Host{BootID: "this", Cookie: 7, NetNS: "net:[1]", Kernel: "6.18.0"}
}

// filedPlan is a plan for a host of files that tcp_tw_reuse would help, and the
// drop-in there.
func filedPlan(t *testing.T) (p *planned, dropIn string) {
	root := t.TempDir()
	file := func(name, content string) {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for key, value := range map[string]string{
		sysctl.LocalPortRange: "32768\t60999", sysctl.LocalReservedPorts: "8080", sysctl.Timestamps: "1",
		sysctl.TWReuse: "0", sysctl.MaxOrphans: "65536", sysctl.UnprivilegedStart: "1024",
	} {
		file(filepath.Join("proc/sys", strings.ReplaceAll(key, ".", "/")), value+"\n")
	}
	const name = "etc/sysctl.d/60-twtop.conf"
	file(name, "net.ipv4.ip_local_port_range = 20000 30000\n")
	host := tune.New(tune.Config{Space: filed{filepath.Join(root, "proc")}, StateDir: filepath.Join(root, "state"), Root: root,
		Who: sysctl.Who{User: "root"}})
	r := &diagnosis.Report{
		Snapshot: &source.Snapshot{Kind: source.KindLive},
		Findings: []diagnosis.Finding{{ID: diagnosis.PortExhaustion, Remedies: []diagnosis.Remedy{
			{Kind: diagnosis.RemedySysctl, Key: sysctl.TWReuse, Value: "1"}}}},
	}
	plan, err := host.Plan(t.Context(), r, source.PortSet{})
	if err != nil {
		t.Fatal(err)
	}
	again := func(command string) string { return "twtop sysctl " + command + " --persist --yes" }
	return &planned{tuned: &tuned{host: host, again: again}, report: r, plan: plan}, filepath.Join(root, name)
}

// TestPersistIsShownBefore: what --persist would write, and to which file, is
// told without --yes, and with it just before; both tell of what is written.
func TestPersistIsShownBefore(t *testing.T) {
	p, dropIn := filedPlan(t)
	was, err := os.ReadFile(dropIn)
	if err != nil {
		t.Fatal(err)
	}
	var before, after strings.Builder
	if err := p.showLasting(&before, true); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(dropIn); err != nil || string(now) != string(was) {
		t.Fatalf("the drop-in is %q now, %v", now, err)
	}
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	shown := "--persist writes to " + dropIn + ", which is read at each boot: net.ipv4.ip_local_reserved_ports = 8080 net.ipv4.tcp_tw_reuse = 1 " +
		"net.ipv4.ip_local_port_range = 10240 65535 (instead of 20000 30000)"
	if got := flat(before.String()); !strings.Contains(got, shown) || !strings.Contains(got, "Nothing was written: `twtop sysctl apply --persist --yes`") {
		t.Errorf("%q is not in\n%s", shown, before.String())
	}
	if err := p.apply(t.Context(), &after, true); err != nil {
		t.Fatal(err)
	}
	told, done := strings.Index(flat(after.String()), shown), strings.Index(flat(after.String()), "net.ipv4.tcp_tw_reuse (file)")
	if told < 0 || done < told {
		t.Errorf("%d and %d:\n%s", told, done, after.String())
	}
	lines := func(text string) (out []string) {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "  net.") {
				out = append(out, line)
			}
		}
		return out
	}
	if a, b := strings.Join(lines(before.String()), ""), strings.Join(lines(after.String()), ""); a != b || a == "" {
		t.Errorf("shown first:\n%sthen:\n%s", a, b)
	}
}

// TestNothingToPersist: no apply, nothing ticked.
func TestNothingToPersist(t *testing.T) {
	p, _ := filedPlan(t)
	p.plan.Items = nil
	var out strings.Builder
	if err := p.showLasting(&out, true); err != nil || !strings.HasSuffix(out.String(), "Nothing to persist: there is no apply in the journal whose values hold now.\n") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}
