package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func (d *driver) mouseAt(b tea.MouseButton, x, y int) {
	d.send(tea.MouseMsg{X: x, Y: y, Button: b, Action: tea.MouseActionPress})
}

func TestClickSelectsRowAndPane(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	r := d.layout.rects[areaDestinations]
	d.mouseAt(tea.MouseButtonLeft, 10, r.y+2+2) // heading, heads, third row
	d.wantRow("203.0.113.80:443")
	d.press("4")
	s := d.layout.rects[areaSysctls]
	d.mouseAt(tea.MouseButtonLeft, 10, s.y+2+1)
	if d.focus != areaSysctls || d.sysctls.cursor != 1 {
		t.Errorf("focus %d, row %d", d.focus, d.sysctls.cursor)
	}
	d.mouseAt(tea.MouseButtonLeft, 10, r.y+30) // below the last row: nothing to select
	d.mouseAt(tea.MouseButtonLeft, 5, d.layout.rects[areaStates].y+4)
	if d.focus != areaStates {
		t.Errorf("focus %d after a click on the states", d.focus)
	}
	d.wantShape()
}

func TestClickOnAHeadSorts(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	r := d.layout.rects[areaDestinations]
	for _, f := range d.dests.fitted {
		c := d.dests.columns[f.column]
		if !c.sortable() {
			continue
		}
		before := d.dests.sort
		d.mouseAt(tea.MouseButtonLeft, r.x+f.x+1, r.y+1)
		if d.dests.sort.column != f.column {
			t.Errorf("a click on %s sorts by %s", c.title, d.dests.columns[d.dests.sort.column].title)
		}
		if d.dests.sort.reverse != (before.column == f.column && !before.reverse) {
			t.Errorf("a click on %s: reverse is %v", c.title, d.dests.sort.reverse)
		}
	}
}

func TestWheelScrollsThePaneUnderThePointer(t *testing.T) {
	d := drive(t, "crowd", 120, 40, nil)
	d.press("4")
	r := d.layout.rects[areaDestinations]
	d.mouseAt(tea.MouseButtonWheelDown, 10, r.y+5)
	if d.dests.offset != wheelRows || d.sysctls.offset != 0 {
		t.Errorf("destinations from %d, sysctls from %d", d.dests.offset, d.sysctls.offset)
	}
	d.mouseAt(tea.MouseButtonWheelDown, 10, d.layout.rects[areaSysctls].y+2)
	if d.dests.offset != wheelRows || d.sysctls.offset != wheelRows {
		t.Errorf("destinations from %d, sysctls from %d", d.dests.offset, d.sysctls.offset)
	}
	for range 10 {
		d.mouseAt(tea.MouseButtonWheelUp, 10, r.y+5)
	}
	if d.dests.offset != 0 {
		t.Errorf("destinations from %d", d.dests.offset)
	}
}

func TestMouseInTheDetail(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.press("enter")
	_ = d.View()
	d.mouseAt(tea.MouseButtonLeft, 10, 1+d.detail.head+1+3)
	if d.detail.table.cursor != 3 {
		t.Errorf("row %d is selected, want 3", d.detail.table.cursor)
	}
	d.mouseAt(tea.MouseButtonWheelDown, 10, 30)
	if d.detail.table.offset != wheelRows {
		t.Errorf("scrolled to %d", d.detail.table.offset)
	}
}

// Clicks before the first frame, outside of everything, and anywhere else.
func TestClickAnywhere(t *testing.T) {
	d := wrapModel(t, New(testOptions(scenario("nothing"))))
	for _, s := range sizes {
		d.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
		for x := -1; x <= s.w; x += 9 {
			for y := -1; y <= s.h; y += 2 {
				d.mouseAt(tea.MouseButtonLeft, x, y)
				d.mouseAt(tea.MouseButtonWheelDown, x, y)
				d.wantShape()
			}
		}
	}
}
