package sysctl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// With is the plan with an item ticked or not. What has to be written before a
// ticked item is ticked with it, and what needs an unticked one is unticked
// with it: a range is not widened without its reservations.
func (p *Plan) With(key string, ticked bool) Plan {
	out := *p
	out.Items = slices.Clone(p.Items)
	if ticked {
		out.tick(key)
	} else {
		out.untick(key)
	}
	out.weigh()
	return out
}

// tick reports whether the item has its value or gets it.
func (p *Plan) tick(key string) bool {
	i := p.Item(key)
	if i == nil || i.Known && i.Key.same(i.Want, i.Now) {
		return i == nil || i.Refused == ""
	}
	if i.Refused != "" {
		return false
	}
	for _, first := range before[key] {
		if !p.tick(first) {
			p.untick(key)
			return false
		}
	}
	i.Ticked = true
	return true
}

func (p *Plan) untick(key string) {
	i := p.Item(key)
	if i == nil || i.Known && i.Key.same(i.Want, i.Now) {
		return
	}
	i.Ticked = false
	for later, firsts := range before {
		if slices.Contains(firsts, key) {
			p.untick(later)
		}
	}
}

// Only is the plan with these keys ticked, what they need, and nothing else.
func (p *Plan) Only(keys []string) (Plan, error) {
	out := *p
	out.Items = slices.Clone(p.Items)
	for i := range out.Items {
		out.Items[i].Ticked = false
	}
	for _, key := range keys {
		if _, ok := Lookup(key); !ok {
			return Plan{}, fmt.Errorf("%s is no key that twtop knows: see twtop sysctl", source.Clean(key, 80))
		}
		i := out.Item(key)
		switch {
		case i == nil || i.Known && i.Refused == "" && i.Key.same(i.Want, i.Now):
			return Plan{}, fmt.Errorf("%s stays as it is: nothing here asks for another value", key)
		case i.Refused != "":
			return Plan{}, fmt.Errorf("%s cannot be set here: %s", key, i.Refused)
		case !out.tick(key):
			return Plan{}, fmt.Errorf("%s cannot be set here: %s would have to be set first", key, strings.Join(before[key], ", "))
		}
	}
	out.weigh()
	return out, nil
}

// check holds a plan that was put together elsewhere to the rules of this one.
func (p *Plan) check() error {
	if p.Refused != "" {
		return fmt.Errorf("nothing can be written: %s", p.Refused)
	}
	for _, i := range p.Chosen() {
		if _, err := Check(i.Key.Name, i.Want); err != nil {
			return err
		}
		if _, err := Check(i.Key.Name, i.Now); err != nil && i.Key.OneWay == "" {
			return fmt.Errorf("it could not be put back: %w", err)
		}
		for _, key := range before[i.Key.Name] {
			if f := p.Item(key); f != nil && f.Changes() && !f.Ticked {
				return fmt.Errorf("%s is not set without %s before it", i.Key.Name, key)
			}
		}
	}
	if err := p.starved(); err != nil {
		return fmt.Errorf("nothing was written: %s: %w", LocalReservedPorts, err)
	}
	return nil
}
