package diagnosis

import (
	"hash/maphash"

	"github.com/359a26c5/twtop/source"
)

// waiting remembers which connections waited in a full accept queue, to tell
// when none of them is accepted. The queue is first in, first out: where they
// are the same ones in two frames, nothing was (inet_csk_accept,
// net/ipv4/inet_connection_sock.c).
type waiting struct {
	seed maphash.Seed
	of   map[serviceKey]queued
}

// queued is those that wait at one service.
type queued struct {
	sum   uint64 // of the hashes of their far ends
	n     int
	since uint32 // Snapshot.Clock of the first frame with the same
}

// longPause is how long, in ms, they have to be the same to be told of: an
// event loop may be blocked for a moment.
const longPause = 5000

// frame takes in the services whose queue is full.
func (w *waiting) frame(s *scene, full []int) {
	before := w.of
	w.of = nil
	for _, i := range full {
		v := &s.Services[i]
		q, known := w.look(s, v)
		if !known {
			continue
		}
		if was, ok := before[v.key()]; ok && was.sum == q.sum && was.n == q.n {
			q.since = was.since
		}
		if w.of == nil {
			w.of = make(map[serviceKey]queued)
		}
		w.of[v.key()] = q
	}
}

// look counts the connections that no process holds yet: those of other states
// are orphans. known is false where that does not show, or they are fewer than
// wait.
func (w *waiting) look(s *scene, v *Service) (q queued, known bool) {
	if w.seed == (maphash.Seed{}) {
		w.seed = maphash.MakeSeed()
	}
	q.since = s.Snapshot.Clock
	for _, flow := range v.Flows {
		f := &s.Snapshot.Flows[flow]
		socks := s.Snapshot.SocketsOf(flow)
		for i := range socks {
			k := &socks[i]
			d := s.Snapshot.DetailOf(k)
			if d == nil || d.Has&source.HasInode == 0 || d.Inode != 0 || k.State != source.StateEstablished && k.State != source.StateCloseWait {
				continue
			}
			q.n++
			q.sum += maphash.Comparable(w.seed, end{f.Remote, k.Port})
		}
	}
	return q, v.WorstQueue != nil && q.n >= *v.WorstQueue
}

// end is a connection's far end.
type end struct {
	addr source.Addr
	port uint16
}

// stuck is for how many ms nothing has been accepted, 0 where something was or
// nobody knows.
func (w *waiting) stuck(s *scene, v *Service) uint32 {
	q, known := w.of[v.key()]
	if ms := elapsed(s.Snapshot.Clock, q.since); known && ms >= longPause {
		return ms
	}
	return 0
}
