package sysctl

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// world is a namespace with a guard over its kernel.
type world struct {
	*netnstest.NS
	t    *testing.T
	dir  string
	keys []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{NS: netnstest.New(t), t: t, dir: t.TempDir(), keys: Names()}
	w.Set(Timestamps, "0")
	w.Set(LocalReservedPorts, "8080,9000-9010")
	return w
}

// guardIn is a guard over the kernel of the thread that calls it.
func guardIn(dir string) *Guard {
	return &Guard{Kernel: Proc{"/proc"}, State: State{Dir: dir + "/state"}, DropIn: DropIn{Root: dir},
		Place: Place{BootID: "this", Cookie: 1}, Who: Who{User: "root"}, Now: time.Now}
}

// values are all keys of the catalogue as they are in the namespace.
func (w *world) values() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	var errs []error
	w.Do(func() {
		for _, key := range w.keys {
			v, ok, err := Proc{"/proc"}.Read(key)
			if ok {
				out[key] = v
			}
			errs = append(errs, err)
		}
	})
	if err := errors.Join(errs...); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) plan() Plan {
	w.t.Helper()
	f := Facts{Values: w.values(), Needs: []Need{{Key: LocalPortRange, Finding: "port-exhaustion"}}, Root: true}
	f.Holders.Listening = portsOf("11211")
	return NewPlan(f)
}

func (w *world) apply(p Plan) {
	w.t.Helper()
	var err error
	w.Do(func() { _, err = guardIn(w.dir).Apply(w.t.Context(), p) })
	if err != nil {
		w.t.Fatal(err)
	}
}

// undo puts back all that the journal has.
func (w *world) undo() {
	w.t.Helper()
	var err error
	w.Do(func() {
		g := guardIn(w.dir)
		var u UndoPlan
		for u, err = g.PlanUndo(); err == nil && !u.Empty(); u, err = g.PlanUndo() {
			if _, err = g.Undo(w.t.Context(), u); err != nil {
				return
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) holds(when string, want map[string]string) {
	w.t.Helper()
	if got := w.values(); !maps.Equal(got, want) {
		for key := range want {
			if got[key] != want[key] {
				w.t.Errorf("%s: %s is %q, want %q", when, key, got[key], want[key])
			}
		}
	}
}

const (
	envJob  = "TWTOP_TEST_JOB" // apply or undo
	envDir  = "TWTOP_TEST_DIR"
	envKill = "TWTOP_TEST_KILL" // the step at which the process kills itself
)

// TestChild is no test but the process that the tests kill.
func TestChild(t *testing.T) {
	job := os.Getenv(envJob)
	if job == "" {
		t.Skip("not a child")
	}
	g := guardIn(os.Getenv(envDir))
	steps, deadly := 0, mustInt(t, os.Getenv(envKill))
	g.Step = func(name string) error {
		if steps++; steps == deadly {
			fmt.Println("killed at", name)
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	var err error
	switch job {
	case "apply":
		w := world{t: t, keys: Names()}
		_, err = g.Apply(t.Context(), w.planHere())
	case "undo":
		var u UndoPlan
		if u, err = g.PlanUndo(); err == nil {
			_, err = g.Undo(t.Context(), u)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func mustInt(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// planHere is plan for a process that is in the namespace as a whole.
func (w *world) planHere() Plan {
	f := Facts{Values: map[string]string{}, Needs: []Need{{Key: LocalPortRange, Finding: "port-exhaustion"}}, Root: true}
	for _, key := range w.keys {
		if v, ok, err := (Proc{"/proc"}).Read(key); ok && err == nil {
			f.Values[key] = v
		}
	}
	f.Holders.Listening = portsOf("11211")
	return NewPlan(f)
}

// child runs a job in the namespace and kills it at a step. It reports whether
// the job got that far.
func (w *world) child(job string, step int) (killed bool) {
	w.t.Helper()
	var out []byte
	var err error
	w.Do(func() {
		c := exec.Command(os.Args[0], "-test.run=^TestChild$")
		c.Env = append(os.Environ(), envJob+"="+job, envDir+"="+w.dir, envKill+"="+strconv.Itoa(step))
		out, err = c.CombinedOutput()
	})
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		w.t.Fatalf("%s, step %d: %v\n%s", job, step, err, out)
	}
	return false
}

const maxSteps = 100

// TestKilledApply kills an apply at each of its steps. Whatever it had written,
// a twtop that starts afterwards puts back.
func TestKilledApply(t *testing.T) {
	w := newWorld(t)
	before := w.values()
	for step := 1; step < maxSteps; step++ {
		if !w.child("apply", step) {
			if step < 10 {
				t.Errorf("an apply has only %d steps", step-1)
			}
			w.undo()
			w.holds("after an apply that nobody killed", before)
			return
		}
		w.undo()
		w.holds(fmt.Sprintf("killed at step %d", step), before)
	}
	t.Error("the apply does not end")
}

// TestKilledUndo kills an undo at each of its steps; another one ends it.
func TestKilledUndo(t *testing.T) {
	w := newWorld(t)
	before := w.values()
	for step := 1; step < maxSteps; step++ {
		w.apply(w.plan())
		killed := w.child("undo", step)
		w.undo()
		w.holds(fmt.Sprintf("undo killed at step %d", step), before)
		if !killed {
			if step < 8 {
				t.Errorf("an undo has only %d steps", step-1)
			}
			return
		}
	}
	t.Error("the undo does not end")
}

// TestKilledHoldsNoLock: the apply after a killed one is not kept out.
func TestKilledHoldsNoLock(t *testing.T) {
	w := newWorld(t)
	before := w.values()
	if !w.child("apply", 6) {
		t.Fatal("not killed")
	}
	p := w.plan()
	w.apply(p)
	w.undo()
	w.holds("killed, applied, undone twice", before)
}

// TestUnsureIsSaid: what a killed apply was about to write.
func TestUnsureIsSaid(t *testing.T) {
	w := newWorld(t)
	for step := 1; step < maxSteps; step++ {
		if !w.child("apply", step) {
			t.Fatal("there was never anything to undo")
		}
		var u UndoPlan
		var err error
		w.Do(func() { u, err = guardIn(w.dir).PlanUndo() })
		if err != nil {
			t.Fatal(err)
		}
		if !u.Empty() {
			if !u.Items[0].Unsure || !strings.HasPrefix(u.Items[0].Key, "net.ipv4.") {
				t.Errorf("%+v", u)
			}
			return
		}
	}
}
