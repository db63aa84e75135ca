package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// exitUnknown is the exit code of commands whose exit codes answer a question,
// where they have no answer: wrong usage as well, as monitoring plugins have it.
const exitUnknown = 3

// ending is how such a command ends: with an exit code, and with the line for
// an error, or none.
type ending struct {
	cause error // nil: the code says it all
	code  int
}

func (e ending) Error() string {
	if e.cause == nil {
		return ""
	}
	return e.cause.Error()
}

func (e ending) Unwrap() error { return e.cause }

// answering makes cmd one of these commands: whatever goes wrong, its flags,
// settings and arguments included, is told by unknown, and ends with exitUnknown.
func answering(cmd *cobra.Command, tell func(*cobra.Command, error) error) *cobra.Command {
	unknown := func(cmd *cobra.Command, err error) error {
		if e := (ending{}); err == nil || errors.As(err, &e) {
			return err
		}
		return ending{tell(cmd, err), exitUnknown}
	}
	args, run := cmd.Args, does(cmd.RunE)
	cmd.PersistentPreRunE = func(cmd *cobra.Command, a []string) error { return unknown(cmd, settles(cmd, a)) }
	cmd.Args = func(cmd *cobra.Command, a []string) error { return unknown(cmd, args(cmd, a)) }
	cmd.RunE = func(cmd *cobra.Command, a []string) error { return unknown(cmd, run(cmd, a)) }
	cmd.SetFlagErrorFunc(unknown)
	return cmd
}

// untold leaves an error to the line that every command's gets.
func untold(_ *cobra.Command, err error) error { return err }
