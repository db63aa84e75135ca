package capture_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/359a26c5/twtop/source"
)

// tolerance is how far times of full sockets may be off, in ms.
const tolerance = 50

// same compares a replayed snapshot with the live one, field by field. Flows,
// sockets and listeners have no order.
func same(t testing.TB, name string, live, replayed *source.Snapshot) {
	t.Helper()
	if diff := difference(live, replayed); diff != "" {
		t.Fatalf("%s: %s", name, diff)
	}
}

// difference says in what they differ, "" for nothing.
func difference(live, replayed *source.Snapshot) string {
	if replayed.Kind != source.KindCapture || replayed.Origin != live.Kind {
		return fmt.Sprintf("kind %q of %q, and it was %q", replayed.Kind, replayed.Origin, live.Kind)
	}
	a, b := plain(live), plain(replayed)
	for i := range a.fields {
		if !reflect.DeepEqual(a.fields[i], b.fields[i]) {
			return fmt.Sprintf("%s\nis %+v\nand was %+v", a.names[i], b.fields[i], a.fields[i])
		}
	}
	if diff := gocmp.Diff(live.Owners, replayed.Owners, cmpopts.EquateEmpty(), gocmp.Comparer(func(a, b source.Addr) bool { return a == b })); diff != "" {
		return "Owners: " + diff
	}
	if len(a.flows) != len(b.flows) {
		return fmt.Sprintf("%d flows, and there were %d", len(b.flows), len(a.flows))
	}
	for i := range a.flows {
		if diff := a.flows[i].difference(&b.flows[i]); diff != "" {
			return fmt.Sprintf("flow %+v: %s", a.flows[i].Flow, diff)
		}
	}
	return ""
}

// plainSnapshot is a snapshot in an order of its own.
type plainSnapshot struct {
	names  []string
	fields []any
	flows  []plainFlow
}

type plainFlow struct {
	source.Flow
	len      int
	listener source.Listener
	socks    []plainSocket
}

type plainSocket struct {
	source.Socket
	left   int64
	detail source.Detail
}

func plain(s *source.Snapshot) *plainSnapshot {
	p := new(plainSnapshot)
	add := func(name string, v any) { p.names, p.fields = append(p.names, name), append(p.fields, v) }
	add("Taken", s.Taken.UTC().Round(0))
	add("Clock", s.Clock)
	add("Host", s.Host)
	add("Range", [2]any{s.Range, s.RangeKnown})
	add("Reserved", s.Reserved)
	listeners := append([]source.Listener{}, s.Listeners...)
	slices.SortFunc(listeners, byListener)
	add("Listeners", listeners)
	bound := append([]source.Bound{}, s.Bound...)
	slices.SortFunc(bound, func(a, b source.Bound) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	add("Bound", bound)
	add("BlockersUnknown, Ambiguous, Orphans", [3]any{s.BlockersUnknown, s.Ambiguous, s.Orphans})
	add("States", s.States)
	if s.Sysctls == nil {
		s.Sysctls = map[string]string{}
	}
	add("Sysctls", s.Sysctls)
	add("Counters", s.Counters)
	add("Processes", s.Processes)
	add("Cost", s.Cost)
	add("Gaps", append([]string{}, s.Gaps...))
	for i := range s.Flows {
		p.flows = append(p.flows, plainFlowOf(s, i))
	}
	slices.SortFunc(p.flows, func(a, b plainFlow) int {
		return cmp.Or(a.Local.Compare(b.Local), a.Remote.Compare(b.Remote), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Device, b.Device), cmp.Compare(min(a.Role, 1), min(b.Role, 1)))
	})
	return p
}

func byListener(a, b source.Listener) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }

func plainFlowOf(s *source.Snapshot, i int) plainFlow {
	f := s.Flows[i]
	p := plainFlow{Flow: source.Flow{Local: f.Local, Remote: f.Remote, Device: f.Device, Port: f.Port, Role: f.Role}, len: f.Len()}
	if f.Listener >= 0 {
		p.listener = s.Listeners[f.Listener]
	}
	for _, k := range s.SocketsOf(i) {
		x := plainSocket{Socket: source.Socket{Port: k.Port, State: k.State, Timer: k.Timer}}
		if k.Flow() != i {
			x.left = -1 << 40
		}
		if k.Timer != source.TimerNone && k.Timer != source.TimerUnknown {
			x.left = s.Remaining(&k).Milliseconds()
		}
		if d := s.DetailOf(&k); d != nil {
			x.detail = *d
		}
		p.socks = append(p.socks, x)
	}
	slices.SortFunc(p.socks, func(a, b plainSocket) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.State, b.State), cmp.Compare(a.Timer, b.Timer),
			cmp.Compare(a.detail.Inode, b.detail.Inode), cmp.Compare(a.detail.Cgroup, b.detail.Cgroup), cmp.Compare(a.detail.RTT, b.detail.RTT),
			cmp.Compare(a.detail.RecvQ, b.detail.RecvQ), cmp.Compare(a.left, b.left))
	})
	return p
}

func (a *plainFlow) difference(b *plainFlow) string {
	if a.Flow != b.Flow || a.listener != b.listener || a.len != b.len || len(a.socks) != len(b.socks) {
		return fmt.Sprintf("is %+v of %+v with %d sockets, and was of %+v with %d", b.Flow, b.listener, b.len, a.listener, a.len)
	}
	for i, x := range a.socks {
		twin := i // of the same port, and not taken yet
		for twin < len(b.socks)-1 && b.socks[twin].Port == x.Port && !x.equal(b.socks[twin]) {
			twin++
		}
		if !x.equal(b.socks[twin]) {
			return fmt.Sprintf("socket\n%+v, and was\n%+v", b.socks[i], x)
		}
		b.socks[i], b.socks[twin] = b.socks[twin], b.socks[i]
	}
	return ""
}

func (a plainSocket) equal(b plainSocket) bool {
	if a.Mini() && a.left != b.left || !within(a.left, b.left) {
		return false
	}
	for _, m := range [][2]*uint32{
		{&a.detail.LastDataSent, &b.detail.LastDataSent},
		{&a.detail.LastDataRecv, &b.detail.LastDataRecv},
		{&a.detail.LastAckRecv, &b.detail.LastAckRecv},
	} {
		if !within(int64(*m[0]), int64(*m[1])) && *m[0] < 1<<32-2000 {
			return false
		}
		*m[0], *m[1] = 0, 0
	}
	return a.Socket == b.Socket && a.detail == b.detail
}

func within(a, b int64) bool { return a-b <= tolerance && b-a <= tolerance }
