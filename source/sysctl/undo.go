package sysctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

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
			if err != nil {
				n.fail(fmt.Errorf("%w; what is left can still be undone", err))
			}
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
