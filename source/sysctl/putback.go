package sysctl

import (
	"errors"
	"fmt"
	"slices"
)

// backing puts keys back, the last one that was written first.
type backing struct {
	*Guard
	// got is what the kernel made of a write, where it is not what was written.
	got map[string]string
	// stay are the keys that were not put back, failed those of them that
	// another try may put back.
	stay   map[string]bool
	failed []Change
	// taken are those that somebody else has set.
	taken []Change
}

// one puts a key back, and says what became of it.
func (b *backing) one(c *Change) Done {
	k, _ := Lookup(c.Key)
	d := Done{Key: c.Key, From: b.written(c), To: c.From}
	now, err := b.value(c.Key)
	refused := ""
	if err == nil {
		refused, d.Outcome = b.refusal(&k, c, now)
	}
	switch {
	case err == nil && d.Outcome == OutcomeUnchanged:
		return d
	case err != nil:
	case refused != "":
		err = errors.New(refused)
	default:
		_, err = b.exchange(c.Key, now, c.From)
		d.Outcome = OutcomePutBack
	}
	if err == nil {
		return d
	}
	if d.Note = err.Error(); refused == "" {
		d.Outcome = OutcomeFailed
		b.failed = append(b.failed, *c)
	} else if b.wait(c, d.Outcome); d.Outcome == OutcomeTaken {
		b.taken = append(b.taken, *c)
	}
	b.stay[c.Key] = true
	return d
}

// written is what twtop left in the kernel.
func (b *backing) written(c *Change) string {
	if got, ok := b.got[c.Key]; ok {
		return got
	}
	return c.To
}

// refusal says why a key that has a value now is not put back.
func (b *backing) refusal(k *Key, c *Change, now string) (string, Outcome) {
	switch mine := b.written(c); {
	case k.same(now, c.From):
		return "", OutcomeUnchanged
	case !k.same(now, mine):
		return fmt.Sprintf("somebody else set it to %q since, twtop had set it to %q: %[1]q stays", now, mine), OutcomeTaken
	case k.OneWay != "":
		return k.OneWay, OutcomeKept
	}
	if later := b.holding(k.Name); later != "" {
		return fmt.Sprintf("it stays as long as %s is not put back", later), OutcomeKept
	}
	return "", ""
}

// holding is the range where it was not put back: a wide one without its
// reservations takes the ports of services.
func (b *backing) holding(key string) string {
	if key == LocalReservedPorts && b.stay[LocalPortRange] {
		return LocalPortRange
	}
	return ""
}

// wait keeps a change that is held back, and what holds it back, for a later undo.
func (b *backing) wait(c *Change, o Outcome) {
	later := b.holding(c.Key)
	if o != OutcomeKept || later == "" {
		return
	}
	is := func(c Change) bool { return c.Key == later }
	held := *c
	if !slices.ContainsFunc(b.failed, is) {
		if i := slices.IndexFunc(b.taken, is); i >= 0 {
			b.taken[i].Held, held.Held = true, true
			b.failed = append(b.failed, b.taken[i])
		}
	}
	b.failed = append(b.failed, held)
}

// left are the changes that another try may put back, in the order of writing.
func (b *backing) left() []Change {
	out := slices.Clone(b.failed)
	slices.Reverse(out)
	return out
}
