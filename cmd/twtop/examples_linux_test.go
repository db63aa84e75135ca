package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestExamplesRun runs the examples that end by themselves, as a shell does, in a
// namespace of their own. What they call besides twtop is played where it would
// leave the host, or is not on every one.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("each sysctl example looks for a second")
	}
	l := newLab(t)
	l.SetRange(32768, 60999)
	bin := t.TempDir()
	for name, script := range map[string]string{
		"sudo": `exec "$@"`, "k6": `exit 0`, "less": `exec cat`, "jq": `exec cat`, "pgrep": `echo $PPID`,
		"ssh": `shift; exec "$@"`, "ss": `printf 'State Recv-Q Send-Q Local:Port Peer:Port\nESTAB 0 0 127.0.0.1:40000 127.0.0.1:80\n'`,
		"twtop": `exec '` + program(t) + `' "$@"`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	ran := 0
	walk(newRoot(), func(cmd *cobra.Command) {
		for _, line := range exampleLines(cmd) {
			if !endsByItself(line) {
				continue
			}
			ran++
			t.Run(line, func(t *testing.T) {
				c := l.command("", "nsenter", "--net="+l.Path(), "bash", "-o", "pipefail", "-c", line)
				c.Dir = folder
				c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+folder)
				e, err := run1(c)
				if err != nil || e.code != exitDone || e.err != "" {
					t.Errorf("%v, exit code %d\n%s%s", err, e.code, e.out, e.err)
				}
			})
		}
	})
	if ran < 15 {
		t.Errorf("only %d examples were run", ran)
	}
}

// endsByItself leaves out screens and recordings, what needs a recording or a
// folder of the reader's, and the drop-in of the host.
func endsByItself(line string) bool {
	for _, call := range callsOf(line) {
		if len(call) == 0 || !strings.Contains(" snapshot check wait sysctl explain config completion version ", " "+call[0]+" ") {
			return false
		}
	}
	for _, word := range []string{"--at ", "--persist", "~/", "$fpath"} {
		if strings.Contains(line, word) {
			return false
		}
	}
	return true
}
