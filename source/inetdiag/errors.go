package inetdiag

import (
	"errors"
	"fmt"
	"syscall"
)

// Error is what the kernel answers instead of a dump, by NLMSG_ERROR, or in
// the middle of one, by the number in NLMSG_DONE. It wraps the errno, and is
// errors.ErrUnsupported where the kernel has no sock_diag for TCP.
type Error struct {
	Errno syscall.Errno
	// Partial is set where sockets of the same dump were parsed before.
	Partial bool
}

// Error says what failed and what to do about it.
func (e *Error) Error() string {
	what := "sock_diag: the kernel refused the dump of TCP sockets"
	if e.Partial {
		what = "sock_diag: the dump of TCP sockets broke off"
	}
	if e.Is(errors.ErrUnsupported) {
		return fmt.Sprintf("%s: %v: is the kernel module tcp_diag missing or barred? Try modprobe tcp_diag", what, e.Errno)
	}
	return fmt.Sprintf("%s: %v", what, e.Errno)
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Errno }

// Is makes errors.Is(err, errors.ErrUnsupported) true for every errno by which
// a kernel without sock_diag, inet_diag or tcp_diag answers: ENOENT
// (__sock_diag_cmd, inet_diag_lock_handler), EOPNOTSUPP (TCPDIAG_GETSOCK
// without inet_diag), EPROTONOSUPPORT.
func (e *Error) Is(target error) bool {
	if target != errors.ErrUnsupported {
		return false
	}
	switch e.Errno {
	case syscall.ENOENT, syscall.EOPNOTSUPP, syscall.EPROTONOSUPPORT:
		return true
	}
	return false
}
