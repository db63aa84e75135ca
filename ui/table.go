package ui

// table is a pane of rows, as plain padded text: only the visible rows are
// formatted. K is what tells one row from another across frames.
//
//	  TO                FROM          USED  TIME-WAIT
//	▶ 127.0.0.1:4001    127.0.0.1   28,232     28,104
//	  10.0.3.7:5432     10.0.2.4       412         12
type table[R any, K comparable] struct {
	list
	// always shows where the cursor is, also while the focus is elsewhere.
	always  bool
	columns []column[R]
	key     func(*R) K
	sort    sorting

	w      int
	six    bool // IPv6 addresses were seen; it stays, so that columns do not jump
	fitted []fitted
	row    func(int) *R // valid until the next call, nil before the first frame

	// held: the cursor was put on a row and follows it. At the start, and
	// after Home, it stays on the first row, whichever that is: the worst.
	held bool
	hold K
}

func newTable[R any, K comparable](columns []column[R], key func(*R) K) table[R, K] {
	t := table[R, K]{columns: columns, key: key}
	for i := range columns {
		if columns[i].natural {
			t.sort.column = i
		}
	}
	return t
}

// setSize gives the table its room; one row of it is the heads' row.
func (t *table[R, K]) setSize(w, h int) {
	if w != t.w {
		t.w = w
		t.fitted = fit(t.columns, w, t.six)
	}
	t.resize(h - 1)
}

// setRows takes the rows of a new frame or a new order, and finds the row that
// the cursor is held on.
func (t *table[R, K]) setRows(n int, six bool, row func(int) *R) {
	t.n, t.row = n, row
	if six && !t.six {
		t.six = true
		t.fitted = fit(t.columns, t.w, true)
	}
	if !t.held {
		t.follow(0)
		return
	}
	// The row is most likely where it was.
	if t.cursor < n && t.key(row(t.cursor)) == t.hold {
		t.clamp()
		return
	}
	for i := range n {
		if t.key(row(i)) == t.hold {
			t.follow(i)
			return
		}
	}
	t.moveTo(t.cursor)
}

// current is the row under the cursor, nil if there is none.
func (t *table[R, K]) current() *R {
	if t.row == nil || t.cursor >= t.n {
		return nil
	}
	return t.row(t.cursor)
}

// grip holds on to the row under the cursor.
func (t *table[R, K]) grip() {
	r := t.current()
	t.held = r != nil
	if t.held {
		t.hold = t.key(r)
	}
}

func (t *table[R, K]) navigate(m motion) {
	switch m {
	case motionUp:
		t.moveTo(t.cursor - 1)
	case motionDown:
		t.moveTo(t.cursor + 1)
	case motionPageUp:
		t.moveTo(t.cursor - max(t.height-1, 1))
	case motionPageDown:
		t.moveTo(t.cursor + max(t.height-1, 1))
	case motionHome:
		t.moveTo(0)
	case motionEnd:
		t.moveTo(t.n - 1)
	}
	t.grip()
	t.held = t.held && m != motionHome
}

func (t *table[R, K]) wheel(by int) {
	t.scroll(by)
	t.grip()
}

// click takes a click at a cell of the table: on a row it selects it, on a
// column's head it sorts by it. It reports whether the sorting has changed.
func (t *table[R, K]) click(x, y int) bool {
	if y > 0 {
		if i := t.offset + y - 1; i < t.n {
			t.moveTo(i)
			t.grip()
		}
		return false
	}
	for _, f := range t.fitted {
		if x >= f.x-1 && x < f.x+f.w && t.columns[f.column].sortable() {
			t.sort = sorting{f.column, f.column == t.sort.column && !t.sort.reverse}
			return true
		}
	}
	return false
}

// lines draws the heads and the visible rows, or why there are none.
func (t *table[R, K]) lines(th *theme, focused bool, empty string) []string {
	out := append(make([]string, 0, t.height+1), t.heads(th))
	if t.n == 0 {
		out = append(out, th.line(t.w, false).skip(markerWidth).text(inkDim, empty).done())
	}
	for i := t.offset; i < min(t.offset+t.height, t.n) && t.row != nil; i++ {
		out = append(out, t.line(th, t.row(i), i == t.cursor, focused))
	}
	return th.fill(out, t.w, t.height+1)
}

func (t *table[R, K]) heads(th *theme) string {
	l := th.line(t.w, false)
	for _, f := range t.fitted {
		c := &t.columns[f.column]
		k := inkDim
		if f.column == t.sort.column {
			k = inkAccent
		}
		l.skip(f.x-(t.w-l.left)).cell(k, c.title, f.w, c.right)
	}
	return l.done()
}

func (t *table[R, K]) line(th *theme, r *R, current, focused bool) string {
	l := th.line(t.w, current && focused)
	switch {
	case current && focused:
		l.text(inkAccent, "▶")
	case current && t.always:
		l.text(inkDim, "▷")
	}
	for _, f := range t.fitted {
		l.skip(f.x - (t.w - l.left))
		t.columns[f.column].write(l, r, f.w)
	}
	return l.done()
}

// sortedBy says how the rows are sorted: "by pressure ▼".
func (t *table[R, K]) sortedBy() string {
	arrow := "▼"
	if t.sort.reverse != (t.columns[t.sort.column].compare != nil) {
		arrow = "▲"
	}
	return "by " + t.columns[t.sort.column].title + " " + arrow
}
