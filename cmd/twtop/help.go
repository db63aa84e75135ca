package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// helpWidth is what every terminal has.
const helpWidth = 80

// help writes a command's help so that it fits 80×24.
func help(cmd *cobra.Command, _ []string) {
	var b strings.Builder
	b.WriteString(cmd.Long)
	if cmd.Long == "" {
		b.WriteString("twtop " + cmd.Name() + ": " + cmd.Short)
	}
	fmt.Fprintf(&b, "\n\nUsage: %s\n", usage(cmd))
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(&b, "  %-12s %s\n", sub.Name(), sub.Short)
		}
	}
	b.WriteString("\n" + cmd.Flags().FlagUsagesWrapped(helpWidth))
	fmt.Fprint(cmd.OutOrStdout(), b.String())
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
