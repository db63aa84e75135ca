package ui

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestCleanTyped(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", " ": " ", "  \t": " ", " a  b\n": " a b ", "\n\x1b[2J\n": " ", ":5432\x1b[2J\u202e": ":5432",
		strings.Repeat("x", 3*maxTyped): strings.Repeat("x", 3*maxTyped),
	} {
		if got := cleanTyped(in); got != want {
			t.Errorf("cleanTyped(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzClean: what is clean stays one line, within its cells and nothing that
// the terminal obeys.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"web-3", "\x1b]0;x\x07", "\u202e", "\xc2\x9b31m", "日本\r\n", "\x1b", "\xff\x1b[m", "e\u0301\u0301\u0301", " a "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for name, got := range map[string]string{"clean": clean(in), "cleanTyped": cleanTyped(in)} {
			if !utf8.ValidString(got) || got != ansi.Strip(got) || name == "clean" && clean(got) != got {
				t.Fatalf("%s(%q) = %q", name, in, got)
			}
			for _, r := range got {
				if !unicode.IsPrint(r) {
					t.Fatalf("%s(%q) keeps %U", name, in, r)
				}
			}
			for _, w := range []int{0, 1, 5, 40} {
				if n := ansi.StringWidth(cut(got, w)); n > w {
					t.Fatalf("cut(%q, %d) is %d cells wide", got, w, n)
				}
			}
		}
		if n := utf8.RuneCountInString(clean(in)); n > textLimit {
			t.Fatalf("%d characters are left", n)
		}
	})
}
