package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

// toOutput is `twtop sysctl` with its output to a file.
func (l *lab) toOutput(out *os.File, words ...string) (stderr string, code int) {
	l.t.Helper()
	c := l.command("", slices.Concat([]string{program(l.t), "sysctl"}, words, []string{"--netns", l.Path()})...)
	var b bytes.Buffer
	c.Stdout, c.Stderr = out, &b
	if exit := (*exec.ExitError)(nil); !errors.As(c.Run(), &exit) {
		l.t.Errorf("%q: it should have failed", words)
	}
	return b.String(), c.ProcessState.ExitCode()
}

// TestApplyWithoutOutput: what --yes asks for is done, whether anybody reads of
// it or not, and the exit code says that nobody could.
func TestApplyWithoutOutput(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	read, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]*os.File{"full": full, "pipe": pipe} {
		if stderr, code := l.toOutput(out, "apply", "--yes", sysctl.TWReuse); code != exitFailed {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
		if got := l.Get(sysctl.TWReuse); got != "1" {
			t.Errorf("%s: tcp_tw_reuse is %s", name, got)
		}
		if stderr, code := l.toOutput(out, "undo", "--yes"); code != exitFailed {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
		l.holds(name, before)
	}
}

// TestReservePlan: --reserve is done without a finding, beside a key as well,
// and not where no port would be left.
func TestReservePlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words []string
		want  string
	}{
		"alone":        {[]string{"--reserve", "7777"}, "7777,8080,9000-9010"},
		"beside a key": {[]string{sysctl.TWReuse, "--reserve", "7778"}, "7778,8080,9000-9010"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			before := l.values()
			out := l.must(append([]string{"apply", "--yes"}, c.words...)...)
			if got := l.Get(sysctl.LocalReservedPorts); got != c.want {
				t.Errorf("reserved: %s", got)
			}
			if want := "twtop sysctl undo --netns " + l.Path() + " --yes"; !strings.Contains(out, want) {
				t.Errorf("no %q in\n%s", want, out)
			}
			l.must("undo", "--yes")
			l.holds("undone", before)
		})
	}
}

// TestReserveRefused: nothing is written then.
func TestReserveRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	var all sync.WaitGroup
	for want, words := range map[string][]string{
		"0 of the 480 ports of the range 61000–61479 would be left": {sysctl.LocalReservedPorts, "--reserve", "61000-61479"},
		"would be left":        {"--reserve", "1-65535"},
		"twtop runs read-only": {sysctl.TWReuse, "--read-only"},
	} {
		c := l.command("", slices.Concat([]string{program(t), "sysctl", "apply", "--yes", "--netns", l.Path()}, words)...)
		all.Go(func() {
			if e, err := run1(c); err != nil || e.code != exitFailed || !strings.Contains(e.err, want) {
				t.Errorf("%q: exit code %d, %v: %s", words, e.code, err, e.err)
			}
		})
	}
	all.Wait()
	if out := l.must("apply", "--yes"); !strings.Contains(out, "nothing is ticked") {
		t.Errorf("%s", out)
	}
	l.holds("refused", before)
}

// TestApplyInterrupted: a signal in the middle of a change is no broken-off look.
func TestApplyInterrupted(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%w; put back: net.ipv4.tcp_tw_reuse", context.Canceled), "twtop: interrupted; put back: net.ipv4.tcp_tw_reuse"},
		{fmt.Errorf("%w; what is left can still be undone", context.Canceled), "twtop: interrupted; what is left can still be undone"},
		{context.Canceled, "twtop: interrupted before the look was complete"},
		{errRefusedHere, "twtop: refused"},
	} {
		if line, code := explain(nil, failure{interrupted(c.err)}); line != c.want || code != exitFailed {
			t.Errorf("%q, exit code %d; want %q", line, code, c.want)
		}
	}
}

var errRefusedHere = errors.New("refused")

func TestKeysNamedShort(t *testing.T) {
	if err := knownKeys(nil, []string{"tcp_tw_reuse"}); err == nil || !strings.Contains(err.Error(), "did you mean net.ipv4.tcp_tw_reuse?") {
		t.Error(err)
	}
	if err := knownKeys(nil, []string{"panic"}); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Error(err)
	}
}
