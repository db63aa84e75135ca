package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/ui"
)

// childEnv makes the test binary play another program.
const childEnv = "TWTOP_TEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		if step, ok := strings.CutPrefix(what, stepPrefix); ok {
			os.Exit(stepped(step))
		}
		os.Exit(defective(what))
	}
	moreAtOnce()
	code := m.Run()
	removeProgram()
	os.Exit(code)
}

// moreAtOnce runs more tests in parallel than there are processors, unless
// -parallel says how many: they wait for programs and the kernel, not for those.
func moreAtOnce() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
}

const defect = "a defect made for the test"

// defective shows a screen of which something panics, soon after it began.
func defective(what string) int {
	o := ui.Options{Source: &faulty{panics: what == "panic in the source"}, Theme: "dark"}
	if what == "panic in the screen" {
		calls := 0
		o.Now = func() time.Time {
			if calls++; calls > 20 {
				panic(defect)
			}
			return time.Now()
		}
	}
	if err := ui.Run(context.Background(), o); err != nil {
		line, code := explain(newRoot(), failure{err})
		fmt.Fprintln(os.Stderr, line)
		return code
	}
	return exitDone
}

// faulty is a Source that panics at the second look, if it is told to.
type faulty struct {
	panics bool
	reads  int
}

func (f *faulty) Read(context.Context) (*source.Snapshot, error) {
	if f.reads++; f.panics && f.reads > 1 {
		panic(defect)
	}
	return &source.Snapshot{Kind: source.KindLive, Range: source.DefaultPortRange, Host: source.Host{Name: "faulty"}}, nil
}

func (f *faulty) Close() error { return nil }

// builtProgram is the program itself, built as a user builds it: the test
// binary links more, and so initialises in another order.
var builtProgram = sync.OnceValues(func() (string, error) {
	programBuilt = true
	dir, err := os.MkdirTemp("", "twtop-test-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "twtop")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return name, errors.Join(err)
})

var programBuilt bool

func program(t testing.TB) string {
	t.Helper()
	name, err := builtProgram()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func removeProgram() {
	if programBuilt {
		name, _ := builtProgram()
		_ = os.RemoveAll(filepath.Dir(name))
	}
}

// TestScripts runs the command lines in testdata/script.
func TestScripts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts need a Bourne shell")
	}
	bin := filepath.Dir(program(t))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv("TERM", "xterm-256color")
			return nil
		},
	})
}
