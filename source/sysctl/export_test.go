package sysctl

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var updateExports = flag.Bool("update-exports", false, "rewrite testdata/export-*")

func catalogued(t *testing.T, name string) Key {
	t.Helper()
	k, ok := Lookup(name)
	if !ok {
		t.Fatalf("%s is not in the catalogue", name)
	}
	return k
}

func changeOf(t *testing.T, name, now, want string, ticked bool) Item {
	t.Helper()
	return Item{Key: catalogued(t, name), Now: now, Known: true, Want: want, Ticked: ticked,
		Why: "What " + name + " does, in a sentence that is long enough to be broken at the eightieth column.", Risk: "none known"}
}

// incidentPlan is what an nginx in front of a backend needs on a default host
// whose timestamps somebody turned off.
func incidentPlan(t *testing.T) Plan {
	t.Helper()
	p := Plan{Items: []Item{
		changeOf(t, LocalReservedPorts, "8080", "8080,11211,30000-32767", true),
		changeOf(t, LocalPortRange, "32768\t60999", "10240\t65535", true),
		changeOf(t, Timestamps, "0", "1", true),
		changeOf(t, TWReuse, "0", "1", true),
		changeOf(t, MaxTWBuckets, "131072", "262144", false), // not ticked
		changeOf(t, FinTimeout, "60", "60", true),            // no change
	}, Notes: []string{"Services that are down now are no listeners: reserve their ports too."}}
	p.Items[3].Effect = "enough: 28,118/s are borne, 640/s wanted"
	p.Items[3].Warnings = []string{"TIME-WAITs made without timestamps must still run out: 60 s."}
	absent := changeOf(t, TWRecycle, "", "0", false)
	absent.Known, absent.Refused = false, "there is no such key here"
	p.Items = append(p.Items, absent)
	return p
}

func limitsPlan(t *testing.T) Plan {
	t.Helper()
	p := incidentPlan(t)
	p.Limits = []Limit{{Unit: "nginx.service", User: "www-data", NoFile: 65536}, {User: "node", NoFile: 4096}, {Unit: "nginx.service", NoFile: 131072}, {Unit: "nginx.service", NoFile: 1024}}
	return p
}

// insidePlan is a plan made in a container: its /proc/sys is read-only, and it
// asks for keys that are the host's.
func insidePlan(t *testing.T) Plan {
	t.Helper()
	p := Plan{Items: []Item{
		changeOf(t, LocalReservedPorts, "9000", "9000", false), // there already
		changeOf(t, LocalPortRange, "32768\t60999", "10240\t65535", true),
		changeOf(t, "net.core.somaxconn", "128", "4096", true),
		changeOf(t, "net.netfilter.nf_conntrack_max", "65536", "262144", true),
		changeOf(t, "net.netfilter.nf_conntrack_tcp_timeout_time_wait", "120", "60", true),
	}}
	p.Refused = "/proc/sys is read-only here"
	p.Items[3].Ticked, p.Items[3].Refused, p.Items[3].Finding = false, "it holds for the whole host: set it there", "conntrack-full"
	return p
}

// pastedPlan is made from text that does not tell the values now.
func pastedPlan(t *testing.T) Plan {
	t.Helper()
	p := Plan{Refused: "a replay", Items: []Item{changeOf(t, Timestamps, "", "1", true), changeOf(t, TWReuse, "", "1", true)}}
	p.Items[0].Known, p.Items[1].Known = false, false
	return p
}

// unsafePlan needs nothing that a pod may set unasked.
func unsafePlan(t *testing.T) Plan {
	t.Helper()
	return Plan{Items: []Item{changeOf(t, TWReuse, "0", "1", true)}}
}

func exportPlans(t *testing.T) map[string]Plan {
	return map[string]Plan{"incident": incidentPlan(t), "limits": limitsPlan(t), "inside": insidePlan(t),
		"unsafe": unsafePlan(t), "pasted": pastedPlan(t), "empty": {}, "only-user": {Limits: []Limit{{User: "node", NoFile: 4096}}},
		"unowned": {Limits: []Limit{{NoFile: 4096}}}}
}

func metaOf(name string) ExportMeta {
	m := ExportMeta{Host: "web-3", Kernel: "6.18.44", Version: "1.0.0", Made: time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)}
	if name == "inside" {
		m.NetNS = "net:[4026532001]"
	}
	return m
}

func exportText(t *testing.T, p Plan, f Format, m ExportMeta) string {
	t.Helper()
	var b bytes.Buffer
	if err := Export(&b, p, f, m); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return b.String()
}

func TestExportGolden(t *testing.T) {
	for name, p := range exportPlans(t) {
		for _, f := range Formats() {
			got := exportText(t, p, f, metaOf(name))
			file := filepath.Join("testdata", "export-"+name+"."+string(f))
			if *updateExports {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is not what is exported:\n%s", file, got)
			}
		}
	}
}

func TestExportLinesFit(t *testing.T) {
	for name, p := range exportPlans(t) {
		for _, f := range Formats() {
			for n, line := range strings.Split(exportText(t, p, f, metaOf(name)), "\n") {
				comment := strings.HasPrefix(strings.TrimSpace(line), "# ") && !strings.Contains(line, "#     ")
				// A block inside YAML is indented by 6 on top of its own 80.
				if comment && utf8.RuneCountInString(line) > commentWidth+6 {
					t.Errorf("%s as %s, line %d has %d cells: %q", name, f, n+1, utf8.RuneCountInString(line), line)
				}
				if strings.TrimRight(line, " ") != line || strings.ContainsAny(line, "\t\r\x1b") {
					t.Errorf("%s as %s, line %d: %q", name, f, n+1, line)
				}
			}
		}
	}
}

func TestExportSelects(t *testing.T) {
	for _, f := range Formats() {
		got := exportText(t, incidentPlan(t), f, metaOf(""))
		for _, want := range []string{LocalReservedPorts, "8080,11211,30000-32767", LocalPortRange, "10240 65535", Timestamps, TWReuse} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", f, want)
			}
		}
		for _, not := range []string{"262144", TWRecycle, FinTimeout} {
			if strings.Contains(got, not) {
				t.Errorf("%s says %q, which is not ticked, absent or no change", f, not)
			}
		}
		if got := exportText(t, insidePlan(t), f, metaOf("inside")); !strings.Contains(got, "9000") {
			t.Errorf("%s widens the range without the reservations that are there", f)
		}
		p := insidePlan(t)
		p.Items[1].Ticked = false
		if got := exportText(t, p, f, metaOf("inside")); strings.Contains(got, "9000") {
			t.Errorf("%s keeps reservations that nothing needs", f)
		}
		if got := exportText(t, pastedPlan(t), f, metaOf("")); !strings.Contains(got, TWReuse) {
			t.Errorf("%s leaves out what a capture does not tell the value of", f)
		}
		if got := exportText(t, insidePlan(t), f, metaOf("inside")); !strings.Contains(got, "nf_conntrack_max") {
			t.Errorf("%s leaves out what only the host can set", f)
		}
		p = insidePlan(t)
		p.Items[3].Finding = ""
		if got := exportText(t, p, f, metaOf("inside")); strings.Contains(got, "nf_conntrack_max") {
			t.Errorf("%s sets a key of the host that nothing asks for", f)
		}
		if got := exportText(t, Plan{}, f, metaOf("")); !strings.Contains(got, "# The plan changes no sysctl") {
			t.Errorf("%s does not say that it is empty", f)
		}
	}
}

// TestExportUnowned: a limit whose owner is not known is told, not lost.
func TestExportUnowned(t *testing.T) {
	for _, f := range Formats() {
		if got := exportText(t, Plan{Limits: []Limit{{NoFile: 4096}}}, f, metaOf("")); !strings.Contains(got, "4096") {
			t.Errorf("%s does not tell of the limit:\n%s", f, got)
		}
	}
}

func TestExportRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Plan){
		"a newline":            func(p *Plan) { p.Items[0].Want = "1\nkernel.core_pattern = |/tmp/x" },
		"a newline at the end": func(p *Plan) { p.Items[0].Want = "1\n" },
		"a quote":              func(p *Plan) { p.Items[0].Want = "1'" },
		"an escape":            func(p *Plan) { p.Items[0].Want = "1\x1b[2J" },
		"a word":               func(p *Plan) { p.Items[0].Want = "{{ lookup }}" },
		"nothing":              func(p *Plan) { p.Items[0].Want = "" },
		"a blank in front":     func(p *Plan) { p.Items[0].Want = " 1" },
		"a page and more":      func(p *Plan) { p.Items[0].Want = strings.Repeat("1", maxList+1) },
		"out of bounds":        func(p *Plan) { p.Items[3].Want = "7" },
		"a port too high":      func(p *Plan) { p.Items[0].Want = "65536" },
		"a key only read":      func(p *Plan) { p.Items[5].Want = "30" },
		"a foreign key":        func(p *Plan) { p.Items[0].Key.Name = "kernel.core_pattern" },
		"a unit with a path":   func(p *Plan) { p.Limits = []Limit{{Unit: "../x.service", NoFile: 1}} },
		"a unit with a line":   func(p *Plan) { p.Limits = []Limit{{Unit: "x.service\n", NoFile: 1}} },
		"a scope":              func(p *Plan) { p.Limits = []Limit{{Unit: "session-1.scope", NoFile: 1}} },
		"a user with a line":   func(p *Plan) { p.Limits = []Limit{{User: "a\n* - nofile 1", NoFile: 1}} },
		"all users":            func(p *Plan) { p.Limits = []Limit{{User: "*", NoFile: 1}} },
		"no files at all":      func(p *Plan) { p.Limits = []Limit{{User: "a"}} },
	} {
		for _, f := range Formats() {
			p := incidentPlan(t)
			spoil(&p)
			var b bytes.Buffer
			if err := Export(&b, p, f, metaOf("")); err == nil || b.Len() > 0 {
				t.Errorf("%s as %s: %v, %d bytes", name, f, err, b.Len())
			} else if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%s as %s: the error is %q", name, f, err)
			}
		}
	}
}

// TestExportHostileWords holds that no text of a plan leaves its comment.
func TestExportHostileWords(t *testing.T) {
	const bad = "x\nnet.ipv4.tcp_tw_recycle = 1\r\n---\n`{\"Ref\": \"AWS::StackId\"}` \x1b[2J\u2028spec: {{ x }}"
	p := incidentPlan(t)
	for i := range p.Items {
		p.Items[i].Why, p.Items[i].Risk, p.Items[i].Effect, p.Items[i].Warnings = bad, bad, bad, []string{bad}
	}
	p.Notes = []string{bad}
	m := ExportMeta{Host: bad, Kernel: bad, NetNS: bad, Version: bad}
	for _, f := range Formats() {
		for line := range strings.Lines(exportText(t, p, f, m)) {
			text := strings.TrimSpace(line)
			if strings.Contains(text, "recycle") && !strings.HasPrefix(text, "# ") || strings.ContainsAny(text, "`\x1b\r\u2028") {
				t.Errorf("%s: %q", f, line)
			}
		}
		if f != FormatSysctlD {
			decodeYAML(t, exportText(t, p, f, m), new(any))
		}
	}
}

func TestExportErrors(t *testing.T) {
	err := Export(io.Discard, Plan{}, "puppet", ExportMeta{})
	if err == nil || !strings.Contains(err.Error(), `"puppet"`) || !strings.Contains(err.Error(), "sysctl.d, ebextensions, ansible, kubernetes, docker") {
		t.Errorf("an unknown format: %v", err)
	}
	if err := Export(brokenWriter{}, incidentPlan(t), FormatDocker, ExportMeta{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken pipe: %v", err)
	}
	for _, f := range Formats() {
		if f.Summary() == "" {
			t.Errorf("%s has no summary", f)
		}
	}
	if Format("puppet").Summary() != "" {
		t.Error("an unknown format has a summary")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
