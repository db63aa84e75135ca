package source

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a bug: a panic, with the stack of the goroutine that panicked.
// A Source that reads in other goroutines panics with it in its caller's,
// where it can be recovered.
type PanicError struct {
	Value any
	Stack []byte // as debug.Stack prints it
}

// Panicked makes a PanicError of what recover returned, nil of nil. It must be
// called by the deferred function, while the stack is there. A PanicError that
// was panicked with again is kept: its stack is the one that matters.
func Panicked(recovered any) *PanicError {
	switch v := recovered.(type) {
	case nil:
		return nil
	case *PanicError:
		return v
	}
	return &PanicError{Value: recovered, Stack: debug.Stack()}
}

// Error says what happened, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value where that is an error, as the runtime's are.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
