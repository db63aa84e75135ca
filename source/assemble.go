package source

import (
	"fmt"
	"slices"
)

// Parts are the connections of a Snapshot that was taken apart, as a recording
// keeps them.
type Parts struct {
	// Flows lie in the order of their sockets; Counts[i] of them are Flows[i]'s.
	Flows   []Flow
	Counts  []int
	Sockets []Socket
	// Details are those of the full sockets, in the order of Sockets.
	Details []Detail
}

// Assemble puts p into s, whose listeners and bound sockets are there already,
// and counts the states and the orphans. It keeps the slices. An error says
// that the parts do not fit together.
func (s *Snapshot) Assemble(p Parts) error {
	if len(p.Flows) != len(p.Counts) {
		return fmt.Errorf("%d flows with the counts of %d", len(p.Flows), len(p.Counts))
	}
	s.Flows, s.Sockets, s.details = p.Flows, p.Sockets, p.Details
	s.States, s.Orphans = StateCounts{}, 0
	at, full := 0, 0
	for i, n := range p.Counts {
		f := &p.Flows[i]
		if n < 0 || n > len(p.Sockets)-at {
			return fmt.Errorf("flow %d has %d sockets of %d that are left", i, n, len(p.Sockets)-at)
		}
		if int(f.Listener) >= len(s.Listeners) || f.Listener < -1 {
			return fmt.Errorf("flow %d has listener %d of %d", i, f.Listener, len(s.Listeners))
		}
		f.first, f.n = uint32(at), uint32(n)
		for j := at; j < at+n; j++ {
			k := &p.Sockets[j]
			k.flow, k.detail = uint32(i), 0
			if k.State >= NumStates {
				k.State = 0
			}
			s.States[k.State]++
			if k.Mini() {
				continue
			}
			if full == len(p.Details) {
				return fmt.Errorf("more full sockets than the %d details", full)
			}
			d := &p.Details[full]
			full++
			k.detail = uint32(full)
			if d.orphan(k.State) {
				s.Orphans++
			}
		}
		at += n
	}
	if at != len(p.Sockets) || full != len(p.Details) {
		return fmt.Errorf("%d sockets and %d details are no flow's", len(p.Sockets)-at, len(p.Details)-full)
	}
	s.countUnconnected()
	return nil
}

// countUnconnected counts what is not in Sockets.
func (s *Snapshot) countUnconnected() {
	asked := 0
	for i := range s.Listeners {
		if l := &s.Listeners[i]; !l.Gone && !l.Unasked {
			asked++
		}
	}
	s.States[StateListen] = uint32(asked)
	s.States[StateBoundInactive] = uint32(len(s.Bound))
}

// Parts takes the connections of s apart: a copy that may be changed and given
// to Assemble.
func (s *Snapshot) Parts() Parts {
	p := Parts{
		Flows: slices.Clone(s.Flows), Counts: make([]int, len(s.Flows)),
		Sockets: slices.Clone(s.Sockets), Details: make([]Detail, 0, len(s.details)),
	}
	for i := range s.Flows {
		p.Counts[i] = s.Flows[i].Len()
	}
	for i := range s.Sockets {
		if d := s.DetailOf(&s.Sockets[i]); d != nil {
			p.Details = append(p.Details, *d)
		} else if !s.Sockets[i].Mini() {
			p.Details = append(p.Details, Detail{})
		}
	}
	return p
}
