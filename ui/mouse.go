package ui

import tea "github.com/charmbracelet/bubbletea"

const wheelRows = 3

// mouse scrolls the pane under the pointer and selects what is clicked.
func (m *Model) mouse(e tea.MouseEvent) tea.Cmd {
	m.hear()
	switch {
	case m.help || m.filter.typing || m.tune.ports.typing:
		return nil
	case e.Button == tea.MouseButtonWheelUp:
		m.wheel(e, -wheelRows)
	case e.Button == tea.MouseButtonWheelDown:
		m.wheel(e, wheelRows)
	case e.Button == tea.MouseButtonLeft && e.Action == tea.MouseActionPress:
		return m.click(e)
	}
	return nil
}

func (m *Model) wheel(e tea.MouseEvent, by int) {
	if m.tune.isOpen() {
		m.tune.wheel(by)
		return
	}
	if m.spaces.open {
		m.spaces.table.wheel(by)
		return
	}
	if m.detail.isOpen() {
		m.detail.table.wheel(by)
		return
	}
	if m.advice.isOpen() {
		m.advice.scroll(by)
		return
	}
	switch m.layout.at(e.X, e.Y) {
	case areaDestinations, areaPorts:
		m.dests.wheel(by)
	case areaServices:
		m.svcs.wheel(by)
	case areaSysctls:
		m.sysctls.wheel(by)
	case areaFindings:
		m.findings.wheel(by)
	case areaOwners:
		m.owners.wheel(by)
	}
}

func (m *Model) click(e tea.MouseEvent) tea.Cmd {
	if row := m.height - 1 - m.timelineRows(); m.survey != nil && e.Y > row && e.Y < m.height-1 {
		return m.seek(m.player.line.frameOf(e.X - 1)) // below its heading
	}
	if m.tune.isOpen() {
		m.tune.click(e.X, e.Y-m.layout.rects[areaHeader].h)
		return nil
	}
	if m.spaces.open {
		m.spaces.click(e.X, e.Y-m.layout.rects[areaHeader].h)
		return nil
	}
	if m.detail.isOpen() {
		m.detail.click(e.X, e.Y-m.layout.rects[areaHeader].h)
		return nil
	}
	if m.advice.isOpen() {
		m.advice.click(e.Y - m.layout.rects[areaHeader].h)
		return nil
	}
	a := m.layout.at(e.X, e.Y)
	if a < firstPane || a > lastPane {
		return nil
	}
	r := m.layout.rects[a]
	m.setFocus(a)
	x, y := e.X-r.x, e.Y-r.y-1
	if y < 0 {
		return nil
	}
	resorted := false
	switch a {
	case areaDestinations:
		resorted = m.dests.click(x, y)
	case areaServices:
		resorted = m.svcs.click(x, y)
	case areaSysctls:
		m.sysctls.click(x, y)
	case areaFindings:
		m.findings.click(x, y)
	case areaOwners:
		resorted = m.owners.click(x, y)
	}
	if resorted {
		return m.changeView()
	}
	return nil
}

// click selects a socket; y counts from the top of the detail.
func (d *detailPane) click(x, y int) {
	if y -= d.head; y > 0 {
		d.table.click(x, y)
	}
}
