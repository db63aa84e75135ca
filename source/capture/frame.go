package capture

import (
	"encoding/binary"
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// state is one frame, in the form that the next is told against.
type state struct {
	image *image
	facts *facts
}

func newState() *state { return &state{new(image), new(facts)} }

// snapshot puts the frame's snapshot together. It shares the facts' lists with
// the frames around it, and none of the connections.
func (s *state) snapshot() (*source.Snapshot, error) {
	snap := s.facts.snapshot()
	if err := snap.Assemble(s.image.parts(s.facts.clock)); err != nil {
		return nil, err
	}
	return snap, nil
}

// encoder makes the sections of frame after frame.
type encoder struct {
	last   *state
	alive  int // flows of the last snapshot
	imager imager
	differ differ
	buf    []byte
}

// littered reports whether most of the flows since the last key frame are gone:
// each frame has to go through them all.
func (e *encoder) littered() bool {
	return e.last != nil && len(e.last.image.flows) > 2*e.alive+maxLitter
}

// maxLitter is how many flows may be gone on a host that has few.
const maxLitter = 4096

// encode returns the sections of the next frame, which are valid until the next
// call. A key frame forgets what was before.
func (e *encoder) encode(s *source.Snapshot, key bool) ([]byte, error) {
	if e.last == nil || key {
		e.last = newState()
		e.imager.reset()
	}
	f, place := factsOf(s)
	next := e.imager.image(s, e.last.image, place)
	d := e.differ.diff(e.last.image, next, s.Clock)
	e.buf = e.buf[:0]
	f.encode(e.last.facts, e.section)
	columns := d.encode(e.last.image, s.Clock)
	for i := range columns.col {
		if len(columns.col[i].b) > 0 {
			e.section(tagColumns+i, &columns.col[i])
		}
	}
	// What a reader will have, which may differ from next by the slack.
	applied, err := d.apply(e.last.image, s.Clock)
	if err != nil {
		return nil, fmt.Errorf("record a frame of %d sockets: %w", len(s.Sockets), err)
	}
	e.last, e.alive = &state{applied, f}, len(s.Flows)
	return e.buf, nil
}

func (e *encoder) section(tag int, body *out) {
	e.buf = binary.AppendUvarint(e.buf, uint64(tag))
	e.buf = binary.AppendUvarint(e.buf, uint64(len(body.b)))
	e.buf = append(e.buf, body.b...)
}

// decode makes the next frame of a frame's sections. before stays as it is.
func decode(before *state, sections []byte) (*state, error) {
	f := *before.facts
	var columns columnsIn
	var owners ownersIn
	owners.begin(f.owners)
	rest := in{b: sections}
	for rest.more() {
		tag := rest.uint()
		rest.row(func(i *in) {
			switch {
			case tag >= tagColumns && tag < tagColumns+uint64(numColumns):
				columns.col[tag-tagColumns] = *i
			case tag >= tagOwnerProcesses && tag <= tagSightings:
				owners.decode(int(tag), f.clock, i)
			case tag < tagColumns:
				i.err = f.decode(int(tag), i)
			}
		})
	}
	if rest.err != nil {
		return nil, rest.err
	}
	f.settle(&owners)
	columns.clock = f.clock
	d, err := columns.decode(before.image)
	if err != nil {
		return nil, err
	}
	next, err := d.apply(before.image, f.clock)
	if err != nil {
		return nil, err
	}
	return &state{next, &f}, nil
}
