package source_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/359a26c5/twtop"

// mayImport is which packages of this module each of them may import. What is
// not listed here may not exist.
var mayImport = map[string][]string{
	"source":             {},
	"source/inetdiag":    {"source"},
	"source/procnet":     {"source"},
	"source/capture":     {"source"},
	"source/textdump":    {"source", "source/procnet"},
	"source/sysctl":      {"source"},
	"source/explain":     {},
	"source/diagnosis":   {"source", "source/sysctl"},
	"source/report":      {"source", "source/diagnosis", "source/sysctl"},
	"source/live":        {"source", "source/inetdiag", "source/procnet", "source/live/thread"},
	"source/live/thread": {},
	"source/tune":        {"source", "source/live", "source/procnet", "source/sysctl", "source/diagnosis"},
	"fixtures":           {},
	"ui":                 {"source", "source/diagnosis", "source/sysctl", "source/explain", "ui/noquery"},
	"ui/noquery":         {},
	"cmd/twtop": {"source", "source/live", "source/capture", "source/textdump", "source/diagnosis",
		"source/sysctl", "source/tune", "source/report", "source/explain", "fixtures", "ui"},
}

// stdOnly may import nothing from outside this module but the standard library.
var stdOnly = []string{"source", "source/diagnosis", "source/sysctl", "source/explain", "fixtures"}

// pure packages have no kernel, network, file or environment to reach for;
// syscall they may have, for its error numbers.
var (
	pure     = []string{"source", "source/inetdiag", "source/diagnosis"}
	outwards = []string{"net", "net/http", "os", "os/exec", "os/signal", "unsafe", "golang.org/x/sys/unix"}
)

// reaching are packages that talk to other hosts: none may import them, since
// twtop sends nothing anywhere. Of net only the arithmetic of addresses is taken.
func reaching(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return first == "net" && imported != "net/netip" || imported == "crypto/tls" || imported == "log/syslog"
}

// violation says which rule an import of pkg, a path inside this module, breaks, "" for none.
func violation(pkg, imported string) string {
	allowed, ok := mayImport[pkg]
	if !ok {
		return pkg + " is not known to the import rule: say in mayImport what it may import"
	}
	own, inside := strings.CutPrefix(imported, module+"/")
	std := !strings.Contains(strings.Split(imported, "/")[0], ".")
	base := path.Base(imported)
	switch {
	case base == "testing" || strings.HasSuffix(base, "test"):
		return fmt.Sprintf("%s imports %s, which is for tests", pkg, imported)
	case reaching(imported):
		return fmt.Sprintf("%s imports %s, and nothing is sent anywhere", pkg, imported)
	case inside && !slices.Contains(allowed, own):
		return fmt.Sprintf("%s imports %s, and may import only %v of this module", pkg, own, allowed)
	case !inside && !std && slices.Contains(stdOnly, pkg):
		return fmt.Sprintf("%s imports %s, and may import the standard library only", pkg, imported)
	case slices.Contains(pure, pkg) && slices.Contains(outwards, imported):
		return fmt.Sprintf("%s imports %s, and must not reach outwards", pkg, imported)
	}
	return ""
}

// TestImportsPointOneWay reads every Go file, whatever system it is for.
func TestImportsPointOneWay(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 2 && d.Name()[0] == '.'):
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		pkg, err := filepath.Rel("..", filepath.Dir(file))
		if err != nil || strings.HasSuffix(pkg, "test") { // a kit for tests
			return err
		}
		for _, imported := range importsOf(t, file) {
			seen++
			if v := violation(filepath.ToSlash(pkg), imported); v != "" {
				t.Errorf("%s: %s", file, v)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Errorf("only %d imports were found", seen)
	}
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatalf("%s: import %s: %v", file, spec.Path.Value, err)
		}
		out = append(out, imported)
	}
	return out
}

func TestViolation(t *testing.T) {
	const own = module + "/"
	for _, c := range []struct {
		pkg, imported string
		wrong         bool
	}{
		{"source", "time", false},
		{"source", "golang.org/x/sys/unix", true},
		{"source", own + "source/inetdiag", true},
		{"source/inetdiag", own + "source", false},
		{"source/inetdiag", own + "source/procnet", true},
		{"source/inetdiag", "os", true},
		{"source/live", own + "source/procnet", false},
		{"source/live", own + "source/diagnosis", true},
		{"source/diagnosis", own + "source/sysctl", false},
		{"source/diagnosis", own + "source/live", true},
		{"source/sysctl", own + "source/diagnosis", true},
		{"ui", own + "source/diagnosis", false},
		{"ui", own + "source/live", true},
		{"ui", own + "source/report", true},
		{"ui", "github.com/charmbracelet/bubbletea", false},
		{"cmd/twtop", own + "source/live", false},
		{"cmd/twtop", own + "source/live/netnstest", true},
		{"cmd/twtop", "testing", true},
		{"ui", "testing/iotest", true},
		{"ui", "github.com/charmbracelet/x/exp/teatest", true},
		{"source/newcomer", "time", true},
		{"source", "net/netip", false},
		{"cmd/twtop", "net", true},
		{"cmd/twtop", "net/http", true},
		{"source/live", "crypto/tls", true},
	} {
		if v := violation(c.pkg, c.imported); (v != "") != c.wrong {
			t.Errorf("%s → %s: %q", c.pkg, c.imported, v)
		}
	}
}

// outgoing are the calls that a socket without package net would talk with; the
// netlink socket has those of package netlink, and Sendto to the kernel.
var outgoing = regexp.MustCompile(`\b(unix|syscall)\.(Connect|Sendmsg|SendmsgN|SendmsgBuffers|Sendfile)\(`)

// TestNothingIsSentAnywhere: no file of twtop's connects a socket to anything.
func TestNothingIsSentAnywhere(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		kit := strings.HasSuffix(filepath.Dir(file), "test")
		if err != nil || d.IsDir() || kit || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(file)
		if seen++; err == nil && outgoing.Match(text) {
			t.Errorf("%s: %s", file, outgoing.Find(text))
		}
		return err
	})
	if err != nil || seen < 50 {
		t.Errorf("%d files read: %v", seen, err)
	}
	if !outgoing.MatchString("unix.Connect(fd, sa)") || outgoing.MatchString("unix.Socket(a, b, c)") {
		t.Error("the pattern is wrong")
	}
}
