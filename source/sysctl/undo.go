package sysctl

import (
	"context"
	"errors"
	"fmt"
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
		for i := range slices.Backward(e.Changes) {
			if item, there := b.show(&e.Changes[i]); there {
				u.Items = append(u.Items, item)
			}
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

// Undo puts back what a plan showed, the last one written first. A key that
// somebody else set since stays as it is, and is not asked for again. What
// fails is told, and can be tried again.
func (g *Guard) Undo(ctx context.Context, u UndoPlan) (Result, error) {
	if u.Empty() {
		return Result{}, ErrNothingToUndo
	}
	unlock, entries, err := g.begin()
	if err != nil {
		return Result{}, fmt.Errorf("nothing was put back: %w", err)
	}
	defer unlock()
	if last := g.planUndo(entries); last.ID != u.ID {
		return Result{}, errors.New("nothing was put back: there was another apply or undo meanwhile, look again")
	}
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.ID == u.ID })
	n := undoing{Guard: g, entry: entries[i], entries: entries, result: Result{ID: u.ID}}
	n.run(ctx, &u)
	return n.result, n.err
}

// undoing is an undo that is under way.
type undoing struct {
	*Guard
	entry   Entry
	entries []Entry
	result  Result
	err     error
}

// run puts back first and writes down afterwards: a full disk keeps nobody from
// an undo, and what was put back twice is as before.
func (n *undoing) run(ctx context.Context, u *UndoPlan) {
	if n.err = at(n.Step, "undo"); n.err != nil {
		return
	}
	if n.entry.Place.is(&n.Place) {
		n.values(ctx, u)
	}
	if n.Place.First && n.err == nil {
		n.lines()
	}
	if _, err := n.put(n.entries, n.entry); err != nil {
		n.result.Warnings = append(n.result.Warnings, err.Error())
	}
}

// values puts the kernel's values back.
func (n *undoing) values(ctx context.Context, u *UndoPlan) {
	b := backing{Guard: n.Guard, stay: map[string]bool{}}
	for i := range slices.Backward(n.entry.Changes) {
		c := &n.entry.Changes[i]
		if err := ctx.Err(); err != nil || b.unforeseen(c, u) {
			n.fail(err)
			b.failed = append(b.failed, *c)
			b.stay[c.Key] = true
			continue
		}
		if d := b.one(c); d.Outcome != OutcomeUnchanged || u.item(c.Key) != nil {
			n.note(d)
		}
	}
	n.entry.Changes = b.left()
}

// unforeseen: the plan showed that a key would stay, and now it would not. That
// is left for another undo, which shows it.
func (b *backing) unforeseen(c *Change, u *UndoPlan) bool {
	if item := u.item(c.Key); item != nil && item.Refused == "" {
		return false
	}
	k, _ := Lookup(c.Key)
	now, err := b.value(c.Key)
	if err != nil {
		return true
	}
	refused, outcome := b.refusal(&k, c, now)
	return refused == "" && outcome != OutcomeUnchanged
}

func (u *UndoPlan) item(key string) *UndoItem {
	for i := range u.Items {
		if u.Items[i].Key == key {
			return &u.Items[i]
		}
	}
	return nil
}

// note keeps what was done, and writes the audit line.
func (n *undoing) note(d Done) {
	n.result.Done = append(n.result.Done, d)
	if d.Outcome == OutcomeFailed {
		n.fail(fmt.Errorf("%s was not put back: %s", d.Key, d.Note))
	}
	if err := n.audit(n.entry.ID, n.Now(), &d); err != nil {
		n.result.Warnings = append(n.result.Warnings, err.Error())
	}
}

// fail keeps the first error.
func (n *undoing) fail(err error) {
	if n.err == nil {
		n.err = err
	}
}
