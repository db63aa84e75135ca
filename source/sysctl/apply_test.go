package sysctl

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// tuned is a plan of four keys and the values from before it.
func tuned() (Plan, map[string]string) {
	f := short(map[string]string{Timestamps: "0", LocalReservedPorts: "8080"})
	f.Holders.Listening = portsOf("11211")
	return NewPlan(f), f.Values
}

func TestApplyAndUndo(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	r := b.apply(p)
	writes := []string{LocalReservedPorts + "=8080,11211", Timestamps + "=1", TWReuse + "=1", LocalPortRange + "=10240 65535"}
	if !slices.Equal(b.kernel.writes, writes) || len(r.Done) != 4 || len(r.Warnings) != 0 {
		t.Errorf("%q, %+v", b.kernel.writes, r)
	}
	if got := strings.Count(b.auditLog(), `result="set"`); got != 4 {
		t.Errorf("%d audit lines:\n%s", got, b.auditLog())
	}
	u := b.planned()
	if len(u.Items) != 4 || u.Items[0].Key != LocalPortRange || u.Items[0].To != "32768 60999" || u.Items[0].Now != "10240 65535" || u.Items[0].Unsure {
		t.Errorf("%+v", u)
	}
	b.kernel.writes = nil
	b.undo()
	writes = []string{LocalPortRange + "=32768 60999", TWReuse + "=2", Timestamps + "=0", LocalReservedPorts + "=8080"}
	if !slices.Equal(b.kernel.writes, writes) {
		t.Errorf("%q", b.kernel.writes)
	}
	b.holds(before)
	if u := b.planned(); !u.Empty() {
		t.Errorf("still to undo: %+v", u)
	}
	log := b.auditLog()
	for _, want := range []string{`sudo_user="alice"`, `user="root"`, `key=net.ipv4.tcp_tw_reuse from="2" to="1" result="set"`,
		`key=net.ipv4.tcp_tw_reuse from="1" to="2" result="put back"`, `netns="net:[1]"`, "time=2026-11-25T01:02:"} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log has no %s:\n%s", want, log)
		}
	}
	if _, err := b.Undo(t.Context(), UndoPlan{}); !errors.Is(err, ErrNothingToUndo) {
		t.Error(err)
	}
}

// TestRefusedInTheMiddle: whichever write is refused, all is as before.
func TestRefusedInTheMiddle(t *testing.T) {
	for _, key := range []string{LocalReservedPorts, Timestamps, TWReuse, LocalPortRange} {
		p, before := tuned()
		b := newBench(t, before)
		b.kernel.refuse[key] = errRefused
		_, err := b.Apply(t.Context(), p)
		if !errors.Is(err, errRefused) {
			t.Fatalf("%s: %v", key, err)
		}
		b.holds(before)
		if key != LocalReservedPorts && !strings.Contains(err.Error(), "put back: ") || strings.Contains(err.Error(), "not put back") {
			t.Errorf("%s: %v", key, err)
		}
		if u := b.planned(); !u.Empty() {
			t.Errorf("%s: still to undo: %+v", key, u)
		}
	}
}

// TestPutsBackTheLastFirst: no worse state on the way back either.
func TestPutsBackTheLastFirst(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.kernel.refuse[LocalPortRange] = errRefused
	if _, err := b.Apply(t.Context(), p); err == nil {
		t.Fatal("applied")
	}
	want := []string{LocalReservedPorts + "=8080,11211", Timestamps + "=1", TWReuse + "=1",
		TWReuse + "=2", Timestamps + "=0", LocalReservedPorts + "=8080"}
	if !slices.Equal(b.kernel.writes, want) {
		t.Errorf("%q, want %q", b.kernel.writes, want)
	}
}

// TestUndoneInVain: where putting back fails too, it is told what remains, and
// the journal keeps it.
func TestUndoneInVain(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.kernel.refuse[LocalPortRange+"=10240 65535"] = errRefused
	b.kernel.refuse[TWReuse+"=2"] = errRefused
	_, err := b.Apply(t.Context(), p)
	if err == nil || !strings.Contains(err.Error(), "not put back: "+TWReuse) {
		t.Fatal(err)
	}
	want := maps.Clone(before)
	want[TWReuse] = "1"
	b.holds(want)
	b.kernel.refuse = nil
	if u := b.planned(); len(u.Items) != 1 {
		t.Fatalf("%+v", u)
	}
	b.undo()
	b.holds(before)
}

func TestClamped(t *testing.T) {
	f := short(nil)
	f.Needs = []Need{{Key: keySomaxconn, Value: "65536", Finding: "listen-overflow"}, {Key: MaxTWBuckets, Value: "262144", Finding: "time-wait-overflow"}}
	b := newBench(t, f.Values)
	b.kernel.clamp[keySomaxconn] = "65535"
	b.kernel.after = func(k *fakeKernel, wrote string) { delete(k.clamp, wrote) }
	_, err := b.Apply(t.Context(), NewPlan(f))
	if err == nil || !strings.Contains(err.Error(), `made "65535" of "65536"`) {
		t.Error(err)
	}
	b.holds(f.Values)
}

func TestChangedSinceThePlan(t *testing.T) {
	for _, key := range []string{LocalReservedPorts, Timestamps, TWReuse, LocalPortRange} {
		p, before := tuned()
		b := newBench(t, before)
		b.kernel.values[key] = map[string]string{LocalPortRange: "1024 65535", LocalReservedPorts: "9", Timestamps: "2", TWReuse: "0"}[key]
		_, err := b.Apply(t.Context(), p)
		if !errors.Is(err, errTaken) || len(b.kernel.writes) != 0 {
			t.Errorf("%s: %v, wrote %q", key, err, b.kernel.writes)
		}
	}
}

// TestReservationsGone: the plan finds the ports reserved, and when it is
// applied they are not: the range stays.
func TestReservationsGone(t *testing.T) {
	f := short(map[string]string{LocalReservedPorts: "11211"})
	f.Holders.Listening = portsOf("11211")
	p := NewPlan(f)
	if p.Item(LocalReservedPorts).Ticked {
		t.Fatal("ticked")
	}
	b := newBench(t, f.Values)
	b.kernel.values[LocalReservedPorts] = ""
	if _, err := b.Apply(t.Context(), p); !errors.Is(err, errTaken) || len(b.kernel.writes) != 0 {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
}

// TestChangedBetweenTwoWrites: another process sets a key while others are written.
func TestChangedBetweenTwoWrites(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.kernel.after = func(k *fakeKernel, wrote string) {
		if wrote == Timestamps {
			k.values[TWReuse] = "0"
		}
	}
	_, err := b.Apply(t.Context(), p)
	if !errors.Is(err, errTaken) {
		t.Error(err)
	}
	want := maps.Clone(before)
	want[TWReuse] = "0"
	b.holds(want)
	if u := b.planned(); !u.Empty() {
		t.Errorf("%+v", u)
	}
}

func TestStopsWhereItIsTold(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	ctx, cancel := context.WithCancel(t.Context())
	b.kernel.after = func(_ *fakeKernel, wrote string) {
		if wrote == Timestamps {
			cancel()
		}
	}
	if _, err := b.Apply(ctx, p); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.holds(before)
}

func TestRefusedPlans(t *testing.T) {
	p, before := tuned()
	for name, spoil := range map[string]func(*Plan){
		"refused":            func(p *Plan) { p.Refused = wordsReplay },
		"outside":            func(p *Plan) { p.Items[0].Key.Name = "kernel.panic" },
		"out of bounds":      func(p *Plan) { p.Item(TWReuse).Want = "7" },
		"without its ports":  func(p *Plan) { p.Item(LocalReservedPorts).Ticked = false },
		"without timestamps": func(p *Plan) { p.Item(Timestamps).Ticked = false },
		"fixed": func(p *Plan) {
			p.Item(FinTimeout).Want, p.Item(FinTimeout).Ticked = "5", true
		},
		"not to be put back": func(p *Plan) { p.Item(TWReuse).Now = "9" },
		"nothing ticked": func(p *Plan) {
			for i := range p.Items {
				p.Items[i].Ticked = false
			}
		},
	} {
		b := newBench(t, before)
		q := p
		q.Items = slices.Clone(p.Items)
		spoil(&q)
		if _, err := b.Apply(t.Context(), q); err == nil || len(b.kernel.writes) != 0 {
			t.Errorf("%s: %v, wrote %q", name, err, b.kernel.writes)
		}
		if _, err := os.Stat(b.State.Dir + "/" + journalFile); err == nil {
			t.Errorf("%s: there is a journal", name)
		}
	}
}

// TestHostWideFromInside: also a plan that was put together wrongly.
func TestHostWideFromInside(t *testing.T) {
	f := short(nil)
	f.Needs = []Need{{Key: "fs.file-max", Value: "4000000", Finding: "x"}}
	b := newBench(t, f.Values)
	delete(b.kernel.values, MaxOrphans)
	if _, err := b.Apply(t.Context(), NewPlan(f)); err == nil || len(b.kernel.writes) != 0 {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
}

func TestRecycleIsNotPutBack(t *testing.T) {
	f := short(map[string]string{TWRecycle: "1"})
	f.Needs = []Need{{Key: TWRecycle, Value: "0", Finding: "tw-recycle"}}
	b := newBench(t, f.Values)
	b.apply(NewPlan(f))
	u := b.planned()
	if len(u.Items) != 1 || u.Items[0].Refused == "" {
		t.Errorf("%+v", u)
	}
	b.undo()
	if b.kernel.values[TWRecycle] != "0" || !b.plannedIsEmpty() {
		t.Error("it is on again, or asked for again")
	}
}

func (b *bench) plannedIsEmpty() bool {
	u := b.planned()
	return u.Empty()
}

// TestNoJournalNoApply: what cannot be written down is not done.
func TestNoJournalNoApply(t *testing.T) {
	p, before := tuned()
	for _, step := range []string{"synced " + journalFile + tempSuffix, "renamed " + journalFile} {
		b := newBench(t, before)
		b.Step = func(s string) error {
			if s == step {
				return errRefused
			}
			return nil
		}
		if _, err := b.Apply(t.Context(), p); !errors.Is(err, errRefused) || len(b.kernel.writes) != 0 {
			t.Errorf("%s: %v, wrote %q", step, err, b.kernel.writes)
		}
	}
	b := newBench(t, before)
	if err := os.WriteFile(b.root+"/state", nil, 0o600); err != nil { // where its parent should be
		t.Fatal(err)
	}
	if _, err := b.Apply(t.Context(), p); err == nil || len(b.kernel.writes) != 0 {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
}

// TestNoAuditNoApply: a change without its audit line is put back.
func TestNoAuditNoApply(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	if err := os.MkdirAll(b.State.Dir+"/"+auditFile, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(b.State.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Apply(t.Context(), p); err == nil {
		t.Error("applied")
	}
	b.holds(before)
}

// TestFailsAtAnyStep: an error at any step before the last leaves all as it was.
func TestFailsAtAnyStep(t *testing.T) {
	for n := 1; ; n++ {
		p, before := tuned()
		b := newBench(t, before)
		at := ""
		count := 0
		b.Step = func(s string) error {
			if count++; count == n {
				at = s
				return errRefused
			}
			return nil
		}
		_, err := b.Apply(t.Context(), p)
		if at == "" {
			if n < 10 {
				t.Errorf("only %d steps", n)
			}
			return
		}
		if err != nil {
			b.holds(before)
		} else {
			b.Step = nil
			b.undo() // the end could not be written down; the values stand
			b.holds(before)
		}
		b.Step = nil
		if u := b.planned(); !u.Empty() {
			t.Errorf("%s: %+v", at, u)
		}
	}
}
