package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// invisible are the characters that unicode calls printable and that draw
// nothing: fillers and variation selectors. They hide differences between names.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, // Mongolian selectors
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // Braille blank
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // variation selectors
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // halfwidth Hangul filler
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe4, Hi: 0x16fe4, Stride: 1}, // Khitan filler
		{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, // musical null notehead
		{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}, // variation selectors
	},
}

// maxMarks is how many marks a character may carry. Two are a vowel and a tone;
// a pile of them draws over the lines above and below.
const maxMarks = 2

// Clean makes text from outside fit for a terminal: escape sequences, control
// bytes, bidirectional and zero-width marks and invalid UTF-8 are dropped, each
// run of white space becomes one blank, none at either end; marks that combine
// with no character, or more than two with one, are dropped. The result is at
// most limit characters; where it was cut, the last of them is "…". It takes
// one pass, and reads no more of s than it needs.
func Clean(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	var b strings.Builder
	n, blank, marks := 0, false, maxMarks
	for len(s) > 0 {
		if skip := escape(s); skip > 0 {
			s = s[skip:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case unicode.IsSpace(r):
			blank, marks = n > 0, maxMarks
			continue
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r), unicode.Is(invisible, r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if blank {
			b.WriteByte(' ')
			n, blank = n+1, false
		}
		b.WriteRune(r)
		if n++; n > limit {
			return cut(b.String(), limit)
		}
	}
	return b.String()
}

// plain reports whether s is visible ASCII without blanks, as most names are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// cut keeps limit-1 characters of s and ends them with "…".
func cut(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	for i := range s {
		if limit--; limit == 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// escape returns the length of the escape sequence (ECMA-48) that s begins
// with, 0 if none does. A control string without an end takes the rest of s,
// as it would on a terminal.
func escape(s string) int {
	kind, at := introducer(s)
	switch kind {
	case 0:
		return 0
	case '[':
		for at < len(s) && s[at] >= 0x20 && s[at] <= 0x3f {
			at++
		}
		if at < len(s) && s[at] >= 0x40 && s[at] <= 0x7e {
			at++
		}
		return at
	case ']', 'P', 'X', '^', '_':
		return at + controlString(s[at:])
	}
	return at
}

// introducer returns which kind of sequence s begins with, by the byte that
// follows ESC, and its length. The 8-bit forms are U+0080 to U+009F.
func introducer(s string) (kind byte, length int) {
	switch {
	case len(s) >= 2 && s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f:
		return s[1] - 0x40, 2
	case s[0] != 0x1b:
		return 0, 0
	}
	at := 1
	for at < len(s) && s[at] >= 0x20 && s[at] <= 0x2f {
		at++
	}
	if at == len(s) || s[at] < 0x30 || s[at] > 0x7e {
		return 0x1b, at
	}
	if at > 1 {
		return 0x1b, at + 1
	}
	return s[at], at + 1
}

// controlString returns the length of a control string's body and its end:
// BEL, ESC \ or U+009C.
func controlString(s string) int {
	for i := range len(s) {
		switch {
		case s[i] == 0x07:
			return i + 1
		case s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\',
			s[i] == 0xc2 && i+1 < len(s) && s[i+1] == 0x9c:
			return i + 2
		}
	}
	return len(s)
}
