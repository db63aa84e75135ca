package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/359a26c5/twtop/fixtures"
	"github.com/359a26c5/twtop/source/capture"
)

// builtIn is the built-in incident of a name.
func builtIn(name string) (incident fixtures.Incident, ok bool) {
	for _, i := range fixtures.All() {
		if i.Name == name {
			return i, true
		}
	}
	return incident, false
}

// builtInNames are the names of all of them.
func builtInNames() (names []string) {
	for _, i := range fixtures.All() {
		names = append(names, i.Name)
	}
	return names
}

// builtInWords names them, after a name that none of them has.
func builtInWords() string {
	names := builtInNames()
	if len(names) == 0 {
		return ": this twtop has none"
	}
	return "; there are " + strings.Join(names, ", ")
}

// openBuiltIn opens the capture of a built-in incident.
func (r *recording) openBuiltIn(name string) (err error) {
	content, ok := fixtures.Open(name)
	if !ok {
		return fmt.Errorf("%s: this twtop was built without it", name)
	}
	if r.capture, err = capture.Open(content); err != nil {
		return r.wrong(err)
	}
	return r.hasFrame()
}

// listBuiltIn writes a line for each.
func listBuiltIn(w io.Writer) error {
	width := 0
	for _, i := range fixtures.All() {
		width = max(width, len(i.Name))
	}
	for _, i := range fixtures.All() {
		if _, err := fmt.Fprintf(w, "%-*s  %s\n", width, i.Name, i.Title); err != nil {
			return err
		}
	}
	return nil
}
