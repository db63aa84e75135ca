package diagnosis

import (
	"net/netip"

	"github.com/359a26c5/twtop/source"
)

// serviceKey is what SO_REUSEPORT sockets have in common.
type serviceKey struct {
	local  source.Addr
	device uint32
	port   uint16
}

// serviceTable merges listeners into services and credits flows to them.
type serviceTable struct {
	rows       []Service
	byKey      map[serviceKey]int
	ofListener []int32 // the row of each listener of the snapshot
}

func newServiceTable(s *source.Snapshot) *serviceTable {
	t := &serviceTable{byKey: make(map[serviceKey]int, len(s.Listeners)), ofListener: make([]int32, len(s.Listeners))}
	for i := range s.Listeners {
		l := &s.Listeners[i]
		if l.Unasked {
			t.ofListener[i] = -1
			continue
		}
		row := t.row(serviceKey{l.Local, l.Device, l.Port})
		t.ofListener[i] = int32(row)
		t.rows[row].add(l)
	}
	return t
}

func (t *serviceTable) row(k serviceKey) int {
	row, ok := t.byKey[k]
	if !ok {
		row = len(t.rows)
		t.byKey[k] = row
		t.rows = append(t.rows, Service{Local: netip.AddrPortFrom(k.local.IP(), k.port), Device: k.device, Gone: true})
	}
	return row
}

// add takes one listening socket into the row. The sums are known for the row
// only if they are for all its sockets; the worst socket is among those known.
func (s *Service) add(l *source.Listener) {
	if l.Gone {
		return
	}
	first := s.Gone
	s.Gone = false
	s.Sockets++
	if l.Detail.Has&source.HasQueues == 0 {
		s.AcceptQueue, s.Backlog = nil, nil
		return
	}
	s.worst(int(l.Detail.RecvQ), int(l.Detail.SendQ))
	if first {
		s.AcceptQueue, s.Backlog = new(int), new(int)
	}
	if s.AcceptQueue != nil {
		*s.AcceptQueue += int(l.Detail.RecvQ)
		*s.Backlog += int(l.Detail.SendQ)
	}
}

// worst keeps the socket nearest to overflow. That is one more than its
// backlog, so that a backlog of 0 has a place too (sk_acceptq_is_full).
func (s *Service) worst(queue, backlog int) {
	if s.WorstQueue == nil || full(queue, backlog) > s.fullness() {
		s.WorstQueue, s.WorstBacklog = &queue, &backlog
	}
}

// fullness is the part of the worst socket's accept queue that is taken, 0
// where it is unknown; above 1 nothing more is taken in.
func (s *Service) fullness() float64 {
	if s.WorstQueue == nil {
		return 0
	}
	return full(*s.WorstQueue, *s.WorstBacklog)
}

func full(queue, backlog int) float64 { return float64(queue) / float64(backlog+1) }

// credit enters a flow of accepted connections. One without a listener gets a
// row of its own address and port.
func (t *serviceTable) credit(f *source.Flow, flow int, states *source.StateCounts) {
	row := -1
	if f.Listener >= 0 && int(f.Listener) < len(t.ofListener) {
		row = int(t.ofListener[f.Listener])
	}
	if row < 0 {
		row = t.row(serviceKey{f.Local, f.Device, f.Port})
	}
	s := &t.rows[row]
	s.Flows = append(s.Flows, flow)
	for i, n := range states {
		s.States[i] += n
	}
}

// statesOf counts sockets by state.
func statesOf(socks []source.Socket) (c source.StateCounts) {
	var n [16]uint32
	for i := range socks {
		n[socks[i].State&15]++
	}
	copy(c[:], n[:])
	return c
}
