package live

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/inetdiag"
)

// TestFaults: what a kernel may do in the middle of a dump. wantDials counts
// from Open on: a connection is given up where a dump may be left in it.
func TestFaults(t *testing.T) {
	const overflow = 100
	interrupted := recv{parts: []part{{typ: msgDone, flags: flagDumpInterrupted}}}
	brokenOff := recv{parts: []part{{typ: msgDone, errno: int32(unix.ENOMEM)}}}
	refused := recv{parts: []part{{typ: msgError, errno: int32(unix.EBUSY)}}}
	enobufs := recv{err: unix.ENOBUFS}
	tooLong := recv{length: bufferSize + overflow}

	cases := []struct {
		name      string
		scripts   []script
		sockets   int
		cut       bool // Cost.Interrupted
		gap       string
		err       error
		wantDials int
	}{
		{"all well", []script{timeWaits(5).then(done)}, 5, false, "", nil, 1},
		{"EINTR", []script{timeWaits(2).then(recv{err: unix.EINTR}).then(recv{err: unix.EINTR}).then(done)}, 2, false, "", nil, 1},
		{"interrupted once", []script{timeWaits(2).then(interrupted), timeWaits(4).then(done)}, 4, false, "", nil, 1},
		{"interrupted twice", []script{timeWaits(2).then(interrupted), timeWaits(3).then(interrupted), timeWaits(9).then(done)}, 3, true, "changed while it was read", nil, 1},
		{"interrupted on a part in the middle", []script{
			script{{parts: []part{{state: source.StateTimeWait, local: 1, flags: flagDumpInterrupted}}}, done},
			timeWaits(1).then(done)}, 1, false, "", nil, 1},
		{"ENOBUFS once", []script{timeWaits(3).then(enobufs), timeWaits(4).then(done)}, 4, false, "", nil, 2},
		{"ENOBUFS twice", []script{timeWaits(3).then(enobufs), timeWaits(2).then(enobufs)}, 2, true, "broke off after 2 sockets", nil, 2},
		{"ENOBUFS twice at once", []script{{enobufs}}, 0, false, "", unix.ENOBUFS, 2},
		{"an error in mid-dump", []script{timeWaits(3).then(brokenOff), timeWaits(4).then(done)}, 4, false, "", nil, 2},
		{"an error in mid-dump twice", []script{timeWaits(3).then(brokenOff)}, 3, true, "cannot allocate memory", nil, 2},
		{"refused once", []script{{refused}, timeWaits(4).then(done)}, 4, false, "", nil, 2},
		{"refused twice", []script{{refused}}, 0, false, "", unix.EBUSY, 2},
		{"a datagram that does not fit", []script{timeWaits(1).then(tooLong), timeWaits(4).then(done)}, 4, false, "", nil, 2},
		{"an earlier dump in the way", []script{{{parts: []part{
			{stale: true, state: source.StateTimeWait, local: 7}, {typ: msgDone, stale: true}}}, timeWaits(1)[0], done}}, 1, false, "", nil, 1},
		{"a state of another kernel", []script{{{parts: []part{{state: 15, local: 7}}}, done}}, 1, false, "in a state that this version does not know", nil, 1},
		{"a datagram of nothing", []script{{recv{}, done}}, 0, false, "", nil, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := &fakeKernel{scripts: c.scripts}
			src := openFake(t, k, Config{})
			s, err := src.Read(t.Context())
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if k.dials != c.wantDials {
				t.Errorf("%d connections, want %d", k.dials, c.wantDials)
			}
			if err != nil {
				return
			}
			if got := len(s.Sockets); got != c.sockets {
				t.Errorf("%d sockets, want %d", got, c.sockets)
			}
			if s.Cost.Interrupted != c.cut {
				t.Errorf("interrupted = %v, want %v", s.Cost.Interrupted, c.cut)
			}
			checkGap(t, s.Gaps, c.gap)
		})
	}
}

// TestWhichErrorsAreFinal: a refusal and a lack of descriptors pass, a kernel
// that lost its sock_diag does not get it back.
func TestWhichErrorsAreFinal(t *testing.T) {
	for errno, final := range map[unix.Errno]bool{
		unix.EBUSY: false, unix.ENOMEM: false, unix.EMFILE: false, unix.EPERM: false, unix.EOPNOTSUPP: true, unix.ENOENT: true,
	} {
		k := new(fakeKernel)
		src := openFake(t, k, Config{})
		k.refuse = map[uint16]unix.Errno{msgCompat: errno, msgByFamily: errno}
		if _, err := src.Read(t.Context()); !errors.Is(err, errno) || errors.Is(err, source.ErrFinal) != final {
			t.Errorf("%v: error %v, final = %v; want %v", errno, err, !final, final)
		}
		k.refuse = nil
		if _, err := src.Read(t.Context()); err != nil && !final {
			t.Errorf("%v: it did not pass: %v", errno, err)
		}
	}
}

// checkGap wants one gap with that text, or none of sock_diag's if it is empty.
func checkGap(t *testing.T, gaps []string, want string) {
	t.Helper()
	gaps = slices.DeleteFunc(slices.Clone(gaps), func(g string) bool { return strings.HasPrefix(g, "not root") })
	switch {
	case want == "" && len(gaps) > 0:
		t.Errorf("gaps %q, want none", gaps)
	case want != "" && !slices.ContainsFunc(gaps, func(g string) bool { return strings.Contains(g, want) }):
		t.Errorf("gaps %q, want one with %q", gaps, want)
	}
}

// TestReadBufferGrows: after an ENOBUFS the next connection gets more room.
func TestReadBufferGrows(t *testing.T) {
	k := &fakeKernel{scripts: []script{{{err: unix.ENOBUFS}}, {done}}}
	if _, err := openFake(t, k, Config{}).Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(k.buffers, []int{grownReadBuffer}) {
		t.Errorf("SO_RCVBUF was set to %v, want %v once", k.buffers, grownReadBuffer)
	}
}

// TestCancelled: a Read that was given up leaves nothing behind.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	waits := timeWaits(3) // and then nothing: Recv waits
	waits[1].before = cancel
	k := &fakeKernel{scripts: []script{waits, timeWaits(6).then(done)}}
	src := openFake(t, k, Config{})
	if _, err := src.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want the context's", err)
	}
	s, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sockets) != 6 {
		t.Errorf("%d sockets, want 6", len(s.Sockets))
	}
	if k.dials != 2 || k.closes != 1 {
		t.Errorf("%d connections, %d closed; want 2 and 1", k.dials, k.closes)
	}
	if _, err := src.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that is over, want the context's", err)
	}
}

// TestCancelledWhileWaiting: the kernel says nothing more, and the context ends.
func TestCancelledWhileWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	k := &fakeKernel{scripts: []script{{{parts: nil, before: func() { go cancel() }}}}}
	if _, err := openFake(t, k, Config{}).Read(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want the context's", err)
	}
}

// TestWithoutCompat: a kernel without the old interface is asked by the new
// one for each family, and not asked in vain again.
func TestWithoutCompat(t *testing.T) {
	k := &fakeKernel{
		scripts: []script{timeWaits(2).then(done)},
		refuse:  map[uint16]unix.Errno{msgCompat: unix.EOPNOTSUPP},
	}
	src := openFake(t, k, Config{})
	k.requests = nil
	s, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sockets) != 4 {
		t.Errorf("%d sockets, want 2 of each dump", len(s.Sockets))
	}
	var families []byte
	for _, r := range k.requests {
		if r.typ != msgByFamily {
			t.Errorf("asked by message type %d again", r.typ)
		}
		if r.states == connections {
			families = append(families, r.family)
		}
	}
	if !slices.Equal(families, []byte{unix.AF_INET, unix.AF_INET6}) {
		t.Errorf("asked for families %v, want IPv4 and IPv6", families)
	}
}

// TestDenseDumps: a raw call holds up the scheduler, and so is for the dump
// alone of which no call can take long.
func TestDenseDumps(t *testing.T) {
	for family, refuse := range map[int]map[uint16]unix.Errno{
		0: nil, 4: nil, 6: nil, 46: {msgCompat: unix.EOPNOTSUPP},
	} {
		k := &fakeKernel{scripts: []script{timeWaits(2).then(done)}, refuse: refuse}
		src := openFake(t, k, Config{Family: family % 46})
		if _, err := src.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, r := range k.requests {
			if want := r.typ == msgCompat && r.states == connections; r.dense != want {
				t.Errorf("family %d: request %+v, want dense = %v", family, *r, want)
			}
		}
	}
}

// TestBothWaysToReceive: they tell of a datagram that does not fit alike.
func TestBothWaysToReceive(t *testing.T) {
	for _, dense := range []bool{false, true} {
		w, err := dialNetlink(new(namespace))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.Close() }()
		if err := w.Send(inetdiag.Request{Compat: true}.AppendTo(nil, 1)); err != nil {
			t.Fatal(err)
		}
		const doneSize = 20
		var buf [headerSize]byte
		n, err := w.Recv(buf[:], dense)
		if typ := binary.NativeEndian.Uint16(buf[4:]); n != doneSize || typ != msgDone || err != nil {
			t.Errorf("dense = %v: %d bytes, message type %d, %v; want all of NLMSG_DONE", dense, n, typ, err)
		}
		w.Interrupt()
		if n, err := w.Recv(buf[:], dense); err == nil {
			t.Errorf("dense = %v: %d bytes after an interrupt", dense, n)
		}
	}
}

// TestWithoutIPv6: a kernel without IPv6 has no sockets of it, and that is all.
func TestWithoutIPv6(t *testing.T) {
	for _, family := range []int{0, 6} {
		k := &fakeKernel{
			scripts: []script{timeWaits(2).then(done), {{parts: []part{{typ: msgError, errno: int32(unix.ENOENT)}}}}},
			refuse:  map[uint16]unix.Errno{msgCompat: unix.EOPNOTSUPP},
		}
		want := 2
		if family == 6 {
			k.scripts, want = k.scripts[1:], 0
		}
		s, err := openFake(t, k, Config{Family: family}).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Sockets) != want {
			t.Errorf("family %d: %d sockets, want %d", family, len(s.Sockets), want)
		}
		wantGap := ""
		if family == 6 {
			wantGap = "only IPv6 was asked for"
		}
		checkGap(t, s.Gaps, wantGap)
	}
}

// TestInfoWhereItIsCheap: tcp_info is asked for in every frame of a host with
// few full sockets, and in every tenth of one with many.
func TestInfoWhereItIsCheap(t *testing.T) {
	const frames = 21
	for inuse, want := range map[string]int{"50000": frames, "50001": 3} {
		root := fakeProc(t, map[string]string{
			"thread-self/net/sockstat": "sockets: used 60000\nTCP: inuse " + inuse + " orphan 0 tw 5 alloc 3 mem 0\n",
		})
		k := &fakeKernel{}
		src := openFake(t, k, Config{ProcRoot: root})
		for range frames {
			if _, err := src.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		asked := 0
		for _, r := range k.requests {
			if r.states == connections && r.ext != 0 {
				asked++
			}
		}
		if asked != want {
			t.Errorf("inuse %s: tcp_info asked for in %d of %d frames, want %d", inuse, asked, frames, want)
		}
	}
}

// TestGapsOfProc: what /proc does not tell is said.
func TestGapsOfProc(t *testing.T) {
	src := openFake(t, new(fakeKernel), Config{ProcRoot: fakeProc(t, map[string]string{
		"sys/net/ipv4/ip_local_port_range":     "",
		"sys/net/ipv4/ip_local_reserved_ports": "80,none\n",
	})})
	s, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkGap(t, s.Gaps, "the default, 32768–60999, is assumed")
	checkGap(t, s.Gaps, "none")
	if s.RangeKnown || s.Range != source.DefaultPortRange {
		t.Errorf("range %v, known %v; want the default, assumed", s.Range, s.RangeKnown)
	}
}

// TestPanic: a panic in a Read, wherever it happens, comes out in the
// goroutine of the caller, with the stack of its own.
func TestPanic(t *testing.T) {
	for where, beside := range map[string]bool{"on the worker": false, "beside the main dump": true} {
		k := &fakeKernel{scripts: []script{{{before: panicInTheDump}}, {done}}}
		proc, wantDials, wantCloses := fakeProc(t, nil), 2, 1
		if beside {
			writeFile(t, proc, "thread-self/net/sockstat", "") // a large table, for all that is known
			k = &fakeKernel{boundScripts: []script{{{before: panicInTheDump}}, {done}}}
			wantDials = 3
		}
		src := openFake(t, k, Config{ProcRoot: proc})
		func() {
			defer func() {
				p, ok := recover().(*source.PanicError)
				if !ok || p.Value != "in the dump" || !strings.Contains(string(p.Stack), "panicInTheDump") {
					t.Errorf("%s: recovered %v", where, p)
				}
			}()
			_, _ = src.Read(t.Context())
		}()
		if _, err := src.Read(t.Context()); err != nil {
			t.Errorf("%s: the source is of no use any more: %v", where, err)
		}
		if k.dials != wantDials || k.closes != wantCloses {
			t.Errorf("%s: %d connections, %d closed; want the one with half a dump in it closed", where, k.dials, k.closes)
		}
	}
}

func panicInTheDump() { panic("in the dump") }

// TestOrphansOfTheHost: the counters' orphans come from the file that is read
// for the sizes already.
func TestOrphansOfTheHost(t *testing.T) {
	for stat, want := range map[string]string{
		"TCP: inuse 3 orphan 277 tw 5 alloc 3 mem 0\n": "277",
		"TCP: inuse 3 tw 5 alloc 3 mem 0\n":            "none",
		"TCP: inuse 3 orphan x tw 5\n":                 "none",
	} {
		src := openFake(t, new(fakeKernel), Config{ProcRoot: fakeProc(t, map[string]string{"thread-self/net/sockstat": stat})})
		s, err := src.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		if n := s.Counters.Orphans; n != nil {
			got = fmt.Sprint(*n)
		}
		if got != want {
			t.Errorf("%q: %s orphans, want %s", stat, got, want)
		}
		if bad := strings.Contains(stat, "x"); bad != slices.ContainsFunc(s.Gaps, func(g string) bool { return strings.Contains(g, "sockstat") }) {
			t.Errorf("%q: gaps %q", stat, s.Gaps)
		}
	}
}
