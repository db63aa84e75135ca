package sysctl

import "errors"

// What an apply or an undo may end with before it has written anything.
var (
	// ErrBusy: another twtop applies or undoes now.
	ErrBusy = errors.New("another twtop is changing sysctls now: wait until it is done")
	// ErrNothing: no item that is ticked would change anything.
	ErrNothing = errors.New("nothing to change: nothing is ticked")
	// ErrNothingToUndo: the journal has nothing of this namespace.
	ErrNothingToUndo = errors.New("nothing to undo: nothing that twtop has set is left here")
)
