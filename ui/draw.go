package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// View draws the screen, or returns what it drew last where nothing has
// happened since: Bubble Tea asks after every message.
func (m *Model) View() string {
	if m.drawn == "" {
		m.drawn = strings.Join(m.draw(), "\n")
	}
	return m.drawn
}

func (m *Model) draw() []string {
	header := m.theme.header(m.frame, m.status())
	rows := m.bodyRows()
	var body []string
	switch {
	case m.help: // it takes the timeline's rows as well
		rows = max(m.height-2, 0)
		body = m.helpView(rows)
	case m.tune.isOpen():
		body = m.tune.view(m.theme)
	case m.spaces.open:
		body = m.spaces.view(m.theme)
	case m.frame == nil:
		body = m.placeholder(rows)
	case m.detail.isOpen():
		body = m.detail.view(m.theme, m.frame)
	case m.advice.isOpen():
		body = m.advice.view(m.theme)
	default:
		return m.panes(header)
	}
	body = append([]string{header}, m.theme.fill(body, m.width, rows)...)
	if n := m.timelineRows(); n > 0 && !m.help {
		body = append(body, m.theme.timeline(&m.player.line, m.width, n)...)
	}
	return m.theme.fill(append(body, m.bottom()), m.width, m.height)
}

// panes draws every pane that the layout shows.
func (m *Model) panes(header string) []string {
	var drawn [numAreas][]string
	for a := range numAreas {
		r := m.layout.rects[a]
		if r.empty() {
			continue
		}
		switch a {
		case areaHeader:
			drawn[a] = []string{header}
		case areaKeys:
			drawn[a] = []string{m.bottom()}
		case areaGaps:
			drawn[a] = []string{m.theme.gapRow(m.frame.gaps, r.w)}
		case areaTimeline:
			drawn[a] = m.theme.timeline(&m.player.line, r.w, r.h)
		case areaFollow:
			drawn[a] = m.theme.follow(m.followed, r.w, r.h)
		case areaHeadline:
			drawn[a] = m.headlineRows(r)
		default:
			drawn[a] = m.pane(a, r)
		}
		drawn[a] = m.theme.fill(drawn[a], r.w, r.h)
	}
	return m.layout.join(m.theme, &drawn)
}

func (m *Model) pane(a area, r rect) []string {
	t, f, focused := m.theme, m.frame, m.focus == a
	switch a {
	case areaStates:
		return t.states(f.report, r.w, r.h, focused)
	case areaPorts:
		return t.ports(f, m.chosen(), r.w, r.h, focused)
	case areaDestinations:
		about := count(m.dests.n, len(f.report.Destinations)) + " · " + m.dests.sortedBy() + m.filter.about()
		head := t.heading(r.w, focused, a, "DESTINATIONS", about)
		return append([]string{head}, m.dests.lines(t, focused, m.nothing(len(f.report.Destinations), "no outgoing connections"))...)
	case areaServices:
		about := count(m.svcs.n, len(f.report.Services)) + " · " + m.svcs.sortedBy() + m.filter.about()
		head := t.heading(r.w, focused, a, "SERVICES", about)
		rows := m.svcs.lines(t, focused, m.nothing(len(f.report.Services), "nothing listens here"))
		return append([]string{head}, m.gutted(r, rows)...)
	case areaSysctls:
		head := t.heading(r.w, focused, a, "SYSCTLS", m.sysctlsAbout())
		rows := append([]string{head}, m.sysctls.lines(t, focused, "no sysctls were read")...)
		if sysctlNote(r.w) > 0 {
			rows = append(rows, t.sysctlNote(m.sysctls.current(), r.w))
		}
		return rows
	case areaOwners:
		about := count(m.owners.n, len(f.owners)) + " · " + m.owners.sortedBy() + hostFiles(f.report.Snapshot)
		head := t.heading(r.w, focused, a, "OWNERS", about)
		return append([]string{head}, m.owners.lines(t, focused, "nobody is known to hold a port")...)
	case areaFindings:
		head := t.heading(r.w, focused, a, "FINDINGS", findingsAbout(f.findings))
		rows := append([]string{head}, m.gutted(r, m.findings.lines(t, focused, f.noFinding()))...)
		return append(rows, t.findingNote(m.findings.current(), r.w, r.h)...)
	}
	return nil
}

// gutted puts the blank column behind the rows of a table that has a pane to its
// right.
func (m *Model) gutted(r rect, rows []string) []string {
	for i := range rows {
		rows[i] += blanks[:m.gutter(r)]
	}
	return rows
}

// nothing is what an empty table says.
func (m *Model) nothing(all int, none string) string {
	if all > 0 {
		return "none matches the filter; Esc clears it"
	}
	return none
}

// headlineRows is the verdict, below what kept the screen from a newer one.
func (m *Model) headlineRows(r rect) []string {
	if m.trouble.err != nil {
		return m.theme.trouble(m.trouble, m.frame, r.w, r.h)
	}
	return m.theme.headline(m.frame, r.w, r.h)
}

// placeholder is the screen before the first frame.
func (m *Model) placeholder(rows int) []string {
	if m.trouble.err != nil {
		return m.theme.troubleAlone(m.trouble, m.width, rows)
	}
	return m.theme.message(inkStrong, "reading…", "the sockets of this network namespace", m.width, rows)
}

func (m *Model) status() status {
	return status{
		pace: m.pace, frozen: m.frozen, trouble: m.trouble, readOnly: m.options.ReadOnly, width: m.width,
		away: m.place.name, elsewhere: m.elsewhere(), player: m.player, saving: &m.saving,
	}
}

func (m *Model) gaps() []string {
	if m.frame == nil {
		return nil
	}
	return m.frame.gaps
}

// bottom is the last row: the filter while it is typed, what a key has done, or
// the keys.
func (m *Model) bottom() string {
	t := m.theme
	switch {
	case m.filter.typing:
		return m.filter.line(t, m.width)
	case m.tune.ports.typing:
		return m.tune.ports.line(t, m.width)
	case m.toast != "":
		return t.line(m.width, false).skip(1).text(inkOK, m.toast).done()
	}
	return t.keyLine(m.bindings(), m.width)
}

// bindings are the keys worth telling now, the most important first.
func (m *Model) bindings() []key.Binding {
	k := &m.keys
	u, p := m.tune.ifLeft(k.undo), m.tune.ifLeft(k.persist)
	switch {
	case m.help:
		return []key.Binding{k.back}
	case m.player != nil && !m.tune.isOpen():
		return m.replayBindings()
	case m.tune.isOpen():
		return m.tune.bindings(k)
	case m.spaces.open:
		return []key.Binding{k.help, k.back, k.enter, k.homeSpace, k.down, k.up, k.pageDown, k.pageUp, k.home, k.end}
	case m.detail.isOpen():
		return []key.Binding{k.help, k.back, k.copyText, k.copyCapture, k.plan, k.freeze, k.down, k.up, k.pageDown, k.pageUp}
	case m.advice.isOpen():
		return []key.Binding{k.help, k.back, k.copyText, k.plan, k.freeze, k.down, k.up, k.pageDown, k.pageUp, k.home, k.end}
	case m.focus == areaFindings:
		return []key.Binding{k.help, k.quit, k.panes, k.detail, k.copyText, k.plan, u, p, k.freeze}
	case m.focus == areaSysctls:
		return []key.Binding{k.help, k.quit, k.panes, k.copyText, k.plan, u, p, k.freeze}
	}
	return []key.Binding{k.help, k.quit, k.plan, u, m.ifAway(k.homeSpace), k.panes, k.detail, k.filter, k.spaces, k.sort, k.reverse, k.freeze, k.save, k.longer, k.shorter, k.copyText}
}
