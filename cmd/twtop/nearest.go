package main

import (
	"strings"

	pages "github.com/359a26c5/twtop/source/explain"
)

// nearest are those of words that somebody may have meant who wrote another.
func nearest(word string, words []string) []string { return pages.Nearest(word, words) }

// perhaps asks whether one of them was meant, if there are any.
func perhaps(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// meant is perhaps, or else lists what there is.
func meant(word string, among []string) string {
	if near := nearest(word, among); len(near) > 0 {
		return perhaps(near)
	}
	return "; there are " + strings.Join(among, ", ")
}
