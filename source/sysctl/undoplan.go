package sysctl

import (
	"slices"
	"time"
)

// UndoPlan is what an undo would put back: that of the last apply in this
// namespace that left something.
type UndoPlan struct {
	ID  string
	At  time.Time // of the apply
	Who Who
	// Items are in the order of writing: the last one applied comes first.
	Items []UndoItem
	// Lines are those to take out of the file in /etc/sysctl.d.
	Lines []UndoItem
	// More is how many applies before it are left.
	More int
	// Stale are entries of other boots: what they set is gone with those, and
	// they are never put back.
	Stale []Entry
}

// UndoItem is one key that an undo puts back, or does not.
type UndoItem struct {
	Key string
	Now string // the value now
	To  string // the one before the apply; for a line "" takes it out
	// Refused says why it stays as it is, and who wins, or "".
	Refused string
	// Unsure: twtop ended in the middle of the apply. Now is what it was about
	// to write.
	Unsure bool
}

// Empty: there is nothing to undo.
func (u *UndoPlan) Empty() bool { return u.ID == "" }

// PlanUndo looks for what can be put back, and changes nothing. It needs no
// lock, and no right but that to read the journal.
func (g *Guard) PlanUndo() (UndoPlan, error) {
	g.place()
	entries, err := g.State.entries()
	if err != nil {
		return UndoPlan{}, err
	}
	return g.planUndo(entries), nil
}

func (g *Guard) planUndo(entries []Entry) UndoPlan {
	var out UndoPlan
	for i := range slices.Backward(entries) {
		e := &entries[i]
		if !e.Place.sameBoot(&g.Place) && len(e.Changes) > 0 {
			out.Stale = append(out.Stale, *e)
		}
		u := g.undoOf(e)
		switch {
		case u.Empty():
		case out.Empty():
			out.ID, out.At, out.Who, out.Items, out.Lines = u.ID, u.At, u.Who, u.Items, u.Lines
		default:
			out.More++
		}
	}
	return out
}

// undoOf is the undo of one entry, empty where nothing of it is left.
func (g *Guard) undoOf(e *Entry) UndoPlan {
	u := UndoPlan{At: e.At, Who: e.Who}
	if e.Place.is(&g.Place) {
		b := backing{Guard: g, stay: map[string]bool{}}
		waits := true
		for i := range slices.Backward(e.Changes) {
			if item, there := b.show(&e.Changes[i]); there {
				u.Items = append(u.Items, item)
				waits = waits && e.Changes[i].Held && item.Refused != ""
			}
		}
		if waits { // an undo told of it already
			u.Items = nil
		}
	}
	if g.Place.First {
		u.Lines = g.DropIn.undoItems(e.Lines)
	}
	if len(u.Items)+len(u.Lines) > 0 {
		u.ID = e.ID
	}
	return u
}

// show says what putting a key back would do; there is false where it has the
// value from before already.
func (b *backing) show(c *Change) (item UndoItem, there bool) {
	k, _ := Lookup(c.Key)
	item = UndoItem{Key: c.Key, To: c.From, Unsure: !c.Written}
	now, err := b.value(c.Key)
	if err != nil {
		item.Refused = err.Error()
	} else {
		var outcome Outcome
		if item.Refused, outcome = b.refusal(&k, c, now); outcome == OutcomeUnchanged {
			return item, false
		}
		item.Now = k.canonical(now)
	}
	b.stay[c.Key] = item.Refused != ""
	return item, true
}

func (u *UndoPlan) item(key string) *UndoItem {
	for i := range u.Items {
		if u.Items[i].Key == key {
			return &u.Items[i]
		}
	}
	return nil
}
