package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// refused is a border without sock_diag.
func refused(err error) border {
	return border{dial: func() (wire, error) { return nil, fmt.Errorf("open sock_diag: %w", err) }}
}

// TestProcInstead: without sock_diag, /proc/net/tcp shows the same flows, and
// a gap says what it does not show.
func TestProcInstead(t *testing.T) {
	ns := netnstest.New(t)
	l := ns.Listen("[::]:4001", netnstest.Dual)
	ns.TimeWaits(9, l, "127.0.0.1:4001")
	ns.Connect(l, "[::1]:4001")
	ns.Connect(l, "[::ffff:127.0.0.1]:4001")
	ns.Connect(ns.Listen("127.0.0.2:4002"), "127.0.0.2:4002")
	ns.SetRange(20000, 30000)
	for _, family := range []int{0, 4, 6} {
		var shown [2][]string
		for i, b := range []border{{}, refused(unix.EPROTONOSUPPORT)} {
			src, err := open(Config{NetNS: ns.Path(), Family: family}, b)
			if err != nil {
				t.Fatal(err)
			}
			s, err := src.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
			shown[i] = flowLines(s)
			wantKind, wantGap := source.KindLive, ""
			if b.dial != nil {
				wantKind, wantGap = source.KindProc, "/proc/net/tcp is read instead of sock_diag"
			} else if family != 0 {
				wantGap = fmt.Sprintf("only IPv%d was asked for", family)
			}
			if s.Kind != wantKind || s.Range.Low != 20000 || s.BlockersUnknown != (b.dial != nil || family != 0) {
				t.Errorf("kind %s, range %v, blockers unknown %v", s.Kind, s.Range, s.BlockersUnknown)
			}
			checkGap(t, s.Gaps, wantGap)
		}
		if len(shown[0]) == 0 || !slices.Equal(shown[0], shown[1]) {
			t.Errorf("family %d: by sock_diag\n%s\nby /proc\n%s", family,
				strings.Join(shown[0], "\n"), strings.Join(shown[1], "\n"))
		}
	}
}

func flowLines(s *source.Snapshot) []string {
	var lines []string
	for i := range s.Flows {
		f := &s.Flows[i]
		socks := slices.Clone(s.SocketsOf(i))
		slices.SortFunc(socks, func(a, b source.Socket) int { return cmp.Compare(a.Port, b.Port) })
		for _, k := range socks {
			lines = append(lines, fmt.Sprintf("%v %v %d %d:%v %d %v", f.Local.IP(), f.Remote.IP(), f.Port, f.Role, f.Listener >= 0, k.Port, k.State))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestWhenProcIsTaken: what may stand in the way of sock_diag, and what may not.
func TestWhenProcIsTaken(t *testing.T) {
	for _, errno := range []unix.Errno{
		unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT, unix.ENOENT, unix.EPERM, unix.EACCES, unix.ENOSYS, unix.EOPNOTSUPP, unix.ECONNREFUSED,
	} {
		src, err := open(Config{}, refused(errno))
		if err != nil {
			t.Errorf("%v: %v", errno, err)
			continue
		}
		if src.kind != source.KindProc {
			t.Errorf("%v: kind %s, want %s", errno, src.kind, source.KindProc)
		}
		_ = src.Close()
	}
	if _, err := open(Config{}, refused(unix.EMFILE)); !errors.Is(err, unix.EMFILE) {
		t.Errorf("error %v, want EMFILE: /proc is no answer to that", err)
	}
}

// TestRefusedByKernel: the socket opens, and the request is what is refused.
func TestRefusedByKernel(t *testing.T) {
	k := &fakeKernel{refuse: map[uint16]unix.Errno{msgCompat: unix.EOPNOTSUPP, msgByFamily: unix.ENOENT}}
	src, err := open(Config{}, border{dial: k.dial})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	if src.kind != source.KindProc {
		t.Errorf("kind %s, want %s", src.kind, source.KindProc)
	}
}

// TestNothingToRead: neither way is there, and the error names both.
func TestNothingToRead(t *testing.T) {
	_, err := open(Config{ProcRoot: t.TempDir()}, refused(unix.EPROTONOSUPPORT))
	if !errors.Is(err, unix.EPROTONOSUPPORT) || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("error %v, want both causes", err)
	}
	for _, word := range []string{"sock_diag", "net/tcp"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not speak of %q", err, word)
		}
	}
}

// TestProcGone: the files vanish under way.
func TestProcGone(t *testing.T) {
	root := fakeProc(t, map[string]string{
		"thread-self/net/tcp": "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
			"   0: 0100007F:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1\n   1: nonsense\n",
	})
	src, err := open(Config{ProcRoot: root}, refused(unix.EPERM))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	s, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Listeners) != 1 {
		t.Errorf("listeners %+v, want one", s.Listeners)
	}
	checkGap(t, s.Gaps, "1 lines of /proc/net/tcp")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := src.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	writeFile(t, root, "thread-self/net/tcp", "")
	if _, err := src.Read(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that there is no such file", err)
	}
}

// cancellingClock ends a context when it was asked that often.
type cancellingClock struct {
	fakeClock
	asks   uint32
	cancel context.CancelFunc
}

func (c *cancellingClock) Millis() uint32 {
	now := c.fakeClock.Millis()
	if now == c.asks {
		c.cancel()
	}
	return now
}

// TestCancelInMidProc: a long table does not hold up whoever wants to leave,
// and Open does not read it.
func TestCancelInMidProc(t *testing.T) {
	const line = "   0: 0100007F:%04X 0100007F:0FA1 06 00000000:00000000 03:00001000 00000000     0        0 0 3 0\n"
	var table strings.Builder
	for port := range 10_000 {
		fmt.Fprintf(&table, line, 20_000+port)
	}
	root := fakeProc(t, map[string]string{"thread-self/net/tcp": table.String()})
	ctx, cancel := context.WithCancel(t.Context())
	clock := &cancellingClock{asks: 5, cancel: cancel}
	src, err := open(Config{ProcRoot: root}, border{dial: refused(unix.EPERM).dial, clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	if _, err := src.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	if clock.ms > clock.asks+1 {
		t.Errorf("the table was read on: %d looks at the clock, cancelled at the %d.", clock.ms, clock.asks)
	}
	if s, err := src.Read(t.Context()); err != nil || len(s.Sockets) != 10_000 {
		t.Errorf("read again: %v", err)
	}
}
