package live

import "time"

// border is where the package meets the kernel; a nil field is the kernel's own.
type border struct {
	dial  func() (wire, error)
	clock clock
}

// clock tells the time of a snapshot and of its deadlines.
type clock interface {
	// Now is the wall clock.
	Now() time.Time
	// Millis is a clock that never jumps, in ms modulo 2³².
	Millis() uint32
}

// wire is the kernel's border: one netlink socket of sock_diag.
type wire interface {
	// Send sends one netlink message.
	Send(msg []byte) error
	// Recv waits for a datagram. It returns the datagram's whole length, which
	// is more than len(buf) where it did not fit and its end is lost. dense
	// promises that the kernel fills a datagram at once, because nearly every
	// socket that it comes by matches.
	Recv(buf []byte, dense bool) (int, error)
	// SetReadBuffer sets SO_RCVBUF in bytes, past net.core.rmem_max where allowed.
	SetReadBuffer(bytes int) error
	// Interrupt ends a waiting Recv, and all later ones, by an error.
	Interrupt()
	Close() error
}
