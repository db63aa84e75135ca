package source

import "errors"

// ErrFinal is what an error of Read is after which no other Read can succeed.
// One that is not ErrFinal may pass: read again.
var ErrFinal = errors.New("there will be no further snapshot")
