package ui

import (
	"slices"
	"sort"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// subjectKind is what a detail is about.
type subjectKind uint8

const (
	subjectNone subjectKind = iota
	subjectDest
	subjectService
)

// subject is the destination or service whose detail is open.
type subject struct {
	kind subjectKind
	dest destKey
	svc  serviceKey
}

// maxDetail bounds how many sockets a detail lists: nobody reads more, and a
// million would cost more to sort than to dump.
const maxDetail = 100_000

// detailRows is a subject's sockets in one frame.
type detailRows struct {
	subject subject
	index   int // in the report's destinations or services, -1 if it is gone
	total   int
	// sockets are flow<<32 | position in the flow: live ones first, then by port.
	sockets []uint64
}

// rows finds the subject in a report and sorts its sockets.
func (s subject) rows(r *diagnosis.Report) detailRows {
	d := detailRows{subject: s, index: -1}
	var flows []int
	switch s.kind {
	case subjectDest:
		d.index = slices.IndexFunc(r.Destinations, func(x diagnosis.Destination) bool { return keyOfDest(&x) == s.dest })
		if d.index >= 0 {
			flows = []int{r.Destinations[d.index].Flow}
		}
	case subjectService:
		d.index = slices.IndexFunc(r.Services, func(x diagnosis.Service) bool { return keyOfService(&x) == s.svc })
		if d.index >= 0 {
			flows = r.Services[d.index].Flows
		}
	}
	d.total, d.sockets = listSockets(r.Snapshot, flows)
	return d
}

// stateRank puts the states in which somebody waits before those that only
// wait for their timer.
var stateRank = [source.NumStates]uint64{
	source.StateSynSent: 1, source.StateCloseWait: 2, source.StateSynRecv: 3, source.StateEstablished: 4,
	source.StateFinWait1: 5, source.StateFinWait2: 6, source.StateClosing: 7, source.StateLastAck: 8,
	source.StateClose: 9, source.StateTimeWait: 15,
}

// listSockets lists the sockets of flows by state and port. Each goes through
// the sort as one number: rank 4 bits, port 16, position among all 44.
func listSockets(s *source.Snapshot, flows []int) (total int, refs []uint64) {
	starts := make([]int, 0, len(flows))
	var keys []uint64
	for _, f := range flows {
		if f < 0 || f >= len(s.Flows) {
			starts = append(starts, total)
			continue
		}
		starts = append(starts, total)
		for i, k := range s.SocketsOf(f) {
			if len(keys) >= maxDetail {
				break
			}
			keys = append(keys, stateRank[k.State%source.NumStates]<<60|uint64(k.Port)<<44|uint64(total+i))
		}
		total += s.Flows[f].Len()
	}
	slices.Sort(keys)
	for i, k := range keys {
		position := int(k & (1<<44 - 1))
		f := sort.SearchInts(starts, position+1) - 1
		keys[i] = uint64(flows[f])<<32 | uint64(position-starts[f])
	}
	return total, keys
}

// socketRow is one socket of a detail, looked up when it is drawn.
type socketRow struct {
	snap *source.Snapshot
	flow *source.Flow
	sock *source.Socket
	full *source.Detail // nil for mini-sockets
}

func socketAt(s *source.Snapshot, ref uint64) socketRow {
	flow, i := int(ref>>32), int(uint32(ref))
	k := &s.SocketsOf(flow)[i]
	return socketRow{snap: s, flow: &s.Flows[flow], sock: k, full: s.DetailOf(k)}
}

// socketKey tells sockets of one subject apart.
type socketKey struct {
	local, remote source.Addr
	port          uint16
}

func keyOfSocket(r *socketRow) socketKey {
	return socketKey{r.flow.Local, r.flow.Remote, r.sock.Port}
}
