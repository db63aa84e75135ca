package sysctl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Guard changes sysctls and puts them back: nothing without an entry in the
// journal before it, a look at the value just before the write and one just
// after it. Its methods run where Kernel is that of Place, for Proc on a thread
// inside that namespace.
type Guard struct {
	Kernel Kernel
	State  State
	DropIn DropIn
	Place  Place
	Who    Who
	Now    func() time.Time
	// Listening are the ports with a listener at the moment; nil where nobody
	// can tell. A range that would take one of them is not written.
	Listening func() (source.PortSet, error)
	// Step, if not nil, is called between any two steps that last; tests end
	// the process there. An error counts as the failure of that step.
	Step func(step string) error
}

// begin takes the lock and reads the journal.
func (g *Guard) begin() (unlock func(), entries []Entry, err error) {
	if g.place(); !g.Place.known() {
		return nil, nil, errors.New("this kernel does not tell this network namespace from others (SO_NETNS_COOKIE, Linux 5.14): a change could not be put back safely")
	}
	g.State.step = g.Step
	g.DropIn.step = g.Step
	unlock, err = g.State.lock()
	if err != nil {
		return nil, nil, err
	}
	if entries, err = g.State.entries(); err != nil {
		unlock()
		return nil, nil, err
	}
	return unlock, entries, nil
}

// place finds out whether the namespace is the host's first one: it alone has
// tcp_max_orphans.
func (g *Guard) place() {
	if !g.Place.First {
		_, ok, err := g.Kernel.Read(MaxOrphans)
		g.Place.First = ok && err == nil
	}
	for _, word := range []*string{&g.Place.NetNS, &g.Place.BootID, &g.Who.User, &g.Who.Sudo} {
		*word = source.Clean(*word, maxWord)
	}
}

// entry begins an entry with an id that no other has.
func (g *Guard) entry(entries []Entry) Entry {
	at := g.Now()
	id := at.UTC().Format("20060102T150405.000")
	for n := 2; slices.ContainsFunc(entries, func(e Entry) bool { return e.ID == id }); n++ {
		id = fmt.Sprintf("%s-%d", strings.SplitN(id, "-", 2)[0], n)
	}
	return Entry{ID: id, At: at.UTC().Round(0), Place: g.Place, Who: g.Who}
}

// pruned is a journal without what can never be undone: the values of earlier
// boots. Their lines in /etc/sysctl.d are still there. Where it gets too long,
// those that are missed least go.
func (g *Guard) pruned(entries []Entry) []Entry {
	var out []Entry
	for _, e := range entries {
		if !e.Place.sameBoot(&g.Place) {
			e.Changes = nil
		}
		if e.open() {
			out = append(out, e)
		}
	}
	for len(out) > maxEntries {
		out = slices.Delete(out, g.least(out), g.least(out)+1)
	}
	return out
}

// least is the entry that is missed least: the oldest of another namespace,
// which may be gone, then of this one, and those of the host's own last. The
// newest is never the one: it may be about to be written.
func (g *Guard) least(entries []Entry) int {
	worth := func(p *Place) int {
		switch {
		case p.First:
			return 2
		case p.is(&g.Place):
			return 1
		}
		return 0
	}
	best := 0
	for i := range entries[:len(entries)-1] {
		if worth(&entries[i].Place) < worth(&entries[best].Place) {
			best = i
		}
	}
	return best
}

// lost are the entries that a full journal has no room for any more.
func lost(before, after []Entry) []Entry {
	if len(after) < maxEntries {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(before), func(e Entry) bool {
		return slices.ContainsFunc(after, func(o Entry) bool { return o.ID == e.ID })
	})
}

func lostWords(entries []Entry) (words []string) {
	for i := range entries {
		e := &entries[i]
		words = append(words, fmt.Sprintf("the journal is full: the apply of %s UTC in %s cannot be undone any more", e.At.UTC().Format(time.DateTime), cmp.Or(e.Place.NetNS, "another namespace")))
	}
	return words
}

// put stores an entry in the journal, in place of the one with its id.
func (g *Guard) put(entries []Entry, e Entry) ([]Entry, error) {
	out := slices.Clone(entries)
	i := slices.IndexFunc(out, func(o Entry) bool { return o.ID == e.ID })
	if i < 0 {
		out = append(out, e)
	} else {
		out[i] = e
	}
	out = g.pruned(out)
	return out, g.State.save(out)
}
