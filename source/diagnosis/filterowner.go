package diagnosis

import (
	"errors"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// ownerTests are the words about who owns a row's connections. A row passes if
// one of its owners does; the names are looked for in any case and in part.
var ownerTests = map[string]func(value string) (func(*source.Process) bool, error){
	"pid": func(value string) (func(*source.Process) bool, error) {
		pid, err := strconv.Atoi(value)
		if err != nil || pid <= 0 {
			return nil, errors.New("a pid is a number above 0")
		}
		return func(p *source.Process) bool { return p.PID == pid }, nil
	},
	"comm": partOf(func(p *source.Process) []string { return []string{p.Name} }),
	"unit": partOf(func(p *source.Process) []string { return []string{p.Unit} }),
	"container": partOf(func(p *source.Process) []string {
		return []string{p.Container.ID, p.Container.Runtime, p.Container.Pod}
	}),
}

func partOf(names func(*source.Process) []string) func(string) (func(*source.Process) bool, error) {
	return func(value string) (func(*source.Process) bool, error) {
		if value == "" {
			return nil, errors.New("there is nothing after the colon")
		}
		value = strings.ToLower(value)
		return func(p *source.Process) bool {
			for _, name := range names(p) {
				if strings.Contains(strings.ToLower(name), value) {
					return true
				}
			}
			return false
		}, nil
	}
}

// ownerTest takes rows of which an owner passes.
func ownerTest(key, value string) (rowTest, error) {
	test, err := ownerTests[key](value)
	if err != nil {
		return nil, err
	}
	return func(r *row) bool {
		if r.owners == nil {
			return false
		}
		for i := range r.owners.All {
			if test(&r.owners.All[i].Process) {
				return true
			}
		}
		return false
	}, nil
}
