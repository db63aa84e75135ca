// Package report writes a diagnosis.Report for a script, as JSON, and for a
// person, as text of a given width. Neither ever holds an escape sequence.
package report

import "github.com/359a26c5/twtop/source"

// nameLimit bounds, in characters, a name or value from outside.
const nameLimit = 200

func clean(s string) string { return source.Clean(s, nameLimit) }

// sentence cleans a sentence of ours, which may hold names from outside and a
// sysctl's whole value.
func sentence(s string) string { return source.Clean(s, valueLimit) }

// told returns a sentence, nil where there is none.
func told(s string) *string {
	if s = sentence(s); s == "" {
		return nil
	}
	return &s
}

// known returns s cleaned, nil where there is none: an absent figure is null.
func known(s string) *string {
	if s = clean(s); s == "" {
		return nil
	}
	return &s
}
