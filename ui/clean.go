package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxClean bounds a cleaned string: nothing on the screen needs more, and a
// capture may hold a host name of a megabyte.
const maxClean = 512

// clean makes a string from outside fit to be shown: one line, no control
// character, nothing that the terminal obeys (escape sequences, C1 bytes) or
// that reorders or hides its neighbours (bidirectional and zero-width runes,
// combining marks piled up). It is called once, where a frame is made.
func clean(s string) string {
	if len(s) > 4*maxClean {
		s = s[:4*maxClean]
	}
	if plain(s) {
		return s
	}
	s = ansi.Strip(s)
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < maxClean; {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteRune('�')
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case showable(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return len(s) <= maxClean
}

// showable drops what has no width of its own besides control characters:
// U+200B–F, U+202A–E, U+2060–F, U+FEFF (all Cf), combining and enclosing marks,
// variation selectors, surrogates and private use.
func showable(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Zl, unicode.Zp, unicode.Co)
}
