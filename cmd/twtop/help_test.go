package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
)

// TestHelpFits: the help of every command fits 80×24, and has examples.
func TestHelpFits(t *testing.T) {
	const helpHeight = 24
	seen := 0
	walk(newRoot(), func(cmd *cobra.Command) {
		seen++
		var b bytes.Buffer
		root := cmd.Root()
		root.SetOut(&b)
		root.SetArgs(append(strings.Fields(cmd.CommandPath())[1:], "--help"))
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if n := strings.Count(text, "\n"); n > helpHeight {
			t.Errorf("%s --help has %d lines:\n%s", cmd.CommandPath(), n, text)
		}
		for line := range strings.Lines(text) {
			if ansi.StringWidth(strings.TrimRight(line, "\n")) > helpWidth {
				t.Errorf("%s --help is too wide: %s", cmd.CommandPath(), line)
			}
		}
		if _, examples := parts(cmd); !strings.Contains(examples, cmd.CommandPath()) {
			t.Errorf("%s --help has no example", cmd.CommandPath())
		}
	})
	if seen < 10 {
		t.Errorf("only %d commands", seen)
	}
}
