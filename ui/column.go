package ui

import (
	"cmp"
	"slices"
)

// column is one column of a table of R. Later columns (owner, forecast) are a
// struct more in their pane's list.
type column[R any] struct {
	title string
	// width is what the column needs, width6 what it needs once there are
	// IPv6 addresses (0: the same), most what it can then make use of (0: width).
	width, width6, most int
	// priority 1 is the last to be left out where the screen is narrow.
	priority int
	hidden   bool // whatever the room
	right    bool

	text func(*R) string
	fit  func(*R, int) string // instead of text, for what can be shortened cleverly
	ink  func(*R) ink         // nil: plain
	draw func(*line, *R, int) // instead of text, for bars and sparklines
	// natural marks the column by which a report comes sorted. Otherwise rank
	// sorts numbers, largest first, compare all else; without any of them the
	// column is no choice for sorting.
	natural bool
	rank    func(*R) int64
	compare func(a, b *R) int
}

func (c *column[R]) sortable() bool { return c.natural || c.rank != nil || c.compare != nil }

func (c *column[R]) need(six bool) int {
	if six {
		return max(c.width, c.width6)
	}
	return c.width
}

func (c *column[R]) limit(six bool) int {
	if c.width6 > 0 && !six {
		return c.width
	}
	return c.most
}

// write writes one cell of the table.
func (c *column[R]) write(l *line, r *R, w int) {
	k := inkPlain
	if c.ink != nil {
		k = c.ink(r)
	}
	switch {
	case c.draw != nil:
		before := l.left
		c.draw(l, r, w)
		l.skip(w - (before - l.left))
	case c.fit != nil:
		l.cell(k, c.fit(r, w), w, c.right)
	default:
		l.cell(k, c.text(r), w, c.right)
	}
}

// fitted is a column that found room, and how much.
type fitted struct{ column, x, w int }

const markerWidth = 2 // the cursor's mark, left of the first column

// fit chooses columns for w cells: by priority as many as fit with one blank
// between them, then wider gaps, then more room for those that can use it, the
// last ones first.
func fit[R any](columns []column[R], w int, six bool) []fitted {
	byPriority := make([]int, 0, len(columns))
	for i := range columns {
		if !columns[i].hidden {
			byPriority = append(byPriority, i)
		}
	}
	slices.SortStableFunc(byPriority, func(a, b int) int {
		return cmp.Compare(columns[a].priority, columns[b].priority)
	})
	room := w - markerWidth
	var chosen []fitted
	for _, i := range byPriority {
		need := columns[i].need(six)
		if len(chosen) == 0 {
			need = min(need, room)
		} else if need+1 > room {
			break
		} else {
			room--
		}
		chosen = append(chosen, fitted{column: i, w: need})
		room -= need
	}
	slices.SortFunc(chosen, func(a, b fitted) int { return a.column - b.column })
	return place(columns, chosen, room, six)
}

// place spends the room left and sets where the columns start.
func place[R any](columns []column[R], chosen []fitted, room int, six bool) []fitted {
	gap := 1
	if gaps := len(chosen) - 1; gaps > 0 && room >= gaps {
		gap, room = 2, room-gaps
	}
	for i := len(chosen) - 1; i >= 0; i-- {
		c := &columns[chosen[i].column]
		if more := min(c.limit(six)-chosen[i].w, room); more > 0 {
			chosen[i].w += more
			room -= more
		}
	}
	x := markerWidth
	for i := range chosen {
		chosen[i].x = x
		x += chosen[i].w + gap
	}
	return chosen
}

// sorting is by which column a table is sorted.
type sorting struct {
	column  int
	reverse bool
}

// step chooses the next (or previous) column that can be sorted by, among all,
// shown or not.
func step[R any](columns []column[R], s sorting, by int) sorting {
	for range columns {
		s.column = (s.column + by + len(columns)) % len(columns)
		if columns[s.column].sortable() {
			break
		}
	}
	s.reverse = false
	return s
}

// sorted returns the indices of the rows that keep takes, in order. Rows that
// compare the same stay in the report's order, so nothing jumps.
func sorted[R any](rows []R, keep func(*R) bool, columns []column[R], s sorting) []int32 {
	order := make([]int32, 0, len(rows))
	for i := range rows {
		if keep == nil || keep(&rows[i]) {
			order = append(order, int32(i))
		}
	}
	switch c := &columns[s.column]; {
	case c.rank != nil:
		order = byRank(rows, order, c.rank)
	case c.compare != nil:
		slices.SortFunc(order, func(a, b int32) int {
			return cmp.Or(c.compare(&rows[a], &rows[b]), int(a-b))
		})
	}
	if s.reverse {
		slices.Reverse(order)
	}
	return order
}

// byRank works the ranks out once: a million rows sort in a tenth of a second.
func byRank[R any](rows []R, order []int32, rank func(*R) int64) []int32 {
	type ranked struct {
		rank int64
		row  int32
	}
	keys := make([]ranked, len(order))
	for i, row := range order {
		keys[i] = ranked{rank(&rows[row]), row}
	}
	slices.SortFunc(keys, func(a, b ranked) int {
		if a.rank != b.rank {
			return cmp.Compare(b.rank, a.rank)
		}
		return int(a.row - b.row)
	})
	for i := range keys {
		order[i] = keys[i].row
	}
	return order
}
