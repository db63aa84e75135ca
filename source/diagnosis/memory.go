package diagnosis

import "github.com/359a26c5/twtop/source"

// place is a destination's identity from frame to frame.
type place struct {
	local, remote source.Addr
	device        uint32
	port          uint16
}

func placeOf(f *source.Flow) place { return place{f.Local, f.Remote, f.Device, f.Port} }

// memory is what one destination's next frame needs.
type memory struct {
	timestamps epoch
	seen       uint32 // Snapshot.Clock of the last frame that had it

	full      bool   // its preferred half was exhausted within the last minute
	fullAt    uint32 // Snapshot.Clock of the last frame in which it was
	explained int    // so many ports of the other half are left of that
	looked    bool   // bindFirst judged it before
	suspect   bool   // ports of the other half that nothing explains
	spilled   bool   // all of the other half was bound so within the last minute
	spilledAt uint32 // Snapshot.Clock of the last frame in which it was

	wish *wish // what is wanted; nil where the demand is not followed
}

// maxPlaces bounds the memory, at about 130 bytes a place and 216
// more where a wish is kept.
const maxPlaces = 1 << 15

// memories is the memory of a series of frames.
type memories struct {
	of    map[place]*memory
	spare memory // for destinations that there is no room for
	swept uint32 // Snapshot.Clock of the last sweep
}

// recall returns the memory of a destination, nil where there is none. Who was
// away for longer than a TIME_WAIT lasts is a stranger: what its connections
// were like says nothing of those that it has now.
func (m *memories) recall(f *source.Flow, clock uint32) *memory {
	if len(m.of) == 0 {
		return nil
	}
	e := m.of[placeOf(f)]
	if e == nil {
		return nil
	}
	if elapsed(clock, e.seen) > timeWaitMS {
		delete(m.of, placeOf(f))
		return nil
	}
	e.seen = clock
	return e
}

// begin begins a memory. Where there is no room for it, it lasts until the
// next call.
func (m *memories) begin(f *source.Flow, clock uint32) *memory {
	if len(m.of) >= maxPlaces {
		m.spare = memory{seen: clock}
		return &m.spare
	}
	if m.of == nil {
		m.of = make(map[place]*memory)
	}
	e := &memory{seen: clock}
	m.of[placeOf(f)] = e
	return e
}

// sweep forgets the destinations that recall would not know any more: once a
// minute, so that no clock comes round, and where half of the room is used.
func (m *memories) sweep(clock uint32) {
	if len(m.of) < maxPlaces/2 && elapsed(clock, m.swept) <= timeWaitMS {
		return
	}
	m.swept = clock
	for k, e := range m.of {
		if elapsed(clock, e.seen) > timeWaitMS {
			delete(m.of, k)
		}
	}
}
