package diagnosis

import (
	"fmt"
	"slices"
)

// worst keeps the maxSubjects with the greatest figures of all that are added,
// in that order; of equals those that came first.
type worst[T any] struct {
	top     []T
	figures []int
	all     int
}

func (w *worst[T]) add(figure int, x T) {
	w.all++
	at := len(w.top)
	for at > 0 && figure > w.figures[at-1] {
		at--
	}
	if at == maxSubjects {
		return
	}
	kept := min(len(w.top), maxSubjects-1)
	w.top = slices.Insert(w.top[:kept], at, x)
	w.figures = slices.Insert(w.figures[:kept], at, figure)
}

// findings are those of the ones kept; the first tells how many more there are.
func (w *worst[T]) findings(finding func(*T) Finding) []Finding {
	var found []Finding
	for i := range w.top {
		found = append(found, finding(&w.top[i]))
	}
	return andMore(found, w.all-len(w.top))
}

// andMore tells the reader of the first finding how many rows are not told of.
func andMore(found []Finding, more int) []Finding {
	if more > 0 {
		found[0].Evidence = append(found[0].Evidence, fmt.Sprintf("And %s more like it.", Grouped(more)))
	}
	return found
}
