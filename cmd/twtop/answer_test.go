package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// TestAnswering: whatever goes wrong in a command whose exit codes answer a
// question, its code is the one for "unknown", and what it answers is kept.
func TestAnswering(t *testing.T) {
	for name, c := range map[string]struct {
		do   func() error
		args []string
		line string
		code int
	}{
		"answer":          {func() error { return ending{code: 2} }, nil, "", 2},
		"answer with why": {func() error { return ending{failure{errors.New("not in time")}, exitFailed} }, nil, "twtop: not in time", exitFailed},
		"failure":         {func() error { return fmt.Errorf("open: %w", os.ErrPermission) }, nil, "twtop: open: permission denied", exitUnknown},
		"usage within":    {func() error { return usagef("--free 0") }, nil, "twtop: --free 0; see ask --help", exitUnknown},
		"flag":            {nil, []string{"--nope"}, "twtop: unknown flag: --nope; see ask --help", exitUnknown},
		"argument":        {nil, []string{"more"}, `twtop: unknown command "more" for "ask"; see ask --help`, exitUnknown},
		"reader is gone":  {func() error { return syscall.EPIPE }, nil, "", exitUnknown},
		"bug":             {func() error { panic(defect) }, nil, "twtop: panic: " + defect, exitUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := answering(&cobra.Command{
				Use: "ask", Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
				RunE: func(*cobra.Command, []string) error { return c.do() },
			}, untold)
			cmd.SetArgs(append([]string{}, c.args...))
			line, code := explain(cmd, cmd.Execute())
			line, _, _ = strings.Cut(line, "\n") // of a bug, the trace
			if line != c.line || code != c.code {
				t.Errorf("%q and %d, want %q and %d", line, code, c.line, c.code)
			}
		})
	}
}
