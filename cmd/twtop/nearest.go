package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	pages "github.com/359a26c5/twtop/source/explain"
)

// nearest are those of words that somebody may have meant who wrote another.
func nearest(word string, words []string) []string { return pages.Nearest(word, words) }

// perhaps asks whether one of them was meant, if there are any.
func perhaps(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// meant is perhaps, or else lists what there is.
func meant(word string, among []string) string {
	if near := nearest(word, among); len(near) > 0 {
		return perhaps(near)
	}
	return "; there are " + strings.Join(among, ", ")
}

// flagMeant is perhaps for a flag that cmd does not have.
func flagMeant(cmd *cobra.Command, err error) string {
	unknown := (*pflag.NotExistError)(nil)
	if !errors.As(err, &unknown) {
		return ""
	}
	word := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" { // -json is -j -s -o -n
		word = letters
	}
	if len(word) < 2 {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	near := nearest(word, names)
	if slices.Contains(names, word) {
		near = []string{word}
	}
	for i := range near {
		near[i] = "--" + near[i]
	}
	return perhaps(near)
}

// noArgument refuses arguments, as what was meant for a command below cmd.
func noArgument(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), perhaps(nearest(args[0], names)))
}
