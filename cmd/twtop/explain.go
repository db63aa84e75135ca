package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	pages "github.com/359a26c5/twtop/source/explain"
)

const explainLong = `What a finding means, how it is told, what helps now and for good, and what
does not; and how to set up a client or a server. Without ID the list of pages.

  twtop explain                    the list
  twtop explain port-exhaustion    a finding
  twtop explain nginx | less       a cure`

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:               "explain [ID]",
		Short:             "what a finding means, and what helps",
		Long:              explainLong,
		ValidArgsFunction: completePage,
		Args:              cobra.MaximumNArgs(1),
		RunE: does(func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listPages(os.Stdout)
			}
			return showPage(os.Stdout, args[0], pageWidth(os.Stdout.Fd()))
		}),
	}
}

// completePage offers the ids that begin as typed, and what each page is about.
func completePage(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, p := range pages.Pages() {
		if strings.HasPrefix(p.ID, typed) {
			out = append(out, p.ID+"\t"+p.Summary)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// widestPage is from where on lines are too long to be read with ease,
// narrowest below what the text is not wrapped.
const widestPage, narrowestPage = 100, 40

// pageWidth is the terminal's, within reason, or what every terminal has.
func pageWidth(stdout uintptr) int {
	if !term.IsTerminal(stdout) {
		return helpWidth
	}
	width, _, err := term.GetSize(stdout)
	if err != nil || width <= 0 { // a serial console does not tell its size
		return helpWidth
	}
	return min(max(width, narrowestPage), widestPage)
}

func showPage(w io.Writer, id string, width int) error {
	p, ok := pages.Lookup(id)
	if !ok {
		return usagef("explain: there is no page %q%s", id, didYouMean(pages.Near(id)))
	}
	_, err := fmt.Fprintln(w, strings.Join(p.Lines(width), "\n"))
	return err
}

func didYouMean(ids []string) string {
	if len(ids) == 0 {
		return "; `twtop explain` lists them"
	}
	return "; did you mean " + strings.Join(ids, " or ") + "?"
}

// listPages writes a line for each page, the findings' first.
func listPages(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "What twtop finds")
	cures := false
	for _, p := range pages.Pages() {
		if !p.Finding && !cures {
			fmt.Fprintln(w, "\nWhat helps")
			cures = true
		}
		fmt.Fprintf(w, "  %-24s  %s\n", p.ID, p.Summary)
	}
	return w.Flush()
}
