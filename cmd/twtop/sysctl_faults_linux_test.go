package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

// child is the command line as a process that does not get past a step, in the
// way that childEnv says.
func (l *lab) child(how string, words ...string) *exec.Cmd {
	l.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	c := l.command("", slices.Concat([]string{exe, "sysctl"}, words, []string{"--netns", l.Path()})...)
	c.Env = append(os.Environ(), childEnv+"="+stepPrefix+how)
	return c
}

// fewestSteps an apply of four keys has, and more than it may have.
const fewestSteps, mostSteps = 10, 20

var fourKeys = []string{"--yes", sysctl.TWReuse, sysctl.LocalPortRange}

// TestKilled kills an apply at each of its steps, and then an undo at each of
// its own: the next undo puts everything back.
func TestKilled(t *testing.T) {
	t.Parallel()
	labs := make([]*lab, mostSteps)
	before := make([]map[string]string, mostSteps)
	for i := range labs {
		labs[i] = newLab(t)
		labs[i].Listen("127.0.0.1:11211") // to be reserved
		before[i] = labs[i].values()
	}
	for _, job := range []string{"apply", "undo"} {
		words := append([]string{job}, fourKeys...)
		if job == "undo" {
			words = words[:2]
			together(t, labs, func(_ int, l *lab) (ended, error) {
				return run1(l.command("", append([]string{program(t), "sysctl", "apply", "--netns", l.Path()}, fourKeys...)...))
			})
		}
		got := together(t, labs, func(i int, l *lab) (ended, error) {
			return run1(l.child(strconv.Itoa(i+1)+" kill", words...))
		})
		killed := 0
		for i, e := range got {
			if e.code == -1 {
				killed++
			} else if e.code != exitDone {
				t.Errorf("%s, step %d: exit code %d\n%s", job, i+1, e.code, e.err)
			}
			labs[i].must("undo", "--yes")
			labs[i].holds(job+" killed at step "+strconv.Itoa(i+1), before[i])
		}
		t.Logf("%s: %d steps", job, killed)
		if killed < fewestSteps || killed == mostSteps {
			t.Errorf("%s was killed at %d steps", job, killed)
		}
	}
}

// together runs a command in each lab at the same time.
func together(t *testing.T, labs []*lab, do func(int, *lab) (ended, error)) []ended {
	t.Helper()
	out, errs := make([]ended, len(labs)), make([]error, len(labs))
	var all sync.WaitGroup
	for i, l := range labs {
		all.Go(func() { out[i], errs[i] = do(i, l) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// waiting is an apply that waits at its first step, with the lock in its hand.
type waiting struct {
	l    *lab
	dir  string
	done chan ended
}

func (l *lab) waiting() *waiting {
	l.t.Helper()
	w := &waiting{l: l, dir: l.t.TempDir(), done: make(chan ended, 1)}
	c := l.child("1 wait "+w.dir, append([]string{"apply"}, fourKeys...)...)
	go func() {
		e, err := run1(c)
		if err != nil {
			e.err = err.Error()
		}
		w.done <- e
	}()
	if !exists(filepath.Join(w.dir, reachedFile)) {
		l.t.Fatal("the apply does not begin")
	}
	return w
}

func (w *waiting) goOn() ended {
	writeFile(w.l.t, filepath.Join(w.dir, goFile), "")
	return <-w.done
}

// TestTwoAtOnce: while one twtop changes sysctls no other does.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	w := l.waiting()
	l.fails(l.twtop("apply", "--yes", sysctl.TWReuse), "another twtop is changing sysctls now")
	l.holds("while another one is at it", before)
	if e := w.goOn(); e.code != exitDone {
		t.Errorf("the first one: exit code %d\n%s", e.code, e.err)
	}
	if got := l.Get(sysctl.TWReuse); got != "1" {
		t.Errorf("tcp_tw_reuse is %s", got)
	}
	l.must("undo", "--yes")
	l.holds("undone", before)
}

// TestChangedMeanwhile: somebody sets a value between the plan and the write.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	want := l.values()
	w := l.waiting()
	l.Set(sysctl.TWReuse, "2")
	want[sysctl.TWReuse] = "2"
	e := w.goOn()
	l.fails(e, `somebody else set it to "2" meanwhile`)
	if !strings.Contains(e.err, "put back: net.ipv4.tcp_timestamps") {
		t.Errorf("it does not say what was put back: %s", e.err)
	}
	l.holds("after the failure", want)
	if out := l.must("undo"); !strings.Contains(out, "Nothing to undo") {
		t.Errorf("%s", out)
	}
}

// TestRefusals: where nothing can be written the plan is shown, nothing is
// written, and one line says what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.values()
	const readOnly = `mount --bind %s %s && mount -o remount,ro,bind %s && `
	ro := func(dir string) string { return strings.ReplaceAll(readOnly, "%s", dir) }
	bin := program(t)
	if err := os.Chmod(filepath.Dir(bin), 0o755); err != nil {
		t.Fatal(err)
	}
	apply := []string{bin, "sysctl", "apply", "--yes", sysctl.TWReuse}

	e := l.endsInside(l.command(ro("/proc/sys"), apply...))
	l.fails(e, "twtop sysctl export --as docker")
	if !strings.Contains(e.out, "tcp_tw_reuse              0 → 1") {
		t.Errorf("no plan:\n%s", e.out)
	}
	e = l.endsInside(l.command(ro("/var/lib"), apply...))
	l.fails(e, "there is no journal")

	nobody := exec.Command(apply[0], append(apply[1:], "--reserve", "8081")...)
	nobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	e = l.endsInside(nobody)
	l.fails(e, "sudo "+bin+" sysctl apply net.ipv4.tcp_tw_reuse --reserve 8081 --yes")
	if !strings.Contains(e.out, "tcp_tw_reuse              0 → 1") || !strings.Contains(e.out, "only root may write sysctls") {
		t.Errorf("no plan:\n%s", e.out)
	}
	nobody = exec.Command(bin, "sysctl", "undo")
	nobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	l.fails(l.endsInside(nobody), "sudo "+bin+" sysctl undo --yes")
	l.holds("refused", before)
}
