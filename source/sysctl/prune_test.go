package sysctl

import (
	"strings"
	"testing"
)

// TestFullJournal: the entries of namespaces that came and went go first, the
// host's own stays, and what is lost is told.
func TestFullJournal(t *testing.T) {
	p, before := tuned()
	b := newBench(t, before)
	b.Place.First = true
	b.apply(p)
	delete(before, MaxOrphans)
	entries, err := b.State.entries()
	if err != nil {
		t.Fatal(err)
	}
	host := entries[0].ID
	for n := range maxEntries - 1 {
		e := entries[0]
		e.ID, e.Place = strings.Repeat("x", n+1)[:min(n+1, 40)]+string(rune('a'+n%26))+strings.Repeat("y", n/26), Place{BootID: "boot-a", Cookie: uint64(5000 + n), NetNS: "net:[9]"}
		entries = append(entries, e)
	}
	if err := b.State.save(entries); err != nil {
		t.Fatal(err)
	}
	b.kernel.values = before
	b.Place = Place{BootID: "boot-a", Cookie: 42}
	r := b.apply(p)
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "net:[9] cannot be undone any more") {
		t.Errorf("%q", r.Warnings)
	}
	entries, err = b.State.entries()
	if err != nil || len(entries) != maxEntries || entries[0].ID != host || entries[1].Place.Cookie != 5001 {
		t.Errorf("%d entries, %v, %+v", len(entries), err, entries[:2])
	}
	if u := b.planned(); u.Empty() {
		t.Error("what was just applied cannot be undone")
	}
}
