package textdump

import "github.com/359a26c5/twtop/source"

// rows keeps sockets in pieces, so that a long table is never copied.
type rows struct {
	pieces [][]source.Entry
	n      int
}

const rowsPiece = 1 << 10

func (r *rows) add(e *source.Entry) int {
	if r.n == len(r.pieces)*rowsPiece {
		r.pieces = append(r.pieces, make([]source.Entry, 0, rowsPiece))
	}
	last := &r.pieces[len(r.pieces)-1]
	*last = append(*last, *e)
	r.n++
	return r.n - 1
}

func (r *rows) at(i int) *source.Entry { return &r.pieces[i/rowsPiece][i%rowsPiece] }

// each calls f for every socket, in order.
func (r *rows) each(f func(*source.Entry)) {
	for _, piece := range r.pieces {
		for i := range piece {
			f(&piece[i])
		}
	}
}
