package sysctl

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
)

// TestSomebodyElseWins: a key that was set since stays, the others go back.
func TestSomebodyElseWins(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	b.kernel.values[TWReuse] = "0"
	u := b.planned()
	for _, i := range u.Items {
		if refused := i.Refused != ""; refused != (i.Key == TWReuse) {
			t.Errorf("%+v", i)
		}
		if i.Key == TWReuse && !strings.Contains(i.Refused, `"0" stays`) {
			t.Errorf("who wins? %s", i.Refused)
		}
	}
	b.undo()
	want := maps.Clone(before)
	want[TWReuse] = "0"
	b.holds(want)
	if !b.plannedIsEmpty() {
		t.Error("what stays is offered again")
	}
}

// TestReservationsStayWithTheRange: where somebody else set the range, taking
// the reservations back would give the ports of services away.
func TestReservationsStayWithTheRange(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	b.kernel.values[LocalPortRange] = "1024\t65535"
	b.undo()
	if got := b.kernel.values[LocalReservedPorts]; got != "8080,11211" {
		t.Errorf("reserved: %q", got)
	}
	if !b.plannedIsEmpty() {
		t.Error("what stays is offered again")
	}
	b.kernel.values[LocalPortRange] = before[LocalPortRange] // and now it is back
	if u := b.planned(); len(u.Items) != 1 || u.Items[0].Key != LocalReservedPorts || u.Items[0].Refused != "" {
		t.Errorf("%+v", u)
	}
	b.undo()
	b.holds(before)
	if entries, err := b.State.entries(); err != nil || len(entries) != 0 {
		t.Errorf("left in the journal: %+v, %v", entries, err)
	}
}

// TestHeldReservationsHideNoOther: an apply before them can be undone.
func TestHeldReservationsHideNoOther(t *testing.T) {
	f := short(nil)
	f.Holders.Listening = portsOf("11211")
	b := newBench(t, f.Values)
	p := NewPlan(f)
	first, err := p.Only([]string{TWReuse})
	if err != nil {
		t.Fatal(err)
	}
	b.apply(first)
	f.Values = maps.Clone(b.kernel.values)
	b.apply(NewPlan(f))
	b.kernel.values[LocalPortRange] = "1024 65535"
	b.undo()
	if u := b.planned(); len(u.Items) != 1 || u.Items[0].Key != TWReuse || u.More != 0 {
		t.Errorf("%+v", u)
	}
	b.undo()
	if got := b.kernel.values[TWReuse]; got != "2" {
		t.Errorf("it is %q", got)
	}
}

// TestChangedSinceTheUndoWasShown: between the plan and the yes.
func TestChangedSinceTheUndoWasShown(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	u := b.planned()
	b.kernel.values[LocalPortRange] = "20000 65535"
	if _, err := b.Undo(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if got := b.kernel.values[LocalPortRange]; got != "20000 65535" {
		t.Errorf("the range is %q", got)
	}
}

// TestShownAsStaying: what the plan said would stay does stay.
func TestShownAsStaying(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	b.kernel.values[TWReuse] = "0"
	u := b.planned()
	b.kernel.values[TWReuse] = "1" // and now it is twtop's again
	if _, err := b.Undo(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if got := b.kernel.values[TWReuse]; got != "1" {
		t.Errorf("it is %q", got)
	}
	b.undo()
	b.holds(before)
}

func TestUndoLastFirst(t *testing.T) {
	f := short(nil)
	b := newBench(t, f.Values)
	p := NewPlan(f)
	first, err := p.Only([]string{TWReuse})
	if err != nil {
		t.Fatal(err)
	}
	b.apply(first)
	f.Values = maps.Clone(b.kernel.values)
	second := NewPlan(f)
	b.apply(second)
	u := b.planned()
	if u.More != 1 || len(u.Items) != 1 || u.Items[0].Key != LocalPortRange {
		t.Errorf("%+v", u)
	}
	stale := u
	b.undo()
	if _, err := b.Undo(t.Context(), stale); err == nil {
		t.Error("the same undo twice")
	}
	b.undo()
	b.holds(stock())
}

// TestStaleEntries: another boot, another namespace, a kernel that does not tell.
func TestStaleEntries(t *testing.T) {
	p, before := tuned()
	for name, place := range map[string]Place{
		"another boot":      {BootID: "boot-b", Cookie: 4711, First: true},
		"another namespace": {BootID: "boot-a", Cookie: 4712},
		"not known":         {BootID: "boot-a"},
	} {
		b := newBench(t, before)
		delete(b.kernel.values, MaxOrphans)
		b.apply(p)
		applied := maps.Clone(b.kernel.values)
		b.Place = place
		u := b.planned()
		if !u.Empty() || (len(u.Stale) == 1) != (name == "another boot") {
			t.Errorf("%s: %+v", name, u)
		}
		u.ID = "20261125T010204.000"
		if _, err := b.Undo(t.Context(), u); err == nil {
			t.Errorf("%s: undone", name)
		}
		b.holds(applied)
	}
}

// TestStaleEntriesArePruned: the next apply throws those of other boots away,
// and keeps those of other namespaces, which may live.
func TestStaleEntriesArePruned(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	for i, place := range []Place{{BootID: "boot-0", Cookie: 1}, {BootID: "boot-a", Cookie: 2}, {BootID: "boot-a", Cookie: 4711}} {
		b.kernel.values = maps.Clone(before)
		b.Place = place
		b.apply(p)
		entries, err := b.State.entries()
		if want := []int{1, 1, 2}[i]; err != nil || len(entries) != want {
			t.Errorf("after %d: %d entries, want %d (%v)", i, len(entries), want, err)
		}
	}
}

func TestUnknownPlaceIsRefused(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	delete(b.kernel.values, MaxOrphans)
	b.Place.Cookie = 0
	if _, err := b.Apply(t.Context(), p); err == nil || len(b.kernel.writes) != 0 {
		t.Errorf("%v, wrote %q", err, b.kernel.writes)
	}
	b.kernel.values[MaxOrphans] = "1" // the first namespace lasts as long as the boot
	b.apply(p)
	b.undo()
	delete(before, MaxOrphans)
	b.holds(before)
}

// TestUndoOnAFullDisk: what cannot be written down is put back all the same.
func TestUndoOnAFullDisk(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	u := b.planned()
	b.Step = func(s string) error {
		if strings.HasPrefix(s, "synced") {
			return errRefused
		}
		return nil
	}
	r, err := b.Undo(t.Context(), u)
	if err != nil || len(r.Warnings) == 0 {
		t.Errorf("%v, %q", err, r.Warnings)
	}
	b.holds(before)
	b.Step = nil
	if !b.plannedIsEmpty() {
		t.Error("there is nothing left to undo")
	}
}

func TestUndoThatFailsCanBeTriedAgain(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	b.kernel.refuse[TWReuse] = errRefused
	r, err := b.Undo(t.Context(), b.planned())
	if err == nil || !strings.Contains(err.Error(), TWReuse) || len(r.Done) != 4 {
		t.Fatalf("%v, %+v", err, r)
	}
	want := maps.Clone(before)
	want[TWReuse] = "1"
	b.holds(want)
	b.kernel.refuse = nil
	b.undo()
	b.holds(before)
}

func TestTwoAtOnce(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	other := &Guard{Kernel: b.kernel, State: b.State, Place: b.Place, Now: b.Now}
	tried := false
	b.kernel.after = func(k *fakeKernel, _ string) {
		if k.after = nil; tried {
			return
		}
		tried = true
		if _, err := other.Apply(t.Context(), p); !errors.Is(err, ErrBusy) {
			t.Error("the other apply: ", err)
		}
		if _, err := other.Undo(t.Context(), UndoPlan{ID: "x"}); !errors.Is(err, ErrBusy) {
			t.Error("the other undo: ", err)
		}
	}
	b.apply(p)
	if !tried {
		t.Error("nobody tried")
	}
}

func TestDamagedJournal(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.apply(p)
	file := b.State.Dir + "/" + journalFile
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"empty": "", "cut": string(whole[:len(whole)/2]), "text": "hello", "more": string(whole) + "{}",
		"another key":  strings.Replace(string(whole), TWReuse, "kernel.core_pattern", 1),
		"bounds":       strings.Replace(string(whole), `"From": "2"`, `"From": "77"`, 1),
		"field":        strings.Replace(string(whole), `"From": "2"`, `"From": "2", "Run": "sh"`, 1),
		"schema":       strings.Replace(string(whole), journalSchema, "twtop.journal/2", 1),
		"recycle":      strings.NewReplacer(TWReuse, TWRecycle, `"To": "1"`, `"To": "2"`).Replace(string(whole)),
		"no namespace": strings.Replace(strings.Replace(string(whole), "4711", "0", 1), `"First": true`, `"First": false`, 1),
		"escape":       strings.Replace(string(whole), "alice", `al\u001b[31mice`, 1),
	} {
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		writes := len(b.kernel.writes)
		if _, err := b.PlanUndo(); err == nil || !strings.Contains(err.Error(), file[:len(file)-len(journalFile)-1]) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", name, err)
		}
		_, errApply := b.Apply(t.Context(), p)
		_, errUndo := b.Undo(t.Context(), UndoPlan{ID: "x"})
		if errApply == nil || errUndo == nil || len(b.kernel.writes) != writes {
			t.Errorf("%s: %v, %v, wrote %q", name, errApply, errUndo, b.kernel.writes[writes:])
		}
	}
}
