package main

import "github.com/spf13/cobra"

const rootLong = `twtop tells whether this host runs out of local ports: towards where, how many
are left, and when they come back. Without a command it shows that live.

  sudo twtop                look at this host; ? lists the keys, q leaves
  twtop snapshot --help     each command has a page like this one`

// newRoot returns the command line: the live screen and the commands.
func newRoot() *cobra.Command {
	var o screenFlags
	root := &cobra.Command{
		Use:           "twtop",
		Short:         "the live screen",
		Long:          rootLong,
		Version:       build().line(),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          does(func(cmd *cobra.Command, _ []string) error { return showScreen(cmd, &o) }),

		PersistentPreRunE: settles,
	}
	f := root.Flags()
	o.target.register(root)
	o.registerSettings(root)
	o.registerFilter(root)

	root.AddCommand(newReplay(), newSnapshot(), newRecord(), newCheck(), newWait(), newSysctl(), newExplain(), newConfig(), newMan(), newVersion(), newCompletion())
	root.SetHelpCommand(newHelp(root))
	root.SetHelpFunc(help)
	root.SetVersionTemplate("{{.Version}}\n")
	f.Bool("version", false, "which twtop this is")
	root.PersistentFlags().BoolP("help", "h", false, "this text")
	return root
}
