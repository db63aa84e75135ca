package ui

import (
	"unicode"
	"unicode/utf8"

	"github.com/359a26c5/twtop/source"
)

// textLimit bounds a string from outside, in characters: nothing on the screen
// needs more, and a capture may hold a host name of a megabyte.
const textLimit = 512

// clean makes a string from outside fit to be shown. It is called once, where
// a frame is made.
func clean(s string) string { return source.Clean(s, textLimit) }

// cleanTyped is clean for text that is typed or pasted piece by piece: a blank
// at either end is meant.
func cleanTyped(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	text := source.Clean(s, len(s)+1)
	if unicode.IsSpace(first) {
		text = " " + text
	}
	if unicode.IsSpace(last) && text != " " {
		text += " "
	}
	return text
}
