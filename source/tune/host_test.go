package tune

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// fakeSpace is a procfs of files.
type fakeSpace struct {
	proc string
	gone error
}

func (f fakeSpace) Within(fn func(string)) error {
	if f.gone == nil {
		fn(f.proc)
	}
	return f.gone
}

func (fakeSpace) Host() source.Host {
	return source.Host{BootID: "this", Cookie: 7, NetNS: "net:[1]", Kernel: "6.18.0"}
}

// world is a host of files: its procfs, its /etc and its state directory.
type world struct {
	t    *testing.T
	root string
	Config
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, root: t.TempDir()}
	for key, value := range map[string]string{
		sysctl.LocalPortRange: "32768\t60999", sysctl.LocalReservedPorts: "", sysctl.Timestamps: "1",
		sysctl.TWReuse: "0", sysctl.MaxOrphans: "65536", sysctl.UnprivilegedStart: "1024",
	} {
		w.set(key, value)
	}
	w.Config = Config{Space: fakeSpace{proc: filepath.Join(w.root, "proc")}, StateDir: filepath.Join(w.root, "state"),
		Root: w.root, Who: sysctl.Who{User: "root", Sudo: "alice"}, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	return w
}

func (w *world) file(name, content string) {
	w.t.Helper()
	name = filepath.Join(w.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) set(key, value string) {
	w.t.Helper()
	w.file(filepath.Join("proc/sys", strings.ReplaceAll(key, ".", "/")), value+"\n")
}

func (w *world) get(key string) string {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.root, "proc/sys", strings.ReplaceAll(key, ".", "/")))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// short is a report of a host that has no port left; what it was read with is
// no longer so.
func short() *diagnosis.Report {
	return &diagnosis.Report{
		Snapshot: &source.Snapshot{Kind: source.KindLive, Sysctls: map[string]string{sysctl.TWReuse: "2"}},
		Findings: []diagnosis.Finding{{ID: diagnosis.PortExhaustion, Remedies: []diagnosis.Remedy{
			{Kind: diagnosis.RemedySysctl, Key: sysctl.TWReuse, Value: "1"}}}},
	}
}

func (w *world) plan(h *Host) sysctl.Plan {
	w.t.Helper()
	p, err := h.Plan(w.t.Context(), short(), source.PortSet{})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// TestThereAndBack: plan, apply, persist and undo, and what they leave.
func TestThereAndBack(t *testing.T) {
	w := newWorld(t)
	w.file("etc/sysctl.d/99-late.conf", "net.ipv4.tcp_tw_reuse = 2\n")
	h := New(w.Config)
	p := w.plan(h)
	if got := p.Item(sysctl.TWReuse).Now; got != "0" {
		t.Errorf("the plan shows %q, not what the kernel has", got)
	}
	if _, err := h.Apply(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if a, b := w.get(sysctl.TWReuse), w.get(sysctl.LocalPortRange); a != "1" || b != "10240 65535" {
		t.Errorf("tcp_tw_reuse is %q, the range %q", a, b)
	}
	l, err := h.PlanPersist(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	res, err := h.Persist(t.Context(), p, l)
	if err != nil || len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0], "/etc/sysctl.d/99-late.conf is read after") {
		t.Errorf("persisted: %+v, %v", res, err)
	}
	u, err := h.PlanUndo(t.Context())
	if err != nil || u.Who.Sudo != "alice" || len(u.Lines) == 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := New(w.Config).Undo(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if a, b := w.get(sysctl.TWReuse), w.get(sysctl.LocalPortRange); a != "0" || b != "32768 60999" {
		t.Errorf("tcp_tw_reuse is %q, the range %q", a, b)
	}
	if _, err := os.Stat(filepath.Join(w.root, "etc/sysctl.d/60-twtop.conf")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the drop-in: %v", err)
	}
	if _, err := h.PlanUndo(t.Context()); !errors.Is(err, sysctl.ErrNothingToUndo) || errors.Is(err, ErrNotRoot) {
		t.Errorf("a second undo: %v", err)
	}
}

// TestRefusals: who may not write is told what to do, and nothing is written.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		want   string
	}{
		"not root":  {func(w *world) { w.EUID = 1000 }, "sudo twtop sysctl apply --yes"},
		"sudo line": {func(w *world) { w.EUID, w.Sudo = 1000, func(c string) string { return "doas it " + c } }, "doas it apply"},
		"read-only": {func(w *world) { w.ReadOnly = true }, "twtop runs read-only"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			h := New(w.Config)
			p := w.plan(h)
			if !strings.Contains(p.Refused, c.want) || len(p.Chosen()) == 0 {
				t.Errorf("refused for %q, %d to write", p.Refused, len(p.Chosen()))
			}
			if _, err := h.Apply(t.Context(), p); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("apply: %v", err)
			}
			p.Refused, p.PersistRefused = "", "" // a plan that was made elsewhere
			_, errs := h.Apply(t.Context(), p)
			_, undo := h.Undo(t.Context(), sysctl.UndoPlan{ID: "x"})
			_, persist := h.Persist(t.Context(), p, sysctl.PersistPlan{})
			if errs == nil || undo == nil || persist == nil {
				t.Errorf("%v, %v, %v", errs, undo, persist)
			}
			if _, err := os.Stat(w.StateDir); !errors.Is(err, os.ErrNotExist) || w.get(sysctl.TWReuse) != "0" {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

// TestUndoOfNobody: who is not root has no journal, and is told so.
func TestUndoOfNobody(t *testing.T) {
	w := newWorld(t)
	w.EUID = 1000
	_, err := New(w.Config).PlanUndo(t.Context())
	if !errors.Is(err, ErrNotRoot) || !errors.Is(err, sysctl.ErrNothingToUndo) || !strings.Contains(err.Error(), "sudo twtop sysctl undo --yes") {
		t.Error(err)
	}
}

// TestEnded: the look at the namespace has ended.
func TestEnded(t *testing.T) {
	w := newWorld(t)
	gone := errors.New("it has ended")
	w.Space = fakeSpace{gone: gone}
	h := New(w.Config)
	_, plan := h.Plan(t.Context(), short(), source.PortSet{})
	_, undo := h.PlanUndo(t.Context())
	_, apply := h.Apply(t.Context(), sysctl.Plan{})
	if !errors.Is(plan, gone) || !errors.Is(undo, gone) || !errors.Is(apply, gone) {
		t.Error(plan, undo, apply)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(newWorld(t).Config).Plan(ctx, short(), source.PortSet{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestContainer: a container's /etc/sysctl.d is read by nobody.
func TestContainer(t *testing.T) {
	w := newWorld(t)
	if p := w.plan(New(w.Config)); p.PersistRefused != "" {
		t.Errorf("on a host: %q", p.PersistRefused)
	}
	for _, mark := range marks {
		w := newWorld(t)
		w.file(mark, "")
		if p := w.plan(New(w.Config)); !strings.Contains(p.PersistRefused, "container") {
			t.Errorf("with %s: %q", mark, p.PersistRefused)
		}
	}
	for ns, want := range map[string]bool{firstPIDNS: false, "pid:[4026532201]": true} {
		w := newWorld(t)
		w.file("proc/self/ns/x", "")
		if err := os.Symlink(ns, filepath.Join(w.root, "proc/self/ns/pid")); err != nil {
			t.Skip(err)
		}
		if got := container(w.root, filepath.Join(w.root, "proc")); got != want {
			t.Errorf("in %s: %v", ns, got)
		}
	}
}

// TestKubelet: NodePorts are kept where one runs, or its port is taken.
func TestKubelet(t *testing.T) {
	kept := func(w *world, r *diagnosis.Report) bool {
		p, err := New(w.Config).Plan(t.Context(), r, source.PortSet{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(p.Item(sysctl.LocalReservedPorts).Want, "30000-32767")
	}
	w := newWorld(t)
	w.file("proc/12/comm", "kubectl\n")
	if kept(w, short()) {
		t.Error("kept without a kubelet")
	}
	for _, name := range []string{"kubelet", "k3s-server"} {
		w.file("proc/13/comm", name+"\n")
		if !kept(w, short()) {
			t.Errorf("not kept with %s", name)
		}
	}
	r := short()
	r.Snapshot.Listeners = []source.Listener{{Port: kubeletPort}}
	if !kept(newWorld(t), r) {
		t.Error("not kept with the kubelet's port taken")
	}
	r.Snapshot.Listeners[0].Gone = true
	if kept(newWorld(t), r) {
		t.Error("kept where the kubelet went away")
	}
}
