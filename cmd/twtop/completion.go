package main

import (
	"strings"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

const completionLong = `Writes the completion script for a shell, on standard output. The packages of
twtop bring those for bash, zsh and fish.

  source <(twtop completion bash)                     for the running bash
  twtop completion zsh > ~/.zfunc/_twtop              a folder of zsh's $fpath
  twtop completion fish > ~/.config/fish/completions/twtop.fish`

func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:         "completion SHELL",
		Annotations: map[string]string{besides: "about twtop itself"},
		Short:       "completion script for " + strings.Join(shells, ", "),
		Long:        completionLong,
		ValidArgs:   shells,
		Args:        oneShell,
		RunE: does(func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			}
			return root.GenPowerShellCompletionWithDesc(out)
		}),
	}
}

func oneShell(cmd *cobra.Command, args []string) error {
	if err := cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)(cmd, args); err != nil {
		return usagef("completion: name one shell of %s", strings.Join(shells, ", "))
	}
	return nil
}
