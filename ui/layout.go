package ui

// rect is a part of the screen, in cells; one without area is not shown.
type rect struct{ x, y, w, h int }

func (r rect) empty() bool { return r.w <= 0 || r.h <= 0 }

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// area is something that the layout gives a rect: a pane or a fixed part.
type area int

// The panes are numbered as their keys are.
const (
	areaHeader area = iota
	areaStates
	areaDestinations
	areaServices
	areaSysctls
	areaPorts
	areaFindings
	areaOwners
	areaHeadline
	areaFollow // what became of a change
	areaGaps   // what could not be read, once
	areaTimeline
	areaKeys
	numAreas

	firstPane = areaStates
	lastPane  = areaOwners
)

// layout is who is where. It depends on the size, the focus, whether there are
// gaps to tell of and on the rows that follow a change, and on nothing else that
// a frame brings: so nothing jumps.
type layout struct {
	w, h  int
	rects [numAreas]rect
}

// The sizes from which the screen shows more at once.
const (
	mediumWidth, mediumHeight = 100, 30
	wideWidth, wideHeight     = 160, 44
	statesWidth               = 42
)

// extras are the rows that only some screens have.
type extras struct {
	gaps     bool
	follow   int
	timeline int
}

// arrange lays a screen out. focus is the pane that must be seen.
func arrange(w, h int, focus area, more extras) layout {
	l := layout{w: w, h: h}
	if w <= 0 || h <= 0 {
		return l
	}
	body := l.frame(w, h, more)
	switch {
	case w >= wideWidth && h >= wideHeight:
		l.wide(body)
	case w >= mediumWidth && h >= mediumHeight:
		l.medium(body, focus)
	default:
		l.compact(body, focus)
	}
	return l
}

// frame places what is on every screen and returns the rest.
func (l *layout) frame(w, h int, more extras) rect {
	y := 0
	take := func(a area, rows int) {
		rows = min(rows, h-y)
		l.rects[a] = rect{0, y, w, rows}
		y += rows
	}
	take(areaHeader, 1)
	take(areaHeadline, headlineRows(w, h))
	if h >= 10 {
		take(areaFollow, min(more.follow, h/10))
	}
	bottom := h
	give := func(a area, rows int) {
		bottom -= rows
		l.rects[a] = rect{0, bottom, w, rows}
	}
	if h >= 6 {
		give(areaKeys, 1)
	}
	if more.timeline > 0 {
		give(areaTimeline, more.timeline)
	}
	if more.gaps && h >= 12 {
		give(areaGaps, 1)
	}
	return rect{0, y, w, bottom - y}
}

// headlineRows: a sentence, its evidence and what to do, each of which may need
// two rows on a narrow screen.
func headlineRows(w, h int) int {
	switch {
	case h < 10:
		return 2
	case h < 16 || w >= mediumWidth && h < mediumHeight:
		return 3
	case h < 20 || w >= mediumWidth:
		return 4
	case h < 24:
		return 5
	}
	return 6
}

// compact shows one pane, and above the destinations the worst gauge.
func (l *layout) compact(body rect, focus area) {
	if focus != areaDestinations {
		l.rects[focus] = body
		return
	}
	gauge := 0
	switch {
	case body.h >= 24:
		gauge = 8
	case body.h >= 16:
		gauge = 5
	case body.h >= 10:
		gauge = 3
	}
	l.stack(body, areaPorts, gauge, areaDestinations)
}

// medium: states and gauges above, then destinations, services and findings;
// sysctls and owners take the findings' place while they have the focus. Where
// that is too much, services do so too.
func (l *layout) medium(body rect, focus area) {
	const services = 6
	low := 6
	top := 13
	if body.h < 33 {
		top = 9
	}
	l.top(rect{body.x, body.y, body.w, top})
	rest := rect{body.x, body.y + top, body.w, body.h - top}
	lowest := areaFindings
	if focus == areaSysctls || focus == areaOwners || focus == areaServices && rest.h < 20 {
		lowest = focus
	}
	if focus == areaOwners {
		low = min(10, rest.h/2)
	}
	if rest.h >= 20 {
		l.rects[areaServices] = rect{rest.x, rest.y + rest.h - low - services, rest.w, services}
		l.rects[lowest] = rect{rest.x, rest.y + rest.h - low, rest.w, low}
		l.rects[areaDestinations] = rect{rest.x, rest.y, rest.w, rest.h - low - services}
		return
	}
	l.stack(rest, areaDestinations, rest.h-low, lowest)
}

// wide: everything, services beside sysctls, findings beside owners.
func (l *layout) wide(body rect) {
	top, findings := 15, 8
	if body.h < 48 {
		top, findings = 13, 6
	}
	bottom := min(body.h/3, 22)
	l.top(rect{body.x, body.y, body.w, top})
	rest := rect{body.x, body.y + top, body.w, body.h - top - bottom}
	l.stack(rest, areaDestinations, rest.h-findings, areaFindings)
	f := &l.rects[areaFindings]
	right := body.w * 2 / 5
	f.w -= right
	l.rects[areaOwners] = rect{f.x + f.w, f.y, right, f.h}
	y := body.y + body.h - bottom
	left := body.w * 9 / 20
	l.rects[areaServices] = rect{body.x, y, left, bottom}
	l.rects[areaSysctls] = rect{body.x + left, y, body.w - left, bottom}
}

func (l *layout) top(r rect) {
	l.rects[areaStates] = rect{r.x, r.y, statesWidth, r.h}
	l.rects[areaPorts] = rect{r.x + statesWidth, r.y, r.w - statesWidth, r.h}
}

// stack gives the upper area some rows and the lower one the rest.
func (l *layout) stack(r rect, upper area, rows int, lower area) {
	l.rects[upper] = rect{r.x, r.y, r.w, rows}
	l.rects[lower] = rect{r.x, r.y + rows, r.w, r.h - rows}
}

// at is the area under a cell, areaHeader if there is none.
func (l *layout) at(x, y int) area {
	for a := range l.rects {
		if l.rects[a].contains(x, y) {
			return area(a)
		}
	}
	return areaHeader
}

// join puts the areas' rows together into one screen. Areas lie side by side
// without gaps; what no area covers stays blank.
func (l *layout) join(t *theme, drawn *[numAreas][]string) []string {
	out := make([]string, 0, l.h)
	for y := range l.h {
		row := ""
		x := 0
		for x < l.w {
			a, ok := l.starting(x, y)
			if !ok {
				break
			}
			r := l.rects[a]
			row += drawn[a][y-r.y]
			x += r.w
		}
		if x < l.w {
			row += t.line(l.w-x, false).done()
		}
		out = append(out, row)
	}
	return out
}

// starting is the area whose left edge is at a cell.
func (l *layout) starting(x, y int) (area, bool) {
	for a := range l.rects {
		if r := l.rects[a]; r.x == x && r.contains(x, y) {
			return area(a), true
		}
	}
	return 0, false
}
