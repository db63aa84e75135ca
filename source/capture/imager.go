package capture

import (
	"github.com/359a26c5/twtop/source"
)

// flowID is what a flow is known by since the last key frame.
type flowID struct {
	local, remote source.Addr
	device        uint32
	port          uint16
	accepted      bool
}

func idOf(f *source.Flow) flowID {
	return flowID{f.Local, f.Remote, f.Device, f.Port, f.Role != source.RoleOutgoing}
}

// imager makes images of snapshots, and numbers their flows.
type imager struct {
	places  map[flowID]int
	scratch []sock
}

func (x *imager) reset() { x.places = make(map[flowID]int) }

// image is that of s. Its flows begin with those of before, in their order.
// place maps the snapshot's listeners to the recording's.
func (x *imager) image(s *source.Snapshot, before *image, place []int32) *image {
	m := &image{flows: append([]source.Flow(nil), before.flows...)}
	of := make([]int, len(s.Flows)) // the image's flow of each
	for i := range s.Flows {
		f := source.Flow{
			Local: s.Flows[i].Local, Remote: s.Flows[i].Remote, Device: s.Flows[i].Device,
			Port: s.Flows[i].Port, Role: s.Flows[i].Role, Listener: -1,
		}
		if l := s.Flows[i].Listener; l >= 0 && int(l) < len(place) {
			f.Listener = place[l]
		}
		id := idOf(&f)
		at, known := x.places[id]
		if !known {
			at = len(m.flows)
			x.places[id] = at
			m.flows = append(m.flows, f)
		}
		m.flows[at] = f
		of[i] = at
	}
	m.counts = make([]int, len(m.flows))
	from := make([]int, len(m.flows)) // the snapshot's flow of each, plus 1
	for i := range s.Flows {
		m.counts[of[i]], from[of[i]] = s.Flows[i].Len(), i+1
	}
	m.socks = make([]sock, 0, len(s.Sockets))
	for _, i := range from {
		if i > 0 {
			x.add(m, s, s.SocketsOf(i-1))
		}
	}
	return m
}

// add appends the sockets of one flow, by port.
func (x *imager) add(m *image, s *source.Snapshot, socks []source.Socket) {
	begin := len(m.socks)
	for i := range socks {
		k := &socks[i]
		c := sock{port: k.Port, state: k.State, timer: k.Timer}
		if c.timed() {
			c.deadline = k.Deadline
		}
		if !c.mini() {
			var d source.Detail
			if full := s.DetailOf(k); full != nil {
				d = canonical(full, s.Clock)
			}
			m.details = append(m.details, d)
			c.detail = uint32(len(m.details))
		}
		m.socks = append(m.socks, c)
	}
	x.sort(m.socks[begin:])
}

// sort sorts by port and leaves equals as they are: two passes of a radix sort,
// for a flow may have 64,000 sockets each second.
func (x *imager) sort(s []sock) {
	if cap(x.scratch) < len(s) {
		x.scratch = make([]sock, len(s))
	}
	t := x.scratch[:len(s)]
	for _, shift := range [...]uint{0, 8} {
		var next [257]int
		for i := range s {
			next[(s[i].port>>shift&0xff)+1]++
		}
		for i := range 256 {
			next[i+1] += next[i]
		}
		for i := range s {
			b := s[i].port >> shift & 0xff
			t[next[b]] = s[i]
			next[b]++
		}
		s, t = t, s
	}
}
