package textdump_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wrap breaks lines as a terminal of that many columns does. Most terminals
// do not give the blanks at the end of a line away when text is copied.
func wrap(text string, columns int, trim bool) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		if trim {
			l = strings.TrimRight(l, " ")
		}
		for {
			n := min(columns, len(l))
			if part := l[:n]; trim {
				b.WriteString(strings.TrimRight(part, " ") + "\n")
			} else {
				b.WriteString(part + "\n")
			}
			if l = l[n:]; l == "" {
				break
			}
		}
	}
	return b.String()
}

// TestWrapped holds that no width of a terminal changes a figure.
func TestWrapped(t *testing.T) {
	for _, name := range []string{"ss-tan.txt", "ss-tanope.txt", "ss-tanoepim.txt", "netstat-tan.txt", "netstat-tanopeW.txt", "proc-tcp.txt"} {
		text := world(t, name)
		want := figures(parse(t, text))
		for columns := 40; columns <= 180; columns++ {
			for _, trim := range []bool{false, true} {
				snap := parse(t, wrap(text, columns, trim))
				if diff := cmp.Diff(want, figures(snap)); diff != "" {
					t.Errorf("%s at %d columns, trimmed %v:\n%s%q", name, columns, trim, diff, snap.Gaps)
					break
				}
			}
		}
	}
}

// eachLine puts every line through f.
func eachLine(text string, f func(n int, l string) string) string {
	var b strings.Builder
	n := 0
	for l := range strings.Lines(text) {
		b.WriteString(f(n, strings.TrimSuffix(l, "\n")) + "\n")
		n++
	}
	return b.String()
}

// TestDressed holds that nothing that tickets, chats and terminals put around
// a text changes a figure.
func TestDressed(t *testing.T) {
	prefix := func(s string) func(string) string {
		return func(text string) string {
			return eachLine(text, func(_ int, l string) string { return s + l })
		}
	}
	dresses := map[string]func(string) string{
		"CRLF":         func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"quoted":       prefix("> "),
		"quoted twice": prefix(">> "),
		"indented":     prefix("    "),
		"a tab":        prefix("\t"),
		"blank lines":  func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
		"a fence":      func(s string) string { return "Hello,\n\n```console\n" + s + "```\n" },
		"colours":      prefix("\x1b[0m\x1b[01;31m"),
		"no-break":     func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") },
		"a log": func(s string) string {
			return eachLine(s, func(n int, l string) string { return fmt.Sprintf("Nov 25 02:25:%02d web-3 sh[4]: %s", n%60, l) })
		},
		"ISO times":      prefix("2026-11-25T02:25:01Z "),
		"a prompt":       func(s string) string { return "admin@web-3:~$ sudo ss -tan\n" + s + "admin@web-3:~$ \n" },
		"a root prompt":  func(s string) string { return "[root@web-3 ~]# netstat -tan | tee x\n" + s + "[root@web-3 ~]# exit\n" },
		"no final line":  func(s string) string { return strings.TrimSuffix(s, "\n") },
		"UTF-8 BOM":      func(s string) string { return "\ufeff" + s },
		"UTF-16":         func(s string) string { return utf16("\ufeff" + s) },
		"bidi marks":     prefix("\u202e\u200b"),
		"trailing tabs":  func(s string) string { return strings.ReplaceAll(s, "\n", "\t \n") },
		"the first only": func(s string) string { i := strings.IndexByte(s, '\n') + 1; return s[:i] + prefix("   ")(s[i:]) },
	}
	for _, name := range []string{"ss-tan.txt", "ss-tanoepim.txt", "netstat-tanopeW.txt", "proc-tcp.txt"} {
		text := world(t, name)
		want := figures(parse(t, text))
		for dress, f := range dresses {
			snap := parse(t, f(text))
			if diff := cmp.Diff(want, figures(snap)); diff != "" {
				t.Errorf("%s, %s:\n%.2000s%q", name, dress, diff, snap.Gaps)
			}
		}
	}
}

// utf16 is little-endian UTF-16 of text in the basic plane.
func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}
