package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is what every terminal has.
const helpWidth = 80

// help writes a command's help so that it fits 80×24: what it is for, how it is
// called, with which flags, and examples, with which Long ends.
func help(cmd *cobra.Command, _ []string) {
	about, examples := parts(cmd)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage: %s\n", about, usage(cmd))
	var also []string
	for _, sub := range cmd.Commands() {
		switch {
		case !sub.IsAvailableCommand():
		case sub.Annotations[besides] != "":
			also = append(also, sub.Name())
		default:
			fmt.Fprintf(&b, "  %-10s %s\n", sub.Name(), sub.Short)
		}
	}
	if len(also) > 0 {
		fmt.Fprintf(&b, "  and %s\n", strings.Join(also, ", "))
	}
	if flags := flagLines(cmd); flags != "" {
		b.WriteString("\n" + flags)
	}
	if examples != "" {
		b.WriteString("\n" + examples + "\n")
	}
	fmt.Fprint(cmd.OutOrStdout(), b.String())
}

// besides marks commands that the help only names: they are about twtop itself.
const besides = "twtop_besides"

// parts are what Long says, and the examples that it ends with, two blanks
// before each.
func parts(cmd *cobra.Command) (about, examples string) {
	about = cmd.Long
	if about == "" {
		about = "twtop " + cmd.Name() + ": " + cmd.Short
	}
	if i := strings.LastIndex(about, "\n\n  "); i >= 0 {
		about, examples = about[:i], about[i+2:]
	}
	return about, examples
}

// flagLines are a command's flags, a line each; but for --help and --version,
// and for --ipv6, which the line of --ipv4 speaks of.
func flagLines(cmd *cobra.Command) string {
	shown := pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{"help", "version", "ipv6"}, f.Name) {
			shown.AddFlag(f)
		}
	})
	return shown.FlagUsagesWrapped(helpWidth)
}

// walk calls do with cmd and all commands below it that are there for people.
func walk(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			walk(sub, do)
		}
	}
}

func usage(cmd *cobra.Command) string {
	line := strings.TrimSuffix(cmd.UseLine(), " [flags]") + " [flags]"
	if cmd.HasAvailableSubCommands() {
		line += ", or " + cmd.CommandPath() + " COMMAND [flags]"
	}
	return line
}

// newHelp is cobra's help command, hidden: --help says the same.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "the help of a command",
		Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, _, err := root.Find(args)
			if err != nil {
				return err
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}
