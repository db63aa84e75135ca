package diagnosis

import (
	"fmt"
	"iter"
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

// lasting is a time of so many ms in words: "31 s", "12 min", "5 h".
func lasting(ms uint32) string {
	d := (time.Duration(ms) * time.Millisecond).Truncate(time.Second)
	if d >= 3*time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return inAbout(d)
}
