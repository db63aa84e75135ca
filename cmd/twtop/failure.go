package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
)

// The exit codes of all commands that have none of their own.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// failure is what went wrong in a command that was called correctly. Every
// other error of an execution is wrong usage.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// usageError is wrong usage that shows only while a command runs.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

type action = func(cmd *cobra.Command, args []string) error

// does marks what do returns as failures, and a panic as well: Go's own exit
// code for one is that of wrong usage.
func does(do action) action {
	return func(cmd *cobra.Command, args []string) (err error) {
		defer func() {
			if bug := source.Panicked(recover()); bug != nil {
				err = failure{bug}
			}
		}()
		err = do(cmd, args)
		if wrong := (usageError{}); err == nil || errors.As(err, &wrong) {
			return err
		}
		return failure{err}
	}
}

// lineLimit bounds the one line that an error gets, in characters.
const lineLimit = 2000

// explain returns the line that says what went wrong with cmd, and the exit
// code. A reader that went away needs no line; a bug gets its trace as well.
func explain(cmd *cobra.Command, err error) (line string, code int) {
	if own := (ending{}); errors.As(err, &own) {
		if own.cause != nil {
			line, _ = explain(cmd, own.cause)
		}
		return line, own.code
	}
	if errors.Is(err, syscall.EPIPE) {
		return "", exitFailed
	}
	if errors.Is(err, context.Canceled) {
		return "twtop: interrupted before the look was complete", exitFailed
	}
	var bug *source.PanicError
	if wrong := (failure{}); errors.As(err, &bug) {
		return source.Clean("twtop: "+bug.Error(), lineLimit) + "\n" + string(bug.Stack), exitFailed
	} else if errors.As(err, &wrong) {
		return source.Clean("twtop: "+err.Error(), lineLimit), exitFailed
	}
	text := suggestion(err.Error()) + flagMeant(cmd, err)
	text += origins(cmd, text) + "; see " + cmd.CommandPath() + " --help"
	return source.Clean("twtop: "+text, lineLimit), exitUsage
}

// suggestion puts cobra's paragraphs about a misspelt command into one line.
func suggestion(text string) string {
	what, names, ok := strings.Cut(text, "\n\nDid you mean this?\n")
	if !ok {
		return text
	}
	return what + "; did you mean " + strings.Join(strings.Fields(names), " or ") + "?"
}
