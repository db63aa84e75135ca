package sysctl

import (
	"errors"
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// errTaken: the value is not what it has to be for a write.
var errTaken = errors.New("somebody else set it")

// exchange writes a key if it has a value now, and checks that the kernel took
// the new one. got is what the key has in the end, as far as that is known.
func (g *Guard) exchange(key, from, to string) (got string, err error) {
	k, ok := Lookup(key)
	if !ok {
		return "", fmt.Errorf("%s is no key of the catalogue", source.Clean(key, 80))
	}
	to, err = Check(key, to)
	if err != nil {
		return from, err
	}
	if k.Scope == ScopeHost && !g.Place.First {
		return from, fmt.Errorf("%s holds for the whole host and is not written from inside another namespace", key)
	}
	now, err := g.value(key)
	if err != nil {
		return from, err
	}
	if !k.same(now, from) {
		return now, fmt.Errorf("%s: %w to %q meanwhile, it was %q", key, errTaken, now, from)
	}
	if err := at(g.Step, "write "+key); err != nil {
		return now, err
	}
	if err := g.Kernel.Write(key, to); err != nil {
		return now, err
	}
	if err := at(g.Step, "wrote "+key); err != nil {
		return to, err
	}
	got, err = g.value(key)
	if err == nil && !k.same(got, to) {
		err = fmt.Errorf("%s: the kernel made %q of %q", key, got, to)
	}
	return got, err
}

// value reads a key that has to be there.
func (g *Guard) value(key string) (string, error) {
	v, ok, err := g.Kernel.Read(key)
	if err == nil && !ok {
		err = fmt.Errorf("%s: there is no such key here any more", key)
	}
	return v, err
}
