package live

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/inetdiag"
)

const (
	// bufferSize is that of a datagram: the kernel makes a dump's datagrams as
	// long as the longest buffer it has seen, 32 KiB at the most (netlink_recvmsg).
	// With 64 or 128 KiB a dump takes as long, with 16 KiB too (measured, Linux 6.18).
	bufferSize = 32 << 10
	// maxBufferSize bounds what a datagram that did not fit may make of it.
	maxBufferSize = 1 << 20
	// grownReadBuffer is SO_RCVBUF after an ENOBUFS.
	grownReadBuffer = 4 << 20
)

// errTruncated is a datagram that was longer than the buffer.
var errTruncated = errors.New("sock_diag: a datagram did not fit the buffer")

// query is what a dump is to bring, and what becomes of it.
type query struct {
	states uint32
	ext    uint8
	// only6 asks for the sockets of AF_INET6, mapped ones included.
	only6 bool
	// dense: nearly all sockets that there are match.
	dense bool
	// filter names the far ends that are wanted, all where it is empty.
	filter []inetdiag.Target
	// begin is called before the first socket, and again before a repetition:
	// what came until then is void.
	begin func()
	// clock tells when a datagram was filled, and filled is told it before the
	// datagram's sockets. Both may be nil.
	clock  func() uint32
	filled func(clock uint32)
	socket func(*source.Entry)
}

// dumper makes one dump after another on a connection of its own.
type dumper struct {
	dial func() (wire, error)
	// noCompat: the kernel does not know TCPDIAG_GETSOCK.
	noCompat bool

	wire       wire
	readBuffer int // SO_RCVBUF for the next wire; 0 for the system's
	seq        uint32
	filled     uint32 // when the next datagram was
	dense      bool   // for wire.Recv
	buf        []byte
	request    []byte
	parser     inetdiag.Parser
	tally      tally
}

// tally sums up what the parser counted over the requests of one query.
type tally struct {
	interrupted   bool
	sockets       int
	short         int
	unknownStates int
}

func (t *tally) add(p *inetdiag.Parser) {
	t.interrupted = t.interrupted || p.Interrupted
	t.sockets += p.Sockets
	t.short += p.Short
	t.unknownStates += p.UnknownStates
}

// outcome is how a dump ended other than well.
type outcome struct {
	interrupted bool // NLM_F_DUMP_INTR, also the second time
	// broken is an error in mid-dump, also the second time; what came before
	// it was kept.
	broken error
}

// flawed reports whether sockets may be missing.
func (o outcome) flawed() bool { return o.interrupted || o.broken != nil }

// dump runs q. A dump that the kernel interrupts or breaks off is repeated
// once. An error means that there is nothing: the context's, or the kernel's
// refusal, which is errors.ErrUnsupported where there is no sock_diag.
func (d *dumper) dump(ctx context.Context, q *query) (outcome, error) {
	for repeated := false; ; repeated = true {
		q.begin()
		d.tally = tally{}
		err := d.walk(ctx, q)
		switch {
		case ctx.Err() != nil:
			return outcome{}, ctx.Err()
		case err == nil && !d.tally.interrupted:
			return outcome{}, nil
		case errors.Is(err, errors.ErrUnsupported):
			return outcome{}, err
		case !repeated:
			continue
		case err == nil:
			return outcome{interrupted: true}, nil
		case d.tally.sockets > 0:
			return outcome{broken: err}, nil
		}
		return outcome{}, err
	}
}

// walk makes the requests of q. One request of the old interface gives both
// families in a single walk of the kernel's table; by the new one it takes two.
func (d *dumper) walk(ctx context.Context, q *query) error {
	if q.only6 {
		return d.six(ctx, q)
	}
	if !d.noCompat {
		err := d.one(ctx, q, inetdiag.Request{Compat: true})
		if d.tally.sockets > 0 || !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if err := d.one(ctx, q, inetdiag.Request{Family: inetdiag.FamilyIPv4}); err != nil {
		return err
	}
	d.noCompat = true
	return d.six(ctx, q)
}

// six asks for IPv6 where it is known that there is a sock_diag: if it refuses,
// the kernel has no IPv6, and no such sockets.
func (d *dumper) six(ctx context.Context, q *query) error {
	err := d.one(ctx, q, inetdiag.Request{Family: inetdiag.FamilyIPv6})
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// one makes one request and reads the answer to its end. If it does not get
// there, the connection is closed: the kernel may still be sending.
func (d *dumper) one(ctx context.Context, q *query, r inetdiag.Request) (err error) {
	d.seq++
	d.parser.Reset(d.seq)
	if err := d.open(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, d.wire.Interrupt)
	done := false
	defer func() { // also in a panic
		d.tally.add(&d.parser)
		if !stop() || !done || err != nil {
			d.close()
		}
	}()
	r.States, r.Ext = q.states, q.ext
	d.dense = q.dense && r.Compat // else the other family's sockets are passed over
	d.request = inetdiag.AppendFilter(r.AppendTo(d.request[:0], d.seq), q.filter)
	err = d.wire.Send(d.request)
	d.stamp(q)
	for err == nil && !done {
		done, err = d.receive(ctx, q)
	}
	return err
}

// receive reads one datagram.
func (d *dumper) receive(ctx context.Context, q *query) (done bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	n, err := d.wire.Recv(d.buf, d.dense)
	filled := d.filled
	d.stamp(q)
	switch {
	case errors.Is(err, syscall.EINTR):
		return false, nil
	case errors.Is(err, syscall.ENOBUFS):
		d.readBuffer = grownReadBuffer
		return false, fmt.Errorf("read a dump from sock_diag: %w", err)
	case err != nil:
		return false, fmt.Errorf("read a dump from sock_diag: %w", err)
	case n > len(d.buf):
		d.buf = make([]byte, min(max(n, 2*len(d.buf)), maxBufferSize))
		return false, errTruncated
	}
	if q.filled != nil {
		q.filled(filled)
	}
	return d.parser.Parse(d.buf[:n], q.socket)
}

// stamp takes the time for the next datagram: the kernel fills the first one
// within sendto, and each further one at the end of the recvfrom that takes
// the one before (netlink_dump).
func (d *dumper) stamp(q *query) {
	if q.clock != nil {
		d.filled = q.clock()
	}
}

// open makes a connection unless there is one.
func (d *dumper) open() error {
	if d.buf == nil {
		d.buf = make([]byte, bufferSize)
	}
	if d.wire != nil {
		return nil
	}
	w, err := d.dial()
	if err != nil {
		return err
	}
	if d.readBuffer > 0 {
		// A refusal costs nothing: the repetition runs with what there is.
		_ = w.SetReadBuffer(d.readBuffer)
	}
	d.wire = w
	return nil
}

func (d *dumper) close() {
	if d.wire != nil {
		_ = d.wire.Close()
		d.wire = nil
	}
}
