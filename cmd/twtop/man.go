package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

const manLong = `Writes the manual pages into a folder, which it makes: twtop.1 and one for each
command. The packages of twtop bring them.

  twtop man pages && man -l pages/twtop.1`

// newMan is for those who make packages.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "the manual pages",
		Long:   manLong,
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: does(func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return writePages(args[0], cmd.Root(), build())
		}),
	}
}

// writePages writes a page for each command into a folder.
func writePages(folder string, root *cobra.Command, b built) (err error) {
	walk(root, func(cmd *cobra.Command) {
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, pageName(cmd)+".1"), []byte(manPage(cmd, b)), 0o644)
		}
	})
	return err
}

// pageName is what man calls a command: twtop-sysctl-apply.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }
