package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
)

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		line string
		code int
	}{
		{"usage", errors.New("unknown flag: --x"), "twtop: unknown flag: --x; see twtop --help", exitUsage},
		{"usage within a command", usagef("bad %d", 1), "twtop: bad 1; see twtop --help", exitUsage},
		{"failure", failure{errors.New("open sock_diag: no")}, "twtop: open sock_diag: no", exitFailed},
		{"failure of several lines", failure{errors.New("a\nb\x1b[31m")}, "twtop: a b", exitFailed},
		{"reader went away", failure{&os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}}, "", exitFailed},
		{"interrupted", failure{fmt.Errorf("dump: %w", context.Canceled)}, "twtop: interrupted before the look was complete", exitFailed},
		{"several suggestions", errors.New("unknown command \"s\" for \"twtop\"\n\nDid you mean this?\n\tsnapshot\n\tversion\n"),
			`twtop: unknown command "s" for "twtop"; did you mean snapshot or version?; see twtop --help`, exitUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			if line, code := explain(newRoot(), c.err); line != c.line || code != c.code {
				t.Errorf("%q and %d, want %q and %d", line, code, c.line, c.code)
			}
		})
	}
}

func TestExplainBug(t *testing.T) {
	line, code := explain(newRoot(), failure{&source.PanicError{Value: "x", Stack: []byte("goroutine 1\n\tmain.go:1")}})
	if code != exitFailed || !strings.HasPrefix(line, "twtop: ") || !strings.Contains(line, "\ngoroutine 1\n\tmain.go:1") {
		t.Errorf("%q and %d", line, code)
	}
}

func TestDoesTurnsPanicsIntoFailures(t *testing.T) {
	err := does(func(*cobra.Command, []string) error { panic("in the look") })(nil, nil)
	line, code := explain(newRoot(), err)
	if code != exitFailed || !strings.Contains(line, "in the look") || !strings.Contains(line, "failure_test.go") {
		t.Errorf("%q and %d, want the trace and %d", line, code, exitFailed)
	}
}

func TestDoesKeepsUsage(t *testing.T) {
	wrong := usagef("wrong")
	if err := does(func(*cobra.Command, []string) error { return wrong })(nil, nil); err != wrong {
		t.Errorf("%v became %v", wrong, err)
	}
	var f failure
	if err := does(func(*cobra.Command, []string) error { return os.ErrNotExist })(nil, nil); !errors.As(err, &f) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a failure became %v", err)
	}
}
