package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/ui"
)

// columnList is a flag's list of ui.DestinationColumns. Empty is all.
type columnList []string

func (l *columnList) Set(s string) error {
	var list columnList
	known := ui.DestinationColumns()
	for name := range strings.SplitSeq(strings.ToLower(s), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(known, name) {
			return fmt.Errorf("no column %q%s", name, meant(name, known))
		}
		list = append(list, name)
	}
	*l = list
	return nil
}

func (l *columnList) String() string { return strings.Join(*l, ",") }

// Type implements pflag.Value.
func (l *columnList) Type() string { return "LIST" }

// completeColumns offers the columns that are not in the list yet.
func completeColumns(_ *cobra.Command, _ []string, typed string) (out []string, _ cobra.ShellCompDirective) {
	before, last := "", typed
	if i := strings.LastIndexByte(typed, ','); i >= 0 {
		before, last = typed[:i+1], typed[i+1:]
	}
	for _, c := range ui.DestinationColumns() {
		if strings.HasPrefix(c, last) && !slices.Contains(strings.Split(before, ","), c) {
			out = append(out, before+c)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
