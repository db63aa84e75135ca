// Package report writes a diagnosis.Report for a script, as JSON, and for a
// person, as text of a given width. Neither ever holds an escape sequence.
package report

import "github.com/359a26c5/twtop/source"

// nameLimit bounds, in characters, a name or value from outside.
const nameLimit = 200

func clean(s string) string { return source.Clean(s, nameLimit) }

// known returns s cleaned, nil where there is none: an absent figure is null.
func known(s string) *string {
	if s = clean(s); s == "" {
		return nil
	}
	return &s
}
