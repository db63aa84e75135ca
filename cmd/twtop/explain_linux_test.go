package main

import (
	"strings"
	"testing"
)

// TestExplainTakesTheWidth shows a page in terminals of several widths: it is
// as wide as they are, but no wider than can be read with ease.
func TestExplainTakesTheWidth(t *testing.T) {
	for _, c := range []struct{ terminal, above, most int }{
		{60, 50, 60},
		{90, 80, 90},
		{160, 90, 100},
	} {
		x := open(t, c.terminal, 70, true, nil, program(t), "explain", "tw-recycle")
		if code := x.exit(); code != exitDone {
			t.Fatalf("exit code %d:\n%s", code, x.screen())
		}
		widest := 0
		for line := range strings.Lines(x.screen()) {
			widest = max(widest, len(strings.TrimRight(line, " \n")))
		}
		if widest <= c.above || widest > c.most {
			t.Errorf("%d columns: the widest line has %d, want %d to %d:\n%s", c.terminal, widest, c.above+1, c.most, x.screen())
		}
	}
}
