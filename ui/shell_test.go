package ui

import (
	"os/exec"
	"testing"
)

// What a shell makes of a word is the word again.
func TestShellWord(t *testing.T) {
	for _, s := range []string{"", "0", "32768 60999", "a'b", "$(id)", "`id`", `\`, "x; rm -rf /", "naïve", "/run/netns/x y", "*", "~"} {
		word, ok := shellWord(s)
		if !ok {
			t.Errorf("%q is refused", s)
			continue
		}
		out, err := exec.Command("sh", "-c", "printf %s "+word).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q became %s, which is %q for the shell (%v)", s, word, out, err)
		}
	}
	for _, s := range []string{"a\nb", "\x1b[201~id\n", "a\x00", "\u202e", "\xff"} {
		if word, ok := shellWord(s); ok {
			t.Errorf("%q became %q", s, word)
		}
	}
}
