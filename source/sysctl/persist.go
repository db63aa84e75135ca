package sysctl

import (
	"fmt"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Persist writes what the last apply in this namespace set to the file in
// /etc/sysctl.d, so that it lasts beyond a boot, and into the journal before
// that. p says whether it may.
func (g *Guard) Persist(p Plan) (Result, error) {
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
	i := len(entries) - 1
	for ; i >= 0; i-- {
		if e := &entries[i]; e.Place.is(&g.Place) && len(e.Changes) > 0 {
			break
		}
	}
	if i < 0 {
		return Result{}, fmt.Errorf("nothing was persisted: there is no apply in the journal whose values hold now")
	}
	return g.persist(entries, entries[i])
}

func (g *Guard) persist(entries []Entry, e Entry) (Result, error) {
	r := Result{ID: e.ID}
	c, err := g.DropIn.read()
	if err != nil {
		return r, err
	}
	e.Lines = slices.Clone(e.Lines)
	for _, ch := range e.Changes {
		d, err := g.line(&c, &e, &ch)
		if err != nil {
			return Result{}, err
		}
		r.Done = append(r.Done, d)
	}
	if _, err = g.put(entries, e); err != nil {
		return Result{}, fmt.Errorf("nothing was persisted, for there is no journal: %w", err)
	}
	if err := at(g.Step, "persist"); err != nil {
		return Result{}, err
	}
	err = g.DropIn.write(c)
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

// line puts one change into the file and into the entry.
func (g *Guard) line(c *conf, e *Entry, ch *Change) (Done, error) {
	had, there := c.value(ch.Key)
	d := Done{Key: ch.Key, From: source.Clean(had, maxRead), To: ch.To, File: true, Outcome: OutcomeSet}
	now, err := g.value(ch.Key)
	if err != nil {
		return d, fmt.Errorf("nothing was persisted: %w", err)
	}
	k, _ := Lookup(ch.Key)
	switch {
	case !k.same(now, ch.To):
		return d, fmt.Errorf("nothing was persisted: %s is %q now, the apply set %q: %w", ch.Key, now, ch.To, errTaken)
	case there && k.same(had, ch.To):
		d.Outcome, d.Note = OutcomeUnchanged, "the file sets it already"
		return d, nil
	}
	before, err := Check(ch.Key, had)
	if !there || err != nil {
		before = ""
	}
	l := Line{Key: ch.Key, Value: ch.To, Had: before}
	if i := slices.IndexFunc(e.Lines, func(l Line) bool { return l.Key == ch.Key }); i >= 0 {
		e.Lines[i].Value = ch.To
	} else {
		e.Lines = append(e.Lines, l)
	}
	c.set(ch.Key, ch.To, g.comment(e, ch))
	return d, nil
}

// comment explains a line.
func (g *Guard) comment(e *Entry, ch *Change) string {
	was := ch.From
	if was == "" {
		was = "empty"
	}
	return fmt.Sprintf("%s. It was %s; set on %s by %s.", advices[ch.Key].why, was, e.At.UTC().Format(time.DateOnly), g.Who)
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
