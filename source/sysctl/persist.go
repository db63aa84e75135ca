package sysctl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Persist writes what a plan showed to the file in /etc/sysctl.d, so that it
// lasts beyond a boot, and into the journal before that. p says whether it may.
func (g *Guard) Persist(p Plan, shown PersistPlan) (Result, error) {
	if p.PersistRefused != "" {
		return Result{}, fmt.Errorf("nothing was persisted: %s", p.PersistRefused)
	}
	unlock, entries, err := g.begin()
	if err != nil {
		return Result{}, fmt.Errorf("nothing was persisted, for there is no journal: %w", err)
	}
	defer unlock()
	if !g.Place.First {
		return Result{}, fmt.Errorf("nothing was persisted: %s is read at boot for the host's own namespace only", g.DropIn.Path())
	}
	now, c, err := g.planPersist(entries, nil)
	switch {
	case err != nil:
		return Result{}, fmt.Errorf("nothing was persisted: %w", err)
	case now.ID != shown.ID || !slices.Equal(now.Lines, shown.Lines):
		return Result{}, errors.New("nothing was persisted: it is no longer what was shown, look again")
	}
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.ID == now.ID })
	return g.persist(entries, entries[i], now.Lines, c)
}

func (g *Guard) persist(entries []Entry, e Entry, lines []Line, c conf) (Result, error) {
	r := Result{ID: e.ID}
	e.Lines = slices.Clone(e.Lines)
	for i := range lines {
		r.Done = append(r.Done, g.line(&c, &e, &lines[i]))
	}
	if _, err := g.put(entries, e); err != nil {
		return Result{}, fmt.Errorf("nothing was persisted, for there is no journal: %w", err)
	}
	if err := at(g.Step, "persist"); err != nil {
		return Result{}, err
	}
	err := g.DropIn.write(c)
	for i := range r.Done {
		d := &r.Done[i]
		if err != nil && d.Outcome == OutcomeSet {
			d.Outcome, d.Note = OutcomeFailed, err.Error()
		}
		if err := g.audit(e.ID, g.Now(), d); err != nil {
			r.Warnings = append(r.Warnings, err.Error())
		}
	}
	return r, err
}

// line puts one line into the file and into the entry.
func (g *Guard) line(c *conf, e *Entry, l *Line) Done {
	d := Done{Key: l.Key, From: l.Had, To: l.Value, File: true, Outcome: OutcomeSet}
	if l.Already() {
		d.Outcome, d.Note = OutcomeUnchanged, "the file sets it already"
		return d
	}
	before, err := Check(l.Key, l.Had)
	if err != nil || l.Had == "" {
		before = ""
	}
	if i := slices.IndexFunc(e.Lines, func(o Line) bool { return o.Key == l.Key }); i >= 0 {
		e.Lines[i].Value = l.Value
	} else {
		e.Lines = append(e.Lines, Line{Key: l.Key, Value: l.Value, Had: before})
	}
	c.set(l.Key, l.Value, g.comment(e, l.Key))
	return d
}

// comment explains a line.
func (g *Guard) comment(e *Entry, key string) string {
	why, on := advices[key].why, e.At.UTC().Format(time.DateOnly)
	i := slices.IndexFunc(e.Changes, func(c Change) bool { return c.Key == key })
	if i < 0 {
		return fmt.Sprintf("%s. In force on %s, when %s had it kept.", why, on, g.Who)
	}
	return fmt.Sprintf("%s. It was %s; set on %s by %s.", why, cmp.Or(e.Changes[i].From, "empty"), on, g.Who)
}

// undoItems says what an undo does to the file. Lines that are gone are not told.
func (d *DropIn) undoItems(lines []Line) []UndoItem {
	if len(lines) == 0 {
		return nil
	}
	c, err := d.read()
	var out []UndoItem
	for _, l := range slices.Backward(lines) {
		item := UndoItem{Key: l.Key, To: l.Had}
		if err != nil {
			item.Refused = err.Error()
		} else if gone := d.undoItem(&item, &c, &l); gone {
			continue
		}
		out = append(out, item)
	}
	return out
}

func (d *DropIn) undoItem(item *UndoItem, c *conf, l *Line) (gone bool) {
	now, there := c.value(l.Key)
	k, _ := Lookup(l.Key)
	item.Now = source.Clean(now, maxRead)
	if there && l.Had != "" && k.same(now, l.Had) {
		return true
	}
	if there && !k.same(now, l.Value) {
		item.Refused = fmt.Sprintf("somebody else set it to %q in %s, twtop had set it to %q: %[1]q stays", item.Now, d.Path(), l.Value)
	}
	return !there
}

// lines takes an apply's lines out of the file.
func (n *undoing) lines() {
	items := n.DropIn.undoItems(n.entry.Lines)
	if len(items) == 0 {
		n.entry.Lines = nil
		return
	}
	c, err := n.DropIn.read()
	for _, i := range items {
		if i.Refused == "" {
			c.set(i.Key, i.To, "as it was before twtop set it")
		}
	}
	if err == nil {
		err = n.DropIn.write(c)
	}
	for _, i := range items {
		d := Done{Key: i.Key, From: i.Now, To: i.To, File: true, Outcome: OutcomePutBack}
		switch {
		case err != nil:
			d.Outcome, d.Note = OutcomeFailed, err.Error()
		case i.Refused != "":
			d.Outcome, d.Note = OutcomeTaken, i.Refused
		}
		n.note(d)
	}
	if err == nil {
		n.entry.Lines = nil
	}
}
