package main

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"strings"
	"syscall"
)

// sure is an output that keeps nothing from being done: where it fails, the
// rest of it is dropped.
type sure struct {
	w   io.Writer
	err error
}

// surely writes to w; from then on a pipe that nobody reads ends no process.
func surely(w io.Writer) *sure {
	signal.Ignore(syscall.SIGPIPE)
	return &sure{w: w}
}

// Write never fails.
func (s *sure) Write(b []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(b)
	}
	return len(b), nil
}

// end is what was done, or that it could not be told.
func (s *sure) end(err error) error {
	if err == nil {
		return s.err
	}
	return err
}

// interrupted says what a signal in the middle of a change left.
func interrupted(err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	text := strings.Replace(err.Error(), context.Canceled.Error(), "interrupted", 1)
	if text == "interrupted" {
		return err
	}
	return errors.New(text)
}
