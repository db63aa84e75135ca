package inetdiag

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

const (
	client = "127.0.0.1:40000"
	server = "127.0.0.1:4001"
)

func TestFullSocket(t *testing.T) {
	m := diag(8, "[2001:db8::1]:40000", "[::ffff:10.0.0.1]:443")
	m.Timer, m.Retrans, m.Expires = 2, 3, 7000
	m.RQueue, m.WQueue, m.UID, m.Inode, m.ID.If = 5, 6, 1000, 4242, 9
	info := tcpInfo{Options: source.OptTimestamps, LastDataSent: 11, LastDataRecv: 12, LastAckRecv: 13, RTT: 14}
	v := agree(t, 1, message(typeByFamily, 2, 1, m,
		attr(8, uint8(1)), attr(attrInfo, info), attr(attrCgroupID, uint64(77)), attr(attrSockopt, uint16(2)), attr(15, uint32(0))))
	want := source.Entry{
		Local: oracleAddr(10, m.ID.Src), Remote: oracleAddr(10, m.ID.Dst), LocalPort: 40000, RemotePort: 443,
		State: source.StateCloseWait, Timer: source.TimerKeepalive, Expires: 7000, Device: 9,
		Detail: source.Detail{
			Has: source.HasRetrans | source.HasQueues | source.HasUID | source.HasInode |
				source.HasInfo | source.HasCgroup,
			Retrans: 3, RecvQ: 5, SendQ: 6, UID: 1000, Inode: 4242, Cgroup: 77,
			Options: 1, LastDataSent: 11, LastDataRecv: 12, LastAckRecv: 13, RTT: 14,
		},
	}
	if diff := cmp.Diff(verdict{entries: []source.Entry{want}}, v, exactly); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := v.entries[0].Remote.IP().String(); got != "10.0.0.1" {
		t.Errorf("the mapped address is shown as %s", got)
	}
}

// TestDetailDoesNotLeak holds that a socket has nothing of the one before.
func TestDetailDoesNotLeak(t *testing.T) {
	full := diag(1, client, server)
	full.Inode, full.UID, full.ID.If, full.Retrans = 1, 2, 3, 4
	fullMsg := message(typeByFamily, 2, 1, full, attr(attrCgroupID, uint64(9)), attr(attrV6Only, uint8(1)), attr(attrInfo, tcpInfo{RTT: 5}))
	orphan := diag(5, client, server)
	orphan.Timer = 3
	for name, second := range map[string][]byte{
		"TIME_WAIT":        timeWait(1, client, server, 500),
		"FIN_WAIT2 orphan": message(typeByFamily, 2, 1, orphan),
		"full and bare":    message(typeByFamily, 2, 1, diag(1, client, server)),
		"SYN_RECV":         message(typeByFamily, 2, 1, diag(3, client, server)),
	} {
		alone := agree(t, 1, second).entries
		after := agree(t, 1, slices.Concat(fullMsg, second)).entries[1:]
		if diff := cmp.Diff(alone, after, exactly); diff != "" {
			t.Errorf("%s (-alone +after a full socket):\n%s", name, diff)
		}
	}
}

// TestHas holds which fields each kind of socket is said to have.
func TestHas(t *testing.T) {
	const full = source.HasRetrans | source.HasQueues | source.HasUID | source.HasInode
	info := attr(attrInfo, tcpInfo{})
	for _, c := range []struct {
		name  string
		state uint8
		timer uint8
		inode uint32
		attrs []byte
		want  source.Has
		as    source.State
	}{
		{"TIME_WAIT", 6, 3, 0, attr(15, uint32(1)), 0, source.StateTimeWait},
		{"FIN_WAIT2 of a mini-socket", 5, 3, 0, nil, 0, source.StateFinWait2},
		{"FIN_WAIT2 that a process holds", 5, 2, 7, nil, full, source.StateFinWait2},
		{"FIN_WAIT1 of an orphan", 4, 1, 0, nil, full, source.StateFinWait1},
		{"a connection request", 3, 1, 0, nil, source.HasRetrans, source.StateSynRecv},
		{"a connection request under its own number", 12, 1, 0, nil, source.HasRetrans, source.StateNewSynRecv},
		{"SYN_RECV of a simultaneous open", 3, 1, 7, nil, full, source.StateSynRecv},
		{"a listener with an empty tcp_info", 10, 0, 7, info, full, source.StateListen},
		{"a bound socket with an old tcp_info", 7, 0, 7, info, full, source.StateBoundInactive},
		{"a bound socket under its own number", 13, 0, 7, info, full, source.StateBoundInactive},
		{"SYN_SENT with a tcp_info of no connection", 2, 1, 7, info, full, source.StateSynSent},
		{"an established one", 1, 0, 7, info, full | source.HasInfo, source.StateEstablished},
	} {
		m := diag(c.state, client, server)
		m.Timer, m.Inode = c.timer, c.inode
		v := agree(t, 1, message(typeByFamily, 2, 1, m, c.attrs))
		if len(v.entries) != 1 || v.entries[0].Detail.Has != c.want || v.entries[0].State != c.as {
			t.Errorf("%s: got %+v, want %v having %b", c.name, v.entries, c.as, c.want)
		}
	}
}

func TestOtherKernels(t *testing.T) {
	est := diag(1, client, server)
	long := append(encode(tcpInfo{RTT: 3}), make([]byte, 400)...)
	for _, c := range []struct {
		name string
		msg  []byte
		want verdict // entries are counted by n
		n    int
	}{
		{"a state to come", message(typeByFamily, 2, 1, diag(14, client, server)), verdict{unknownStates: 1}, 1},
		{"the largest state", message(typeByFamily, 2, 1, diag(255, client, server)), verdict{unknownStates: 1}, 1},
		{"no state", message(typeByFamily, 2, 1, diag(0, client, server)), verdict{unknownStates: 1}, 1},
		{"attributes to come", message(typeByFamily, 2, 1, est, attr(40, uint32(1)), attr(1000, uint8(1)), attr(40)),
			verdict{unknownAttrs: AttrCounts{0: 1, 40: 2}}, 1},
		{"an attribute without a type", message(typeByFamily, 2, 1, est, attr(0)), verdict{unknownAttrs: AttrCounts{0: 1}}, 1},
		{"a flag on an attribute's type", message(typeByFamily, 2, 1, est, attr(0x8000|40)), verdict{unknownAttrs: AttrCounts{40: 1}}, 1},
		{"a tcp_info of 2.6", message(typeByFamily, 2, 1, est, attr(attrInfo, long[:104])), verdict{}, 1},
		{"a tcp_info to come", message(typeByFamily, 2, 1, est, attr(attrInfo, long)), verdict{}, 1},
		{"a tcp_info that is cut", message(typeByFamily, 2, 1, est, attr(attrInfo, long[:71])), verdict{short: 1}, 1},
		{"an empty v6only", message(typeByFamily, 2, 1, est, attr(attrV6Only)), verdict{short: 1}, 1},
		{"a short cgroup", message(typeByFamily, 2, 1, est, attr(attrCgroupID, uint32(1))), verdict{short: 1}, 1},
		{"another family", message(typeByFamily, 2, 1, inetDiagMsg{Family: 1}), verdict{foreign: 1}, 0},
		{"another protocol", message(typeByFamily, 2, 1, est, attr(attrProtocol, uint8(17))), verdict{foreign: 1}, 0},
		{"TCP, said aloud", message(typeByFamily, 2, 1, est, attr(attrProtocol, uint8(6))), verdict{}, 1},
		{"DCCP", message(19, 2, 1, est), verdict{foreign: 1}, 0},
		{"another type", message(77, 2, 1, est), verdict{foreign: 1}, 0},
		{"a no-op", message(typeNoop, 0, 1), verdict{}, 0},
		{"an overrun", message(typeOverrun, 0, 1), verdict{interrupted: true}, 0},
	} {
		v := agree(t, 1, c.msg)
		if len(v.entries) != c.n {
			t.Errorf("%s: %d sockets, want %d", c.name, len(v.entries), c.n)
		}
		v.entries = nil
		if diff := cmp.Diff(c.want, v, exactly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestUnknownTimer(t *testing.T) {
	for timer, want := range map[uint8]source.Timer{
		0: source.TimerNone, 3: source.TimerTimeWait, 4: source.TimerProbe, 5: source.TimerUnknown, 255: source.TimerUnknown,
	} {
		m := diag(1, client, server)
		m.Timer = timer
		v := agree(t, 1, message(typeByFamily, 2, 1, m))
		if len(v.entries) != 1 || v.entries[0].Timer != want {
			t.Errorf("%d: got %+v, want %v", timer, v.entries, want)
		}
	}
}

// TestShort cuts a datagram of two sockets everywhere: the whole ones stay.
func TestShort(t *testing.T) {
	m := diag(1, client, server)
	first := message(typeByFamily, 2, 1, m, attr(attrInfo, tcpInfo{}), attr(attrCgroupID, uint64(1)))
	both := slices.Concat(first, timeWait(1, client, server, 5))
	for n := range len(both) {
		v := agree(t, 1, both[:n:n])
		want, short := 0, 1
		if n >= len(first) {
			want = 1
		}
		if n == 0 || n == len(first) {
			short = 0
		}
		if len(v.entries) != want || v.short != short {
			t.Errorf("cut at %d: %d sockets and %d short, want %d and %d", n, len(v.entries), v.short, want, short)
		}
	}
}

// TestLies gives every length in a message other values.
func TestLies(t *testing.T) {
	m := diag(1, client, server)
	good := slices.Concat(message(typeByFamily, 2, 1, m, attr(attrInfo, tcpInfo{}), attr(attrV6Only, uint8(1))), timeWait(1, client, server, 5))
	for _, lie := range []uint32{0, 1, 3, 15, 16, 17, 87, 88, 89, 0x7fffffff, 0x80000000, 0xfffffffd, 0xffffffff} {
		b := slices.Clone(good)
		native.PutUint32(b, lie)
		agree(t, 1, b)
	}
	for at := sizeofHeader + sizeofMsg; at < len(good)-sizeofHeader-sizeofMsg; at += 4 {
		for _, lie := range []uint16{0, 1, 3, 4, 5, 75, 77, 0x7fff, 0xffff} {
			b := slices.Clone(good)
			native.PutUint16(b[at:], lie)
			if v := agree(t, 1, b); len(v.entries) == 0 || v.entries[len(v.entries)-1].State != source.StateTimeWait {
				t.Errorf("attribute length %d at %d: the next socket is lost: %+v", lie, at, v.entries)
			}
		}
	}
}

func TestStaleDump(t *testing.T) {
	old := slices.Concat(
		message(typeByFamily, 2|flagDumpIntr, 6, diag(1, client, server)),
		message(typeError, 0, 6, int32(-int32(syscall.ENOENT)), nlMsgHdr{}),
		message(typeDone, 2, 6, int32(0)))
	v := agree(t, 7, slices.Concat(old, timeWait(7, client, server, 5), message(typeDone, 2, 7, int32(0))))
	if v.stale != 3 || len(v.entries) != 1 || !v.done || v.interrupted || v.errno != 0 {
		t.Errorf("got %+v", v)
	}
}

func TestDumpInterrupted(t *testing.T) {
	tw, done := timeWait(1, client, server, 5), message(typeDone, 2, 1, int32(0))
	for at, name := range []string{"first part", "middle part", "done"} {
		parts := [][]byte{slices.Clone(tw), slices.Clone(tw), slices.Clone(done)}
		native.PutUint16(parts[at][headerFlags:], 2|flagDumpIntr)
		if v := agree(t, 1, parts...); !v.interrupted || !v.done || len(v.entries) != 2 {
			t.Errorf("%s: got %+v", name, v)
		}
	}
	if v := agree(t, 1, tw, done); v.interrupted {
		t.Error("interrupted without the flag")
	}
}

func TestEnd(t *testing.T) {
	tw := timeWait(1, client, server, 5)
	for _, c := range []struct {
		name  string
		last  []byte
		done  bool
		errno syscall.Errno
		short int
	}{
		{"done", message(typeDone, 2, 1, int32(0)), true, 0, 0},
		{"done, of an old kernel", message(typeDone, 2, 1), true, 0, 0},
		{"done, with a count", message(typeDone, 2, 1, int32(12)), true, 0, 0},
		{"broken off", message(typeDone, 2, 1, -int32(syscall.ENOMEM)), true, syscall.ENOMEM, 0},
		{"broken off, by a number of the kernel's own", message(typeDone, 2, 1, int32(-524)), true, 524, 0},
		{"broken off, by no number of anybody's", message(typeDone, 2, 1, int32(-0x20000)), true, 0x20000, 0},
		{"broken off, by the least number", message(typeDone, 2, 1, int32(-1<<31)), true, 1 << 31, 0},
		{"an error in mid-dump", message(typeError, 0, 1, -int32(syscall.EINVAL), nlMsgHdr{}), false, syscall.EINVAL, 0},
		{"an acknowledgement", message(typeError, 0, 1, int32(0), nlMsgHdr{}), false, 0, 0},
		{"an error without a number", message(typeError, 0, 1), false, 0, 1},
	} {
		v := agree(t, 1, slices.Concat(tw, c.last))
		if v.done != c.done || v.errno != int(c.errno) || v.short != c.short || len(v.entries) != 1 {
			t.Errorf("%s: got %+v", c.name, v)
		}
	}
}

func TestNothingAfterTheEnd(t *testing.T) {
	tw := timeWait(1, client, server, 5)
	v := agree(t, 1, slices.Concat(tw, message(typeDone, 2, 1, int32(0)), tw))
	if len(v.entries) != 1 {
		t.Errorf("%d sockets", len(v.entries))
	}
}

func TestErrors(t *testing.T) {
	for errno, unsupported := range map[syscall.Errno]bool{
		syscall.ENOENT: true, syscall.EOPNOTSUPP: true, syscall.EPROTONOSUPPORT: true,
		syscall.EINVAL: false, syscall.ENOMEM: false, syscall.EPERM: false,
	} {
		var p Parser
		p.Reset(1)
		_, err := p.Parse(message(typeError, 0, 1, -int32(errno), nlMsgHdr{}), func(*source.Entry) {})
		err = fmt.Errorf("dump: %w", err)
		if !errors.Is(err, errno) || errors.Is(err, errors.ErrUnsupported) != unsupported {
			t.Errorf("%v: got %v, unsupported %v", errno, err, !unsupported)
		}
		if strings.Contains(err.Error(), "tcp_diag") != unsupported {
			t.Errorf("%v: the way out is not named, or out of place: %v", errno, err)
		}
	}
}

func TestErrorSaysWhetherSocketsCameBefore(t *testing.T) {
	end := message(typeDone, 2, 1, -int32(syscall.ENOMEM))
	for name, c := range map[string]struct {
		datagram []byte
		partial  bool
	}{
		"refused":    {end, false},
		"broken off": {slices.Concat(timeWait(1, client, server, 5), end), true},
	} {
		var p Parser
		p.Reset(1)
		_, err := p.Parse(c.datagram, func(*source.Entry) {})
		var e *Error
		if !errors.As(err, &e) || e.Partial != c.partial {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestResetForgets(t *testing.T) {
	var p Parser
	p.Reset(1)
	full := diag(99, client, server)
	if _, err := p.Parse(message(typeByFamily, flagDumpIntr, 1, full, attr(60)), func(*source.Entry) {}); err != nil {
		t.Fatal(err)
	}
	p.Reset(2)
	if p != (Parser{seq: 2}) {
		t.Errorf("left over: %+v", p)
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	est := diag(1, client, server)
	d := slices.Concat(
		message(typeByFamily, 2, 1, est, attr(attrInfo, tcpInfo{}), attr(attrCgroupID, uint64(1)), attr(50)),
		timeWait(1, client, server, 5), timeWait(1, "[::1]:40000", "[::1]:80", 5))
	var p Parser
	p.Reset(1)
	n := 0
	emit := func(*source.Entry) { n++ }
	if a := testing.AllocsPerRun(100, func() { _, _ = p.Parse(d, emit) }); a != 0 || n == 0 {
		t.Errorf("%v allocations for %d sockets", a, n)
	}
}
