package ui

import (
	"io"
	"testing"

	"github.com/muesli/termenv"
)

// The depth goes by the environment that Options give, not by the process's.
func TestColorDepth(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("COLORTERM", "truecolor")
	t.Setenv("NO_COLOR", "")
	for _, c := range []struct {
		env  map[string]string
		want termenv.Profile
	}{
		{nil, termenv.Ascii},
		{map[string]string{"TERM": "dumb"}, termenv.Ascii},
		{map[string]string{"TERM": "linux"}, termenv.ANSI},
		{map[string]string{"TERM": "xterm"}, termenv.ANSI},
		{map[string]string{"TERM": "xterm-256color"}, termenv.ANSI256},
		{map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor"}, termenv.TrueColor},
		{map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, termenv.Ascii},
	} {
		getenv := func(k string) string { return c.env[k] }
		if got := colorDepth(io.Discard, getenv, termenv.WithTTY(true)); got != c.want {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
	if got := colorDepth(io.Discard, func(string) string { return "xterm" }); got != termenv.Ascii {
		t.Errorf("what is no terminal has depth %v", got)
	}
}
