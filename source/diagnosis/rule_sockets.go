package diagnosis

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// socketRow is a destination or a service whose sockets a rule looks at. The
// index in Report of the other one is -1.
type socketRow struct{ destination, service int }

// rowsWith are the rows that have at least so many sockets in a state. Whether
// the host has them at all is looked at first: a calm one costs nothing.
func (s *scene) rowsWith(state source.State, least int) iter.Seq[socketRow] {
	return func(yield func(socketRow) bool) {
		if int(s.States[state]) < least {
			return
		}
		for i := range s.Destinations {
			if int(s.Destinations[i].States[state]) >= least && !yield(socketRow{i, -1}) {
				return
			}
		}
		for i := range s.Services {
			if int(s.Services[i].States[state]) >= least && !yield(socketRow{-1, i}) {
				return
			}
		}
	}
}

func (r socketRow) outgoing() bool { return r.destination >= 0 }

// states are the row's sockets by state.
func (r socketRow) states(s *scene) *source.StateCounts {
	if r.outgoing() {
		return &s.Destinations[r.destination].States
	}
	return &s.Services[r.service].States
}

// flows are the indices of the row's flows in Snapshot.Flows.
func (r socketRow) flows(s *scene) iter.Seq[int] {
	return func(yield func(int) bool) {
		if r.outgoing() {
			yield(s.Destinations[r.destination].Flow)
			return
		}
		for _, flow := range s.Services[r.service].Flows {
			if !yield(flow) {
				return
			}
		}
	}
}

// sockets are the row's sockets in a state, with what is known of them: nil for
// a mini-socket.
func (r socketRow) sockets(s *scene, state source.State) iter.Seq2[*source.Socket, *source.Detail] {
	return func(yield func(*source.Socket, *source.Detail) bool) {
		for flow := range r.flows(s) {
			socks := s.Snapshot.SocketsOf(flow)
			for i := range socks {
				if k := &socks[i]; k.State == state && !yield(k, s.Snapshot.DetailOf(k)) {
					return
				}
			}
		}
	}
}

// name is the row's in words.
func (r socketRow) name(s *scene) string {
	if r.outgoing() {
		return s.Destinations[r.destination].String()
	}
	return s.Services[r.service].name()
}

// name is "0.0.0.0:80", or "0.0.0.0%3:80" where it is bound to device 3.
func (s *Service) name() string {
	if s.Device == 0 {
		return s.Local.String()
	}
	if a := s.Local.Addr(); a.Is4() {
		return fmt.Sprintf("%v%%%d:%d", a, s.Device, s.Local.Port())
	}
	return fmt.Sprintf("[%v%%%d]:%d", s.Local.Addr(), s.Device, s.Local.Port())
}

// finding is one about the row.
func (r socketRow) finding(s *scene, id ID, severity Severity) Finding {
	return Finding{
		ID: id, Severity: severity, Confidence: Likely,
		Subject: r.name(s), Destination: r.destination, Service: r.service,
	}
}

// rowPlace is a row's identity from frame to frame.
type rowPlace struct {
	place
	accepted bool
}

func (r socketRow) place(s *scene) rowPlace {
	if r.outgoing() {
		return rowPlace{place: placeOf(&s.Snapshot.Flows[s.Destinations[r.destination].Flow])}
	}
	k := s.Services[r.service].key()
	return rowPlace{place{local: k.local, device: k.device, port: k.port}, true}
}

func (s *Service) key() serviceKey {
	return serviceKey{source.AddrFrom(s.Local.Addr()), s.Device, s.Local.Port()}
}

// worstOf returns the maxSubjects with the greatest figures, in that order,
// and how many more there are. It may reorder all.
func worstOf[T any](all []T, figure func(*T) int) (worst []T, more int) {
	slices.SortStableFunc(all, func(a, b T) int { return cmp.Compare(figure(&b), figure(&a)) })
	n := min(len(all), maxSubjects)
	return all[:n], len(all) - n
}

// andMore tells the reader of the first finding how many rows are not told of.
func andMore(found []Finding, more int) []Finding {
	if more > 0 {
		found[0].Evidence = append(found[0].Evidence, fmt.Sprintf("And %s more like it.", Grouped(more)))
	}
	return found
}

// standing follows how many sockets a row has in a state for as long as none
// goes away: one that turns over falls at times.
type standing struct {
	first, last int
	since       uint32 // Snapshot.Clock of first
	frames      int
	// The count as it was half a minute ago or more, and less than that ago.
	old, young     int
	oldAt, youngAt uint32 // Snapshot.Clock
}

// minStanding is how many frames show that a count does not fall: two, far
// apart, would not.
const minStanding = 5

// lasted is for how many ms the count has not fallen, 0 where too few frames
// show it.
func (x standing) lasted(clock uint32) uint32 {
	if x.frames < minStanding {
		return 0
	}
	return elapsed(clock, x.since)
}

// paceTime is over which time, in ms, it is told how fast a count grows: at the
// least a third of it, and less than twice as much.
const paceTime = 30_000

// pace is by how many a minute the count grows now. known is false where it was
// not followed for long enough.
func (x standing) pace(clock uint32) (perMinute float64, known bool) {
	span := elapsed(clock, x.oldAt)
	if x.frames < minStanding || span < paceTime/3 {
		return 0, false
	}
	return float64(x.last-x.old) * 60_000 / float64(span), true
}

// growing is how fast the count grows, in words: ", growing by 12/min"; "" where
// that is not known.
func (x standing) growing(clock uint32) string {
	switch pace, known := x.pace(clock); {
	case !known:
		return ""
	case pace < 1:
		return ", not growing"
	default:
		return fmt.Sprintf(", growing by %s/min", Grouped(int(math.Round(pace))))
	}
}

func (x standing) grown() int { return x.last - x.first }

// standings are those of the rows of a series, at most maxStandings.
type standings struct{ before, now map[rowPlace]standing }

const maxStandings = 1 << 10

// frame begins a frame: rows that the frame before did not have are forgotten.
func (x *standings) frame() { x.before, x.now = x.now, nil }

// observe enters a row's count in this frame.
func (x *standings) observe(at rowPlace, n int, clock uint32) standing {
	k, known := x.before[at]
	if !known || n < k.last {
		k = standing{first: n, since: clock, old: n, oldAt: clock, young: n, youngAt: clock}
	}
	if elapsed(clock, k.youngAt) >= paceTime {
		k.old, k.oldAt, k.young, k.youngAt = k.young, k.youngAt, n, clock
	}
	k.last = n
	k.frames++
	if x.now == nil {
		x.now = make(map[rowPlace]standing)
	}
	if len(x.now) < maxStandings {
		x.now[at] = k
	}
	return k
}

// otherEnd is what the far end of a row's connections would be in the same
// snapshot: an accepted flow with the addresses of an outgoing one turned round,
// or any outgoing flow to an address of the service.
type otherEnd struct {
	local, remote source.Addr // local is not asked for where it is outgoing
	port          uint16
	outgoing      bool
}

func otherEndOf(f *source.Flow) otherEnd {
	if f.Role == source.RoleOutgoing {
		return otherEnd{local: f.Remote, remote: f.Local, port: f.Port}
	}
	return otherEnd{remote: f.Local, port: f.Port, outgoing: true}
}

// maxAsked is how many far ends are looked for in a frame.
const maxAsked = 1 << 12

// otherEnds looks for the far ends of the rows' flows in this namespace, in one
// pass over the flows, and tells each row how many sockets in a state they have.
// A state of 0 asks for all.
func (s *scene) otherEnds(rows []socketRow, state source.State) map[socketRow]int {
	asked := make(map[otherEnd]socketRow)
	for _, r := range rows {
		var last otherEnd
		for flow := range r.flows(s) {
			if e := otherEndOf(&s.Snapshot.Flows[flow]); e != last && len(asked) < maxAsked {
				asked[e], last = r, e
			}
		}
	}
	found := make(map[socketRow]int)
	for i := range s.Snapshot.Flows {
		f := &s.Snapshot.Flows[i]
		e := otherEnd{local: f.Local, remote: f.Remote, port: f.Port}
		if f.Role == source.RoleOutgoing {
			e = otherEnd{remote: f.Remote, port: f.Port, outgoing: true}
		}
		r, ok := asked[e]
		if !ok {
			continue
		}
		if state == 0 {
			found[r] += f.Len()
			continue
		}
		states := statesOf(s.Snapshot.SocketsOf(i))
		found[r] += int(states[state])
	}
	return found
}

// owners counts sockets by the user who opened them. Of more users than it has
// room for it knows only that there are some.
type owners struct {
	uid  [4]uint32
	n    [4]int
	used int
	rest int
}

// add takes in a socket; one that nobody holds has no user.
func (o *owners) add(d *source.Detail) {
	const known = source.HasUID | source.HasInode
	if d == nil || d.Has&known != known || d.Inode == 0 {
		return
	}
	for i := range o.used {
		if o.uid[i] == d.UID {
			o.n[i]++
			return
		}
	}
	if o.used == len(o.uid) {
		o.rest++
		return
	}
	o.uid[o.used], o.n[o.used] = d.UID, 1
	o.used++
}

// words is "They belong to user www-data.", "" where nobody is known.
func (o *owners) words(s *scene) string {
	switch {
	case o.used == 0:
		return ""
	case o.used == 1:
		return fmt.Sprintf("They belong to %s.", s.user(o.uid[0]))
	}
	best := 0
	for i := range o.used {
		if o.n[i] > o.n[best] {
			best = i
		}
	}
	return fmt.Sprintf("Most belong to %s (%s), others to other users.", s.user(o.uid[best]), Grouped(o.n[best]))
}

// user is "user www-data", or "uid 33" where no process that is known tells the name.
func (s *scene) user(uid uint32) string {
	for i := range s.Snapshot.Processes {
		if p := &s.Snapshot.Processes[i]; p.UID == uid && p.User != "" {
			return processUser(p)
		}
	}
	return fmt.Sprintf("uid %d", uid)
}

// lasting is a time of so many ms in words: "31 s", "12 min", "5 h".
func lasting(ms uint32) string {
	d := (time.Duration(ms) * time.Millisecond).Truncate(time.Second)
	if d >= 3*time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return inAbout(d)
}

// networkOf is the first address of the network that an address is told of as:
// its /24, or its /64 where it is IPv6.
func networkOf(a source.Addr) source.Addr {
	hi, lo := a.Words()
	if a.Is4() {
		return source.AddrFromWords(hi, lo&^0xff)
	}
	return source.AddrFromWords(hi, 0)
}

// networkName is "10.0.3.0/24".
func networkName(network source.Addr) string {
	if network.Is4() {
		return network.IP().String() + "/24"
	}
	return network.IP().String() + "/64"
}

// most returns the keys with the highest counts, at most n, and how many more
// there are.
func most(counts map[source.Addr]int, n int) (top []source.Addr, more int) {
	top = slices.SortedFunc(maps.Keys(counts), func(a, b source.Addr) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), a.Compare(b))
	})
	n = min(n, len(top))
	return top[:n], len(top) - n
}
