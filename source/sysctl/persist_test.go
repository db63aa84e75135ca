package sysctl

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// toPersist plans and persists.
func (b *bench) toPersist(p Plan) (Result, error) {
	l, err := b.PlanPersist()
	if err != nil {
		return Result{}, err
	}
	return b.Persist(p, l)
}

func (b *bench) persist(p Plan) Result {
	b.t.Helper()
	r, err := b.toPersist(p)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) conf() string {
	b.t.Helper()
	data, err := os.ReadFile(b.DropIn.Path())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.t.Fatal(err)
	}
	return string(data)
}

func (b *bench) writeConf(file, text string) {
	b.t.Helper()
	if err := os.MkdirAll(b.root+"/etc/sysctl.d", 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.root+"/etc/"+file, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// TestPlanPersistAfter is what PlanPersist is after the apply, and where
// there is nothing to apply it is PlanPersist.
func TestPlanPersistAfter(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.writeConf("sysctl.d/60-twtop.conf", "net.ipv4.tcp_tw_reuse = 2\n")
	first, err := b.PlanPersistAfter(&p)
	if err != nil || len(b.kernel.writes) != 0 {
		t.Fatalf("%v, wrote %q", err, b.kernel.writes)
	}
	b.apply(p)
	then, err := b.PlanPersist()
	if err != nil || len(first.Lines) != 4 || !slices.Equal(first.Lines, then.Lines) {
		t.Errorf("%+v, then %+v, %v", first.Lines, then.Lines, err)
	}
	again, err := b.PlanPersistAfter(new(Plan))
	if now, wrong := b.PlanPersist(); err != nil || wrong != nil || !slices.Equal(again.Lines, now.Lines) || again.ID != now.ID {
		t.Errorf("%+v and %+v, %v, %v", again, now, err, wrong)
	}
}

func TestPersistAndUndo(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	if b.conf() != "" {
		t.Fatal("an apply that was not asked to persist wrote a file")
	}
	b.persist(p)
	c := parseConf(b.conf())
	for _, s := range c.stanzas {
		if len(s.above) != 1 || !strings.HasPrefix(s.above[0], "# ") {
			t.Errorf("%s is not explained: %q", s.key, s.above)
		}
	}
	want := LocalReservedPorts + "=8080,11211 " + Timestamps + "=1 " + TWReuse + "=1 " + LocalPortRange + "=10240 65535"
	if got := b.confKeys(); got != want || !strings.HasPrefix(b.conf(), confHeader) {
		t.Errorf("%s\n%s", got, b.conf())
	}
	if u := b.planned(); len(u.Lines) != 4 || len(u.Items) != 4 {
		t.Errorf("%+v", u)
	}
	b.undo()
	b.holds(before)
	if _, err := os.Stat(b.DropIn.Path()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v\n%s", err, b.conf())
	}
	if !b.plannedIsEmpty() {
		t.Error("there is more to undo")
	}
	if n := strings.Count(b.auditLog(), "in=file"); n != 8 {
		t.Errorf("%d audit lines for the file:\n%s", n, b.auditLog())
	}
}

func TestPersistMerges(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	mine := confHeader + "\n\n# why\nnet.ipv4.tcp_tw_reuse = 2\n\n# somebody's own\nvm.swappiness = 1\n# the end\n"
	b.writeConf("sysctl.d/60-twtop.conf", mine)
	b.apply(p)
	b.persist(p)
	text := b.conf()
	for _, want := range []string{"net.ipv4.tcp_tw_reuse = 1\n", "# somebody's own\nvm.swappiness = 1\n", "# the end\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "= 2\n") {
		t.Errorf("two lines for one key:\n%s", text)
	}
	again := b.persist(p)
	for _, d := range again.Done {
		if d.Outcome != OutcomeUnchanged {
			t.Errorf("%+v", d)
		}
	}
	b.undo()
	c := parseConf(b.conf())
	if v, _ := c.value(TWReuse); v != "2" || len(c.stanzas) != 2 || len(c.rest) != 1 {
		t.Errorf("undone:\n%s", b.conf())
	}
}

func TestPersistIsOneDecisionApart(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	if _, err := b.toPersist(p); err == nil {
		t.Error("nothing was applied, and that was persisted")
	}
	b.apply(p)
	for name, f := range map[string]func(){
		"a value that somebody changed": func() { b.kernel.values[TWReuse] = "0" },
		"--netns":                       func() { p.PersistRefused = "--netns" },
	} {
		f()
		if _, err := b.toPersist(p); err == nil || b.conf() != "" {
			t.Errorf("%s: %v\n%s", name, err, b.conf())
		}
	}
}

// TestPersistWritesWhatWasShown: another twtop applied, or the file changed, between
// the question and its answer.
func TestPersistWritesWhatWasShown(t *testing.T) {
	p, before := tuned()
	for name, meanwhile := range map[string]func(b *bench){
		"an apply":  func(b *bench) { b.apply(twice(&p)) },
		"the file":  func(b *bench) { b.writeConf("sysctl.d/60-twtop.conf", "net.ipv4.tcp_tw_reuse = 2\n") },
		"a persist": func(b *bench) { b.persist(p) },
	} {
		b := newBench(t, before)
		b.apply(p)
		shown, err := b.PlanPersist()
		if err != nil || len(shown.Lines) != 4 {
			t.Fatalf("%+v, %v", shown, err)
		}
		meanwhile(b)
		conf := b.conf()
		if _, err := b.Persist(p, shown); err == nil || !strings.Contains(err.Error(), "look again") || b.conf() != conf {
			t.Errorf("%s: %v\n%s", name, err, b.conf())
		}
	}
}

// twice is an apply of something else after that of a plan.
func twice(p *Plan) Plan {
	k, _ := Lookup(keySomaxconn)
	out := *p
	out.Items = []Item{{Key: k, Now: "4096", Known: true, Want: "8192", Ticked: true}}
	return out
}

// TestPersistKeepsWhatGoesWithIt: the applies before the last one, and
// reservations that were there, are needed at boot as they are now.
func TestPersistKeepsWhatGoesWithIt(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	for _, keys := range [][]string{{LocalReservedPorts}, {TWReuse}} {
		only, err := p.Only(keys)
		if err != nil {
			t.Fatal(err)
		}
		b.apply(only)
	}
	b.kernel.values[TWReuse] = "0" // somebody else's now, of an apply before the last one
	b.apply(twice(&p))
	b.persist(p)
	if got := b.confKeys(); got != LocalReservedPorts+"=8080,11211 "+Timestamps+"=1 "+keySomaxconn+"=8192" {
		t.Errorf("%s", got)
	}
	b.undo()
	if b.conf() != "" {
		t.Errorf("left:\n%s", b.conf())
	}

	b = newBench(t, map[string]string{LocalPortRange: "32768 60999", LocalReservedPorts: "8080,9000-9010", MaxOrphans: "1"})
	k, _ := Lookup(LocalPortRange)
	p = Plan{Items: []Item{{Key: k, Now: "32768 60999", Known: true, Want: "10240 65535", Ticked: true}}}
	b.apply(p)
	b.persist(p)
	if got := b.confKeys(); got != LocalReservedPorts+"=8080,9000-9010 "+LocalPortRange+"=10240 65535" {
		t.Errorf("a wide range without the reservations in force: %s", got)
	}
	b.undo()
	if b.conf() != "" {
		t.Errorf("left:\n%s", b.conf())
	}
}

func (b *bench) confKeys() string {
	c := parseConf(b.conf())
	var keys []string
	for _, s := range c.stanzas {
		keys = append(keys, s.key+"="+s.value)
	}
	return strings.Join(keys, " ")
}

// TestPersistFromInside: also where the plan did not know.
func TestPersistFromInside(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	delete(b.kernel.values, MaxOrphans)
	b.apply(p)
	if _, err := b.toPersist(p); err == nil || b.conf() != "" {
		t.Errorf("%v\n%s", err, b.conf())
	}
}

// TestLinesAreUndoneAfterABoot: the kernel's values went with the boot, the
// file did not.
func TestLinesAreUndoneAfterABoot(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	b.persist(p)
	b.Place.BootID = "boot-b"
	u := b.planned()
	if len(u.Items) != 0 || len(u.Lines) != 4 || len(u.Stale) != 1 {
		t.Errorf("%+v", u)
	}
	writes := len(b.kernel.writes)
	b.undo()
	if b.conf() != "" || len(b.kernel.writes) != writes {
		t.Errorf("wrote %q, the file is\n%s", b.kernel.writes[writes:], b.conf())
	}
}

func TestLinesOfOthersStay(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	b.persist(p)
	b.writeConf("sysctl.d/60-twtop.conf", strings.Replace(b.conf(), "tcp_tw_reuse = 1", "tcp_tw_reuse = 0", 1))
	b.undo()
	c := parseConf(b.conf())
	if v, ok := c.value(TWReuse); !ok || v != "0" || len(c.stanzas) != 1 {
		t.Errorf("%s", b.conf())
	}
}

func TestPersistFollowsNoLink(t *testing.T) {
	p, before := tuned()
	for name, spoil := range map[string]func(b *bench) error{
		"the file": func(b *bench) error {
			b.writeConf("victim", "precious")
			return os.Symlink("../victim", b.DropIn.Path())
		},
		"the directory": func(b *bench) error {
			return errors.Join(os.Mkdir(b.root+"/etc/other", 0o755), os.Symlink("other", b.root+"/etc/sysctl.d"))
		},
	} {
		b := newBench(t, before)
		if err := spoil(b); err != nil {
			t.Fatal(err)
		}
		b.apply(p)
		if _, err := b.toPersist(p); err == nil {
			t.Errorf("%s: persisted", name)
		}
		if data, err := os.ReadFile(b.root + "/etc/victim"); err == nil && string(data) != "precious" {
			t.Errorf("%s: the file behind the link is %q", name, data)
		}
	}
}

func TestOverrides(t *testing.T) {
	b := newBench(t, stock())
	b.writeConf("sysctl.d/10-early.conf", "net.ipv4.tcp_tw_reuse=0\n")
	b.writeConf("sysctl.d/99-late.conf", "# x\nnet/ipv4/tcp_tw_reuse = 0\n-net.ipv4.tcp_timestamps = 1\n")
	b.writeConf("sysctl.d/70-glob.conf", "net.ipv4.tcp_time* = 0\n")
	b.writeConf("sysctl.d/99-late.txt", "net.ipv4.tcp_timestamps = 0\n")
	b.writeConf("sysctl.conf", "net.ipv4.ip_local_port_range = 1024 65535\n; net.ipv4.tcp_tw_reuse = 2\n")
	got := b.DropIn.Overrides(map[string]string{TWReuse: "1", Timestamps: "1", LocalPortRange: "10240 65535"})
	want := []Override{{"/etc/sysctl.d/70-glob.conf", Timestamps, "0"}, {"/etc/sysctl.d/99-late.conf", TWReuse, "0"},
		{"/etc/sysctl.conf", LocalPortRange, "1024 65535"}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}
