package capture

import (
	"context"
	"fmt"
	"io"

	"github.com/359a26c5/twtop/source"
)

// Player is a source.Source over a capture: frame after frame, and at the end
// of a stream that goes on, those that come.
type Player struct {
	r    *Reader
	next int
}

var _ source.Source = (*Player)(nil)

// Play returns a Player that begins with frame i.
func (c *Reader) Play(i int) *Player { return &Player{r: c, next: max(i, 0)} }

// Read returns the next frame that is kept. After a damaged frame it goes on
// with the next key frame. At the end its error is source.ErrFinal.
func (p *Player) Read(ctx context.Context) (*source.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch err := p.r.Wait(ctx, p.next); {
	case err == io.EOF:
		return nil, fmt.Errorf("the capture ends here%s: %w", p.why(), source.ErrFinal)
	case err != nil:
		return nil, err
	}
	p.next = max(p.next, p.r.First())
	snap, err := p.r.Frame(p.next)
	if err != nil {
		p.next = p.r.nextKey(p.next)
		return nil, err
	}
	p.next++
	return snap, nil
}

func (p *Player) why() string {
	if note := p.r.Note(); note != "" {
		return " (" + note + ")"
	}
	return ""
}

// Next is the number of the frame that Read returns next.
func (p *Player) Next() int { return p.next }

// Close closes the capture.
func (p *Player) Close() error { return p.r.Close() }
