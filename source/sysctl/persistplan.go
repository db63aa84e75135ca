package sysctl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// PersistPlan is what Persist would write to the file in /etc/sysctl.d: all
// that twtop has set in this namespace and that holds, and what has to hold
// with it at boot.
type PersistPlan struct {
	// ID is that of the last apply, whose undo takes the lines out again.
	ID string
	// Lines are in the order of writing. Had is what the file has now, cleaned.
	Lines []Line
}

// Already: the file has all of it.
func (p *PersistPlan) Already() bool {
	return !slices.ContainsFunc(p.Lines, func(l Line) bool { return !l.Already() })
}

// Already: the file has the value.
func (l *Line) Already() bool {
	k, _ := Lookup(l.Key)
	return l.Had != "" && k.same(l.Had, l.Value)
}

// ErrNothingToPersist is what a persist ends with where no apply left a value
// that holds.
var ErrNothingToPersist = errors.New("there is no apply in the journal whose values hold now")

// PlanPersist says what there is to persist, and changes nothing.
func (g *Guard) PlanPersist() (PersistPlan, error) {
	g.place()
	entries, err := g.State.entries()
	if err != nil {
		return PersistPlan{}, err
	}
	p, _, err := g.planPersist(entries, nil)
	return p, err
}

// PlanPersistAfter says what there will be to persist once the plan is applied,
// and changes nothing.
func (g *Guard) PlanPersistAfter(plan *Plan) (PersistPlan, error) {
	g.place()
	entries, err := g.State.entries()
	if err != nil {
		return PersistPlan{}, err
	}
	e, then := Entry{Place: g.Place}, map[string]string{}
	for _, i := range plan.Chosen() {
		e.Changes = append(e.Changes, Change{Key: i.Key.Name, From: i.Now, To: i.Want})
		then[i.Key.Name] = i.Want
	}
	if len(e.Changes) > 0 {
		entries = append(entries, e)
	}
	p, _, err := g.planPersist(entries, then)
	return p, err
}

// planPersist is PlanPersist of a journal; conf is the file as it is. then has
// the keys that are not what the kernel says by then.
func (g *Guard) planPersist(entries []Entry, then map[string]string) (p PersistPlan, c conf, err error) {
	set := g.setHere(entries)
	if len(set) == 0 {
		return p, c, ErrNothingToPersist
	}
	p.ID = set[0].id
	if c, err = g.DropIn.read(); err != nil {
		return p, c, err
	}
	for _, s := range set {
		now, ok := then[s.Key]
		if !ok {
			if now, err = g.value(s.Key); err != nil {
				return p, c, err
			}
		}
		k, _ := Lookup(s.Key)
		switch {
		case k.same(now, s.To):
			p.add(&c, s.Key, s.To)
		case s.id == p.ID:
			return p, c, fmt.Errorf("%s is %q now, the apply set %q: %w", s.Key, now, s.To, errTaken)
		}
	}
	if err := g.keepReserved(&p, &c); err != nil {
		return p, c, err
	}
	slices.SortStableFunc(p.Lines, func(a, b Line) int { return cmp.Compare(rank(a.Key), rank(b.Key)) })
	return p, c, nil
}

// setKey is a key that an apply set, and which one.
type setKey struct {
	Change
	id string
}

// setHere are the keys that applies in this namespace set and that no undo has
// put back, those of the last one first. Of two changes of a key the later counts.
func (g *Guard) setHere(entries []Entry) (out []setKey) {
	for i := range slices.Backward(entries) {
		e := &entries[i]
		if !e.Place.is(&g.Place) {
			continue
		}
		for _, c := range e.Changes {
			if !slices.ContainsFunc(out, func(o setKey) bool { return o.Key == c.Key }) {
				out = append(out, setKey{c, e.ID})
			}
		}
	}
	return out
}

// keepReserved adds the reservations that are in force, whoever made them,
// where the range is persisted: a boot would bring the wide range without them.
func (g *Guard) keepReserved(p *PersistPlan, c *conf) error {
	has := func(key string) bool { return slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Key == key }) }
	if !has(LocalPortRange) || has(LocalReservedPorts) {
		return nil
	}
	now, ok, err := g.Kernel.Read(LocalReservedPorts)
	if err != nil || !ok || now == "" {
		return err
	}
	list, err := Check(LocalReservedPorts, now)
	if err == nil {
		p.add(c, LocalReservedPorts, list)
	}
	return err
}

func (p *PersistPlan) add(c *conf, key, value string) {
	had, _ := c.value(key)
	p.Lines = append(p.Lines, Line{Key: key, Value: value, Had: source.Clean(had, maxRead)})
}
