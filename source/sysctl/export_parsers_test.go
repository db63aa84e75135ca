package sysctl

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// decodeYAML reads exactly one YAML document, and refuses fields that into lacks.
func decodeYAML(t *testing.T, text string, into any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		t.Fatalf("more than one document (%v) in\n%s", err, text)
	}
}

// incidentValues is what every export of the incident sets.
var incidentValues = map[string]string{
	LocalReservedPorts: "8080,11211,30000-32767", LocalPortRange: "10240 65535", Timestamps: "1", TWReuse: "1",
}

func sameValues(t *testing.T, where string, got, want map[string]string) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s sets %v, want %v", where, got, want)
	}
}

// sysctlConf reads a file as sysctl.d(5) says: comments, blank lines and
// assignments, nothing else.
func sysctlConf(t *testing.T, text string) map[string]string {
	t.Helper()
	got := map[string]string{}
	assignment := regexp.MustCompile(`^([a-z0-9_.-]+) = ([0-9][0-9 ,-]*)$`)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%q is no line of sysctl.d", line)
		}
		got[m[1]] = m[2]
	}
	return got
}

func TestSysctlDIsRead(t *testing.T) {
	text := exportText(t, limitsPlan(t), FormatSysctlD, metaOf(""))
	sameValues(t, "sysctl.d", sysctlConf(t, text), incidentValues)
	if len(sysctlConf(t, exportText(t, Plan{}, FormatSysctlD, metaOf("")))) != 0 {
		t.Error("the empty plan sets something")
	}
	tool, err := exec.LookPath("sysctl")
	if err != nil {
		absentTool(t, "sysctl of procps", err)
	}
	file := filepath.Join(t.TempDir(), "60-twtop.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "--dry-run", "-p", file).CombinedOutput()
	if err != nil {
		t.Skipf("sysctl --dry-run is not to be had here (procps 4 has it): %v: %s", err, out)
	}
	sameValues(t, "sysctl --dry-run", sysctlConf(t, string(out)), incidentValues)
}

// absentTool skips a test that a tool of the system is missing for; in CI it
// must be there.
func absentTool(t *testing.T, name string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("no %s: %v", name, err)
	}
	t.Skipf("no %s here: %v", name, err)
}

// TestSysctlDIsLoaded loads the file in a network namespace of its own, and
// reads back what the kernel made of it.
func TestSysctlDIsLoaded(t *testing.T) {
	args := []string{"--net"}
	if os.Getuid() != 0 {
		args = append(args, "--user", "--map-root-user")
	}
	if out, err := exec.Command("unshare", append(args, "sysctl", "--version")...).CombinedOutput(); err != nil {
		absentTool(t, "unshare with sysctl", fmt.Errorf("%w: %s", err, out))
	}
	file := filepath.Join(t.TempDir(), "60-twtop.conf")
	if err := os.WriteFile(file, []byte(exportText(t, incidentPlan(t), FormatSysctlD, metaOf(""))), 0o600); err != nil {
		t.Fatal(err)
	}
	script := `set -e
echo 0 >/proc/sys/net/ipv4/tcp_timestamps
sysctl -q -p "$0"
sysctl -q -p "$0"
for k in ip_local_reserved_ports ip_local_port_range tcp_timestamps tcp_tw_reuse; do
	echo "net.ipv4.$k = $(tr '\t' ' ' </proc/sys/net/ipv4/$k)"
done`
	out, err := exec.Command("unshare", append(args, "sh", "-c", script, file)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	sameValues(t, "the kernel", sysctlConf(t, string(out)), incidentValues)
}

type ebConfig struct {
	Files map[string]struct {
		Mode, Owner, Group, Content string
	}
	Commands map[string]struct {
		Command string
	}
}

func TestEBExtensionsIsRead(t *testing.T) {
	var c ebConfig
	decodeYAML(t, exportText(t, limitsPlan(t), FormatEBExtensions, metaOf("")), &c)
	for path, f := range c.Files {
		if f.Mode != "000644" || f.Owner != "root" || f.Group != "root" || !strings.HasSuffix(f.Content, "\n") {
			t.Errorf("%s: %+v", path, f)
		}
	}
	sameValues(t, "the file of ebextensions", sysctlConf(t, c.Files[sysctlFile].Content), incidentValues)
	if got := c.Files["/etc/systemd/system/nginx.service.d/60-twtop.conf"].Content; got != "[Service]\nLimitNOFILE=131072\n" {
		t.Errorf("the drop-in is %q", got)
	}
	if got := c.Files[limitsFile].Content; got != "www-data - nofile 65536\nnode - nofile 4096\n" {
		t.Errorf("limits.d is %q", got)
	}
	if len(c.Files) != 3 || len(c.Commands) != 2 {
		t.Errorf("%d files, %d commands", len(c.Files), len(c.Commands))
	}
	runTwice(t, c)
	decodeYAML(t, exportText(t, Plan{}, FormatEBExtensions, metaOf("")), &c)

	var inner ebConfig
	decodeYAML(t, exportText(t, insidePlan(t), FormatEBExtensions, metaOf("inside")), &inner)
	if got := inner.Commands["60_twtop_sysctl"].Command; got != "sysctl -e -p "+sysctlFile {
		t.Errorf("with conntrack's keys, the command is %q", got)
	}
}

// runTwice makes the files and runs the commands as a deployment does, twice:
// the second changes nothing. sysctl and systemctl are stubs that record how
// they were called, and sysctl's file must be there and readable.
func runTwice(t *testing.T, c ebConfig) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		absentTool(t, "bash", err)
	}
	root, bin := t.TempDir(), t.TempDir()
	stub := "#!/bin/sh\necho \"$(basename \"$0\") $*\" >>\"$ROOT/calls\"\n" +
		"case $(basename \"$0\") in sysctl) for f; do :; done; cp \"$ROOT$f\" \"$ROOT/loaded\";; esac\n"
	for _, name := range []string{"sysctl", "systemctl"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(stub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	deploy := func() string {
		for path, f := range c.Files {
			if err := errors.Join(os.MkdirAll(filepath.Dir(root+path), 0o700), os.WriteFile(root+path, []byte(f.Content), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		_ = os.Remove(filepath.Join(root, "calls"))
		for _, name := range slices.Sorted(maps.Keys(c.Commands)) {
			cmd := exec.Command(bash, "-euc", c.Commands[name].Command)
			cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "ROOT=" + root}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", name, err, out)
			}
		}
		calls, _ := os.ReadFile(filepath.Join(root, "calls"))
		loaded, _ := os.ReadFile(filepath.Join(root, "loaded"))
		return string(calls) + string(loaded)
	}
	first, second := deploy(), deploy()
	if first != second || !strings.HasPrefix(first, "sysctl -p "+sysctlFile+"\nsystemctl daemon-reload\n") {
		t.Errorf("two deployments did:\n%s\nand:\n%s", first, second)
	}
}

type playbook []struct {
	Name, Hosts string
	Become      bool
	GatherFacts bool `yaml:"gather_facts"`
	Tasks       []struct {
		Name, Notify string
		Sysctl       *struct {
			Name, Value, State string
			File               string `yaml:"sysctl_file"`
			Set                bool   `yaml:"sysctl_set"`
			Reload             bool
		} `yaml:"ansible.posix.sysctl"`
		File *struct{ Path, State, Owner, Group, Mode string }   `yaml:"ansible.builtin.file"`
		Copy *struct{ Dest, Content, Owner, Group, Mode string } `yaml:"ansible.builtin.copy"`
		PAM  *struct {
			Dest, Domain, Value string
			Type                string `yaml:"limit_type"`
			Item                string `yaml:"limit_item"`
		} `yaml:"community.general.pam_limits"`
	}
	Handlers []struct {
		Name    string
		Systemd struct {
			Reload bool `yaml:"daemon_reload"`
		} `yaml:"ansible.builtin.systemd"`
	}
}

func TestAnsibleIsRead(t *testing.T) {
	var b playbook
	decodeYAML(t, exportText(t, limitsPlan(t), FormatAnsible, metaOf("")), &b)
	if len(b) != 1 || b[0].Hosts != "web-3" || !b[0].Become {
		t.Fatalf("%+v", b)
	}
	got, limits := map[string]string{}, map[string]string{}
	for _, task := range b[0].Tasks {
		switch {
		case task.Sysctl != nil:
			if s := task.Sysctl; s.File != sysctlFile || s.State != "present" || !s.Reload || !s.Set {
				t.Errorf("%+v", s)
			}
			got[task.Sysctl.Name] = task.Sysctl.Value
		case task.Copy != nil:
			limits[task.Copy.Dest] = task.Copy.Content
			if task.Notify != b[0].Handlers[0].Name || !b[0].Handlers[0].Systemd.Reload {
				t.Errorf("%q is handled by %+v", task.Notify, b[0].Handlers)
			}
		case task.PAM != nil:
			limits[task.PAM.Domain] = task.PAM.Type + task.PAM.Item + task.PAM.Value
		}
	}
	sameValues(t, "ansible", got, incidentValues)
	sameValues(t, "ansible's limits", limits, map[string]string{
		"/etc/systemd/system/nginx.service.d/60-twtop.conf": "[Service]\nLimitNOFILE=131072\n",
		"www-data": "-nofile65536", "node": "-nofile4096"})
	decodeYAML(t, exportText(t, Plan{}, FormatAnsible, metaOf("")), &b)
	for _, name := range []string{"", "all", "*", "a:b", "!web", "{{ x }}", "-x"} {
		decodeYAML(t, exportText(t, Plan{}, FormatAnsible, ExportMeta{Host: name}), &b)
		if b[0].Hosts != "localhost" {
			t.Errorf("the host %q became %q", name, b[0].Hosts)
		}
	}
}

type podPatch struct {
	Spec *struct {
		Template struct {
			Spec struct {
				SecurityContext struct {
					Sysctls []struct{ Name, Value string }
				} `yaml:"securityContext"`
			}
		}
	}
}

func podValues(t *testing.T, text string) map[string]string {
	t.Helper()
	var p podPatch
	decodeYAML(t, text, &p)
	got := map[string]string{}
	if p.Spec != nil {
		for _, s := range p.Spec.Template.Spec.SecurityContext.Sysctls {
			got[s.Name] = s.Value
		}
	}
	return got
}

func TestKubernetesIsRead(t *testing.T) {
	text := exportText(t, limitsPlan(t), FormatKubernetes, metaOf(""))
	sameValues(t, "the patch", podValues(t, text), map[string]string{
		LocalReservedPorts: "8080,11211,30000-32767", LocalPortRange: "10240 65535"})
	if !strings.Contains(text, "'10240 65535'") || !strings.Contains(text, "--allowed-unsafe-sysctls="+Timestamps+","+TWReuse) {
		t.Errorf("the range is not quoted, or the unsafe keys are not named:\n%s", text)
	}
	off := regexp.MustCompile(`(?m)^( *)# (- name: net|  value: ')`)
	sameValues(t, "the patch with the unsafe keys", podValues(t, off.ReplaceAllString(text, "$1$2")), incidentValues)

	text = exportText(t, unsafePlan(t), FormatKubernetes, metaOf(""))
	sameValues(t, "the patch of unsafe keys only", podValues(t, text), map[string]string{})
	off = regexp.MustCompile(`(?m)^# ( *(spec|template|securityContext|sysctls):$|  +(- name: net|  value: '))`)
	text = strings.TrimSuffix(off.ReplaceAllString(text, "$1"), "{}\n")
	sameValues(t, "that patch with its # gone", podValues(t, text), map[string]string{TWReuse: "1"})

	text = exportText(t, insidePlan(t), FormatKubernetes, metaOf("inside"))
	sameValues(t, "the inner plan", podValues(t, text), map[string]string{LocalReservedPorts: "9000", LocalPortRange: "10240 65535"})
	if !strings.Contains(text, "#     net.netfilter.nf_conntrack_max = 262144") {
		t.Errorf("the node's key is lost:\n%s", text)
	}
	sameValues(t, "the empty plan", podValues(t, exportText(t, Plan{}, FormatKubernetes, metaOf(""))), map[string]string{})
}

// TestSafeKeysAreKnown: only keys of the catalogue that a namespace owns.
func TestSafeKeysAreKnown(t *testing.T) {
	for name := range kubeletSafe {
		if k := catalogued(t, name); k.Scope != ScopeNetNS {
			t.Errorf("%s is the host's", name)
		}
	}
	for _, name := range []string{TWReuse, Timestamps, MaxTWBuckets, "net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"} {
		if _, ok := kubeletSafe[name]; ok {
			t.Errorf("%s is not in the kubelet's safe set", name)
		}
	}
}

type compose struct {
	Services map[string]struct {
		Sysctls map[string]string
		Ulimits struct {
			NoFile struct{ Soft, Hard uint64 } `yaml:"nofile"`
		}
	}
}

func TestDockerIsRead(t *testing.T) {
	var c compose
	text := exportText(t, limitsPlan(t), FormatDocker, metaOf(""))
	decodeYAML(t, text, &c)
	sameValues(t, "compose", c.Services["app"].Sysctls, incidentValues)
	if n := c.Services["app"].Ulimits.NoFile; n.Soft != 131072 || n.Hard != 131072 {
		t.Errorf("nofile is %+v", n)
	}
	sameValues(t, "docker run", dockerRunValues(t, text), incidentValues)

	c = compose{}
	text = exportText(t, insidePlan(t), FormatDocker, metaOf("inside"))
	decodeYAML(t, text, &c)
	if _, ok := c.Services["app"].Sysctls["net.netfilter.nf_conntrack_max"]; ok || !strings.Contains(text, "# No container can set these") {
		t.Errorf("the host's key is a container's:\n%s", text)
	}
	c = compose{}
	decodeYAML(t, exportText(t, Plan{}, FormatDocker, metaOf("")), &c)
	if len(c.Services) != 0 {
		t.Errorf("the empty plan has services: %v", c.Services)
	}
}

// dockerRunValues lets bash take the command of the comments apart.
func dockerRunValues(t *testing.T, text string) map[string]string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		absentTool(t, "bash", err)
	}
	_, script, _ := strings.Cut(text, "#     docker run")
	script, _, _ = strings.Cut("#     docker run"+script, "services:")
	script = "docker() { printf '%s\\n' \"$@\"; }\n" + strings.ReplaceAll(script, "#  ", "")
	if out, err := exec.Command(bash, "-n", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(bash, "-euc", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	args, got := strings.Split(strings.TrimSpace(string(out)), "\n"), map[string]string{}
	for i, arg := range args {
		if arg == "--sysctl" {
			key, value, _ := strings.Cut(args[i+1], "=")
			got[key] = value
		}
	}
	if args[0] != "run" || args[len(args)-1] != "IMAGE" || !slices.Contains(args, "nofile=131072:131072") {
		t.Errorf("docker is run as %q", args)
	}
	return got
}
