package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"web-3":                       "web-3",
		"":                            "",
		"naïve 日本":                    "naïve 日本",
		"a\x1b[31mred\x1b[0m":         "ared",
		"\x1b]0;title\x07x":           "x",
		"\x1b]52;c;cm0gLXJm\x1b\\x":   "x",
		"one\r\ntwo\tthree":           "one  two three",
		"abc\u202edcb":                "abcdcb",
		"\u2066a\u2069\u200bb\ufeffc": "abc",
		"\u009b31mx":                  "31mx",
		"bad\xff\xfebytes":            "badbytes",
		"e\u0301\u0301\u0301\u0301":   "e",
		"nul\x00del\x7f":              "nuldel",
		"\U000e0041tag":               "tag",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanBoundsLength(t *testing.T) {
	for _, in := range []string{strings.Repeat("x", 1<<20), strings.Repeat("日", 1<<20), strings.Repeat("\x1b[1m", 1<<20)} {
		if n := len(clean(in)); n > maxClean+utf8.UTFMax {
			t.Errorf("%d bytes are left", n)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"web-3", "\x1b]0;x\x07", "\u202e", "\xc2\x9b31m", "日本\r\n", "\x1b", "\xff\x1b[m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := clean(in)
		if !utf8.ValidString(got) || got != ansi.Strip(got) || clean(got) != got {
			t.Fatalf("clean(%q) = %q", in, got)
		}
		for _, r := range got {
			if r < ' ' || r >= 0x7f && r < 0xa0 || !showable(r) && r != utf8.RuneError {
				t.Fatalf("clean(%q) keeps %U", in, r)
			}
		}
		for _, w := range []int{0, 1, 5, 40} {
			if n := ansi.StringWidth(cut(got, w)); n > w {
				t.Fatalf("cut(%q, %d) is %d cells wide", got, w, n)
			}
		}
	})
}
