package ui

// list is a cursor over n rows of which height are visible from offset on.
type list struct{ cursor, offset, height, n int }

// moveTo puts the cursor on row i, as far as there is one, and scrolls just
// enough to see it.
func (l *list) moveTo(i int) {
	l.cursor = max(min(i, l.n-1), 0)
	l.offset = min(l.offset, l.cursor)
	l.offset = max(l.offset, l.cursor-l.height+1)
	l.clamp()
}

// scroll moves the view, and takes the cursor along only as far as it must.
func (l *list) scroll(by int) {
	l.offset += by
	l.clamp()
	if l.height > 0 {
		l.cursor = max(min(l.cursor, l.offset+l.height-1), l.offset)
	}
	l.cursor = max(min(l.cursor, l.n-1), 0)
}

// follow puts the cursor on row i after the rows have changed, at the same
// height of the screen as before where that can be.
func (l *list) follow(i int) {
	at := l.cursor - l.offset
	l.cursor = max(min(i, l.n-1), 0)
	l.offset = l.cursor - at
	l.clamp()
}

func (l *list) clamp() {
	l.offset = max(min(l.offset, l.n-l.height), 0)
}

// resize changes the number of visible rows.
func (l *list) resize(height int) {
	l.height = max(height, 0)
	l.moveTo(l.cursor)
}
