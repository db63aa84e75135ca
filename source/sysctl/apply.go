package sysctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Apply writes the ticked items of a plan, in its order. The first that fails
// ends it: what was written is put back, and the error says so. It writes
// nothing before the journal is on the disk.
func (g *Guard) Apply(ctx context.Context, p Plan) (Result, error) {
	if err := p.check(); err != nil {
		return Result{}, err
	}
	chosen := p.Chosen()
	if len(chosen) == 0 {
		return Result{}, ErrNothing
	}
	unlock, entries, err := g.begin()
	if err != nil {
		return Result{}, fmt.Errorf("nothing was written, for there is no journal: %w", err)
	}
	defer unlock()
	if err := g.unmoved(&p); err != nil {
		return Result{}, fmt.Errorf("nothing was written: %w; look at the plan again", err)
	}
	if err := g.unreserved(&p); err != nil {
		return Result{}, fmt.Errorf("nothing was written: %w", err)
	}
	a := applying{Guard: g, entry: g.entry(entries), got: map[string]string{}}
	for i := range chosen {
		a.entry.Changes = append(a.entry.Changes, change(&chosen[i]))
	}
	if a.entries, err = g.put(entries, a.entry); err != nil {
		return Result{}, fmt.Errorf("nothing was written, for there is no journal: %w", err)
	}
	a.result.Warnings = lostWords(lost(entries, a.entries))
	return a.run(ctx)
}

func change(i *Item) Change {
	return Change{Key: i.Key.Name, From: i.Key.canonical(i.Now), To: i.Key.canonical(i.Want)}
}

// unmoved fails where a value that the plan rests on is no longer what it
// showed: those that are ticked, and those that must stand before them.
func (g *Guard) unmoved(p *Plan) error {
	for _, i := range p.Chosen() {
		for _, key := range append([]string{i.Key.Name}, before[i.Key.Name]...) {
			f := p.Item(key)
			if f == nil || !f.Known {
				continue
			}
			now, err := g.value(key)
			if err != nil {
				return err
			}
			if !f.Key.same(now, f.Now) {
				return fmt.Errorf("%s is %q now, the plan showed %q: %w", key, now, f.Now, errTaken)
			}
		}
	}
	return nil
}

// applying is an apply that is under way.
type applying struct {
	*Guard
	entry   Entry
	entries []Entry
	result  Result
	got     map[string]string // what the kernel has since the write
}

func (a *applying) run(ctx context.Context) (Result, error) {
	a.result.ID = a.entry.ID
	failed := at(a.Step, "journal")
	n := 0
	for ; n < len(a.entry.Changes) && failed == nil; n++ {
		if failed = ctx.Err(); failed == nil && a.entry.Changes[n].Key == LocalPortRange {
			failed = a.newcomers(a.entry.Changes[n].From, a.entry.Changes[n].To)
		}
		if failed == nil {
			failed = a.write(&a.entry.Changes[n])
		}
	}
	if failed != nil {
		return a.result, a.back(failed, a.entry.Changes[:n])
	}
	var err error
	if a.entries, err = a.put(a.entries, a.entry); err != nil {
		// What the journal says already is enough for an undo.
		a.result.Warnings = append(a.result.Warnings, err.Error())
	}
	return a.result, nil
}

// write sets one key, and writes the audit line.
func (a *applying) write(c *Change) error {
	d := Done{Key: c.Key, From: c.From, To: c.To, Outcome: OutcomeSet}
	got, err := a.exchange(c.Key, c.From, c.To)
	if err != nil {
		d.Outcome, d.Note = OutcomeFailed, err.Error()
	}
	if errors.Is(err, errTaken) {
		d.Outcome = OutcomeTaken
	} else {
		a.got[c.Key] = got
	}
	c.Written = err == nil
	a.result.Done = append(a.result.Done, d)
	return errors.Join(err, a.audit(a.entry.ID, a.Now(), &d))
}

// back puts back what was written before something failed, the last first.
func (a *applying) back(failed error, written []Change) error {
	var undone, left []string
	b := backing{Guard: a.Guard, got: a.got, stay: map[string]bool{}}
	for _, c := range slices.Backward(written) {
		d := b.one(&c)
		switch {
		case d.Outcome == OutcomeUnchanged:
			continue
		case d.Outcome == OutcomeTaken && !c.Written: // the failure tells of it
			delete(b.stay, c.Key)
			continue
		case d.Outcome == OutcomePutBack:
			undone = append(undone, c.Key)
		default:
			left = append(left, fmt.Sprintf("%s (%s)", c.Key, d.Note))
		}
		a.result.Done = append(a.result.Done, d)
		a.warn(a.audit(a.entry.ID, a.Now(), &d))
	}
	a.entry.Changes = b.left()
	_, err := a.put(a.entries, a.entry)
	a.warn(err)
	return backError(failed, undone, left)
}

func backError(failed error, undone, left []string) error {
	var parts []string
	if len(undone) > 0 {
		parts = append(parts, "put back: "+strings.Join(undone, ", "))
	}
	if len(left) > 0 {
		parts = append(parts, "not put back: "+strings.Join(left, "; "))
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing had been changed")
	}
	return fmt.Errorf("%w; %s", failed, strings.Join(parts, "; "))
}

func (a *applying) warn(err error) {
	if err != nil {
		a.result.Warnings = append(a.result.Warnings, err.Error())
	}
}
