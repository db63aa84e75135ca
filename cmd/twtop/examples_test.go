package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exampleLines are the examples of the help and the manual pages, without the
// words that say what they do, two blanks or more behind them.
func exampleLines(cmd *cobra.Command) (out []string) {
	_, text := parts(cmd)
	for line := range strings.Lines(outdent(text)) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  ")
		out = append(out, line)
	}
	return out
}

var (
	substituted = regexp.MustCompile(`"?\$\([^)]*\)"?`)
	between     = regexp.MustCompile(`&&|\|\||[|;]|<\(`)
	redirected  = regexp.MustCompile(`\s*>\s*\S+|\)$`)
)

// callsOf are the command lines of twtop in a line of shell.
func callsOf(line string) (out [][]string) {
	for part := range slices.Values(between.Split(substituted.ReplaceAllString(line, "1"), -1)) {
		words := strings.Fields(redirected.ReplaceAllString(part, ""))
		if i := slices.Index(words, "twtop"); i >= 0 {
			for j := range words {
				words[j] = strings.Trim(words[j], `'"`)
			}
			out = append(out, words[i+1:])
		}
	}
	return out
}

// TestExamplesParse: every command line in the examples is one that twtop takes.
func TestExamplesParse(t *testing.T) {
	seen := 0
	walk(newRoot(), func(of *cobra.Command) {
		for _, line := range exampleLines(of) {
			for _, call := range callsOf(line) {
				seen++
				cmd, rest, err := newRoot().Find(call)
				if err == nil {
					err = cmd.ParseFlags(rest)
				}
				if err == nil && !cmd.Flags().Changed("help") {
					err = cmd.ValidateArgs(cmd.Flags().Args())
				}
				if err != nil {
					t.Errorf("%s: %s: %v", of.CommandPath(), line, err)
				}
			}
		}
	})
	if seen < 25 {
		t.Errorf("only %d command lines", seen)
	}
}

// TestManPages: a page for each command, with every flag and every example.
func TestManPages(t *testing.T) {
	walk(newRoot(), func(cmd *cobra.Command) {
		text := manPage(cmd, built{"1.2.3", "abc", "2026-11-29T01:02:03Z"})
		want := []string{`1 "2026-11-29" "twtop 1.2.3"`, ".SH NAME\n", ".SH SYNOPSIS\n", ".SH EXIT STATUS\n", ".SH EXAMPLES\n.EX\n", ".SH SEE ALSO\n"}
		cmd.Flags().VisitAll(func(f *pflag.Flag) { want = append(want, `\fB`, roff("--"+f.Name)+`\fR`) })
		for _, line := range exampleLines(cmd) {
			want = append(want, "\n"+roff(line))
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", pageName(cmd), w, text)
			}
		}
		for line := range strings.Lines(text) {
			if strings.IndexFunc(line, func(r rune) bool { return r > '~' }) >= 0 {
				t.Errorf("%s: %q is not ASCII", pageName(cmd), line)
			}
		}
	})
}

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		"a-b":      `a\-b`,
		".x\n'y":   "\\&.x\n\\&\\(aqy",
		`\d "q"`:   `\ed \(dqq\(dq`,
		"[KEY…] →": `[KEY\[u2026]] \[u2192]`,
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
