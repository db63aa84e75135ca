package explain

import (
	"encoding/xml"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// snippet is code between two fences, with the language that the first names.
type snippet struct{ page, language, code string }

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func snippets(t *testing.T, language string) []snippet {
	t.Helper()
	var out []snippet
	for _, p := range Pages() {
		text, err := files.ReadFile("pages/" + p.ID + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
			if m[1] == language || language == "" {
				out = append(out, snippet{p.ID, m[1], m[2]})
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no page has any %s", language)
	}
	return out
}

// Code without a language could not be checked.
func TestSnippetsNameTheirLanguage(t *testing.T) {
	known := []string{"apache", "c", "conf", "go", "haproxy", "ini", "java", "js", "nginx", "php", "python", "sh", "xml", "yaml"}
	for _, s := range snippets(t, "") {
		if !slices.Contains(known, s.language) {
			t.Errorf("%s: language %q:\n%s", s.page, s.language, s.code)
		}
	}
	for _, p := range Pages() {
		text, _ := files.ReadFile("pages/" + p.ID + ".md")
		if n := strings.Count("\n"+string(text), "\n```"); n != 2*len(fenced.FindAll(text, -1)) {
			t.Errorf("%s: %d fences, of which some name no language", p.ID, n)
		}
	}
}

func TestGoSnippets(t *testing.T) {
	for _, s := range snippets(t, "go") {
		formatted, err := format.Source([]byte(s.code)) // declarations or statements
		if err != nil {
			t.Errorf("%s: %v\n%s", s.page, err, s.code)
		} else if string(formatted) != s.code {
			t.Errorf("%s: gofmt makes of it\n%s", s.page, formatted)
		}
	}
}

func TestMarkupSnippets(t *testing.T) {
	for _, s := range snippets(t, "yaml") {
		if err := yaml.Unmarshal([]byte(s.code), new(map[string]any)); err != nil {
			t.Errorf("%s: %v\n%s", s.page, err, s.code)
		}
	}
	for _, s := range snippets(t, "xml") {
		if err := xml.Unmarshal([]byte(s.code), new(struct{})); err != nil {
			t.Errorf("%s: %v\n%s", s.page, err, s.code)
		}
	}
}

// TestSnippetsOfOthers lets each language's own program read the code, without
// running it, where there is one.
func TestSnippetsOfOthers(t *testing.T) {
	for _, c := range []struct {
		language, suffix string
		command          []string
	}{
		{"sh", "", []string{"sh", "-n"}},
		{"python", "", []string{"python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())"}},
		{"js", ".js", []string{"node", "--check"}},
		{"php", ".php", []string{"php", "-l"}},
	} {
		t.Run(c.language, func(t *testing.T) {
			if _, err := exec.LookPath(c.command[0]); err != nil {
				t.Skipf("there is no %s here", c.command[0])
			}
			for i, s := range snippets(t, c.language) {
				file := filepath.Join(t.TempDir(), fmt.Sprint(i, c.suffix))
				if err := os.WriteFile(file, []byte(s.code), 0o600); err != nil {
					t.Fatal(err)
				}
				if out, err := exec.Command(c.command[0], append(c.command[1:], file)...).CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s\n%s", s.page, err, out, s.code)
				}
			}
		})
	}
}

func TestNginxSnippets(t *testing.T) {
	if _, err := exec.LookPath("nginx"); err != nil {
		t.Skip("there is no nginx here")
	}
	for _, s := range snippets(t, "nginx") {
		dir := t.TempDir()
		file := filepath.Join(dir, "nginx.conf")
		if err := os.WriteFile(file, []byte(nginxConfig(s.code, dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("nginx", "-t", "-p", dir, "-c", file, "-e", filepath.Join(dir, "error.log")).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", s.page, err, out, s.code)
		}
	}
}

// nginxConfig puts code where it belongs, with what it takes for granted.
func nginxConfig(code, dir string) string {
	main := "pid " + dir + "/pid; error_log " + dir + "/error.log;\n"
	if strings.HasPrefix(code, "worker_") {
		return main + code + "http {}\n"
	}
	http := "access_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		http += kind + "_temp_path " + dir + "/" + kind + ";\n"
	}
	if strings.Contains(code, "http://app") && !strings.Contains(code, "upstream app") {
		http += "upstream app { server 127.0.0.1:4001; }\n"
	}
	if strings.HasPrefix(code, "proxy_set_header") {
		code = "map $http_upgrade $connection_upgrade { default upgrade; }\nserver { location / {\n" + code + "} }\n"
	}
	return main + "events {}\nhttp {\n" + http + code + "}\n"
}

// forbidden is advice that is given often and harms or does nothing.
var forbidden = []struct {
	what    string
	except  string // the page where it is right
	pattern *regexp.Regexp
}{
	{"tcp_fin_timeout rules no TIME-WAIT", "fin-wait2-pileup", regexp.MustCompile(`tcp_fin_timeout\s*=`)},
	{"tcp_tw_recycle breaks clients behind NAT", "", regexp.MustCompile(`tcp_tw_recycle\s*=\s*[^0]`)},
	{"fewer tcp_max_tw_buckets are no cure", "", regexp.MustCompile(`tcp_max_tw_buckets\s*=\s*\d{1,5}\b`)},
	{"timestamps are needed", "", regexp.MustCompile(`tcp_timestamps\s*=\s*0`)},
	{"a range below 10,000 takes the ports of services", "", regexp.MustCompile(`ip_local_port_range\s*=\s*"?\d{1,4}\s`)},
	{"tcp_tw_reuse=2 covers loopback only", "", regexp.MustCompile(`sysctl -w \S*tcp_tw_reuse=2`)},
	{"keepalive probes after 0 s are nonsense", "", regexp.MustCompile(`tcp_keepalive_time\s*=\s*0`)},
}

func TestSnippetsAdviseNoFolklore(t *testing.T) {
	for _, s := range snippets(t, "") {
		for _, f := range forbidden {
			if f.pattern.MatchString(s.code) && s.page != f.except {
				t.Errorf("%s: %s:\n%s", s.page, f.what, s.code)
			}
		}
	}
}

// myths are said often and are not so.
var myths = regexp.MustCompile(`(?i)28,?231|65,?535 (connections|ports)|(lower|reduce|shorten)\w* (the )?(tcp_fin_timeout|time[-_]wait)|` +
	`time[-_]wait (only )?(happens|is) on clients|reuse\w* (helps|for) incoming|pods? inherits?`)

func TestPagesTellNoMyth(t *testing.T) {
	for _, p := range Pages() {
		text := strings.Join(p.Lines(1<<20), "\n")
		if m := myths.FindString(text); m != "" {
			t.Errorf("%s says %q", p.ID, m)
		}
	}
}

// Who widens the range must have heard of what listens in it.
func TestWideningNamesTheReservedPorts(t *testing.T) {
	for _, p := range Pages() {
		text := strings.Join(p.Lines(1<<20), "\n")
		if strings.Contains(text, `ip_local_port_range="`) && !strings.Contains(text, "reserved first") &&
			!strings.Contains(text, "ip_local_reserved_ports=") {
			t.Errorf("%s widens the range and reserves nothing", p.ID)
		}
	}
}
