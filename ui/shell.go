package ui

import (
	"regexp"
	"strings"
	"unicode"
)

// safeWord is what every shell takes as it stands.
var safeWord = regexp.MustCompile(`^[A-Za-z0-9_./:,@%+-]+$`)

// shellWord writes s as one word of a POSIX shell. It refuses what a terminal
// may take as more than text when it is pasted.
func shellWord(s string) (string, bool) {
	if safeWord.MatchString(s) {
		return s, true
	}
	for _, r := range s {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return "", false
		}
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'", true
}
