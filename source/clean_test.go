package source

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		limit          int
	}{
		{"plain", "web-3", "web-3", 10},
		{"colour", "\x1b[31mweb\x1b[0m-3", "web-3", 10},
		{"window title", "a\x1b]0;owned\x07b", "ab", 10},
		{"title ended by ST", "a\x1b]0;owned\x1b\\b", "ab", 10},
		{"8-bit CSI", "a\u009b31mb", "ab", 10},
		{"8-bit OSC", "a\u009d0;x\u009cb", "ab", 10},
		{"charset", "a\x1b(0b", "ab", 10},
		{"unfinished string", "a\x1bPevil", "a", 10},
		{"lone escape", "a\x1b", "a", 10},
		{"CSI cut short by a control byte", "a\x1b[3\nb", "a b", 10},
		{"bidi", "abc\u202etxt.exe", "abctxt.exe", 20},
		{"zero width", "a\u200bb\u200dc\ufeffd\u2060e", "abcde", 20},
		{"variation selector and filler", "a\ufe0fb\u3164c\u115fd", "abcd", 20},
		{"fillers", "a\u2800b\u1160c\uffa0d\u034fe\U0001d159f", "abcdef", 20},
		{"a mark", "e\u0301te\u0301", "e\u0301te\u0301", 20},
		{"two marks", "a\u0302\u0301", "a\u0302\u0301", 20},
		{"a pile of marks", "a" + strings.Repeat("\u0337\u20dd", 50) + "b", "a\u0337\u20ddb", 20},
		{"a pile around what is dropped", "a\u0337\u0337\u200b\u0337\x07\u0337b", "a\u0337\u0337b", 20},
		{"marks on nothing", "\u0301a \u0301b", "a b", 20},
		{"marks count", "a\u0301\u0301bc", "a\u0301…", 3},
		{"a pile that is not seen needs no room", "ab" + strings.Repeat("\u0301", 9), "ab\u0301\u0301", 4},
		{"tag characters", "a\U000e0041b", "ab", 20},
		{"blanks", " \t32768\t60999\n\r\x00", "32768 60999", 20},
		{"separators", "a\u2028b\u00a0c", "a b c", 20},
		{"invalid UTF-8", "a\xff\xc3b", "ab", 20},
		{"DEL and C0", "a\x7fb\x07c\x00", "abc", 20},
		{"wide", "ホスト", "ホスト", 3},
		{"cut", "abcdef", "abc…", 4},
		{"cut wide", "ホストだよ", "ホスト…", 4},
		{"not cut by what follows unseen", "abcd\x1b[0m\n", "abcd", 4},
		{"limit 1", "abc", "…", 1},
		{"limit 0", "abc", "", 0},
		{"replacement character is text", "a\ufffdb", "a\ufffdb", 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Clean(c.in, c.limit); got != c.want {
				t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", 5)
	f.Add("a\u202eb\xc2\x9b1m\x1b[", 80)
	f.Add(strings.Repeat("\x1b]", 50), 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = limit & 0xff
		got := Clean(s, limit)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit {
			t.Fatalf("Clean(%q, %d) = %q", s, limit, got)
		}
		marks := maxMarks
		for _, r := range got {
			if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
				marks = 0
			} else if marks > maxMarks {
				t.Fatalf("Clean(%q, %d) kept a pile of marks: %q", s, limit, got)
			}
			if !unicode.IsPrint(r) || unicode.Is(invisible, r) {
				t.Fatalf("Clean(%q, %d) kept %U", s, limit, r)
			}
		}
		if again := Clean(got, limit); again != got {
			t.Fatalf("Clean is not stable: %q then %q", got, again)
		}
	})
}
