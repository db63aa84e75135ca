package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// press takes a key: first those that hold everywhere, then whatever is open.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	m.toast = ""
	quiet := m.hear()
	m.early = m.early && isYes(msg)
	switch {
	case m.tune.stage == stageWriting:
		return m.pressWriting(msg)
	case key.Matches(msg, m.keys.interrupt):
		return tea.Quit
	case key.Matches(msg, m.keys.suspend):
		m.suspended = true
		return tea.Suspend
	case key.Matches(msg, m.keys.redraw):
		return tea.ClearScreen
	case m.filter.typing:
		if m.filter.update(msg) {
			return m.changeView()
		}
		return nil
	case m.tune.ports.typing:
		return m.pressPorts(msg)
	case m.tune.stage == stageQuestion:
		return m.pressQuestion(msg, quiet)
	case msg.Paste:
		return nil // pasted text is no command
	case msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Alt:
		return m.pressEach(msg.Runes)
	case m.help:
		m.scrollHelp(m.keys.motion(msg))
		return nil
	case m.tune.isOpen():
		return m.pressTuning(msg, quiet)
	case m.spaces.open:
		return m.pressSpaces(msg)
	case m.detail.isOpen():
		return m.pressDetail(msg)
	case m.advice.isOpen():
		return m.pressAdvice(msg)
	case key.Matches(msg, m.keys.quit):
		return tea.Quit
	}
	return m.pressMain(msg)
}

// pressEach takes keys that arrived in one read, as those of a key held down do
// over a slow line; Bubble Tea makes one message of them. Where one of them is
// no key of ours they are a piece of a torn mouse report, and all are dropped;
// what follows the slash is for the filter.
func (m *Model) pressEach(runes []rune) tea.Cmd {
	slash := slices.Index(runes, '/') + 1
	if slash == 0 {
		slash = len(runes)
	}
	for _, r := range runes[:slash] {
		if !m.keys.knows(typed(r)) {
			return nil
		}
	}
	var cmds []tea.Cmd
	for _, r := range runes[:slash] {
		cmds = append(cmds, m.press(typed(r)))
	}
	if m.filter.typing && slash < len(runes) {
		cmds = append(cmds, m.press(typed(runes[slash:]...)))
	}
	return tea.Sequence(cmds...)
}

func typed(runes ...rune) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: runes} }

// pressDetail takes the keys that mean something else in a detail.
func (m *Model) pressDetail(msg tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.back):
		m.detail.open(subject{}, m.frame)
		return m.changeView()
	case key.Matches(msg, m.keys.copyText) && m.frame != nil:
		return m.copied(m.detail.recipe(m.frame).ss)
	case key.Matches(msg, m.keys.copyCapture) && m.frame != nil:
		return m.copied(m.detail.recipe(m.frame).tcpdump)
	}
	if mo := m.keys.motion(msg); mo != motionNone {
		m.detail.table.navigate(mo)
		return nil
	}
	return m.pressTime(msg)
}

// pressAdvice takes the keys that mean something else in a finding's detail.
func (m *Model) pressAdvice(msg tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.back):
		m.advice.close()
		return nil
	case key.Matches(msg, m.keys.copyText):
		return m.copied(m.advice.command())
	}
	if mo := m.keys.motion(msg); mo != motionNone {
		m.advice.navigate(mo)
		return nil
	}
	return m.pressTime(msg)
}

func (m *Model) pressMain(msg tea.KeyMsg) tea.Cmd {
	if cmd, taken := m.pressReplay(msg); taken { // before motion: Home and End
		return cmd
	}
	if mo := m.keys.motion(msg); mo != motionNone {
		m.navigate(mo)
		return nil
	}
	switch {
	case key.Matches(msg, m.keys.next):
		m.turn(1)
	case key.Matches(msg, m.keys.previous):
		m.turn(-1)
	case key.Matches(msg, m.keys.panes):
		m.setFocus(area(msg.Runes[0] - '0'))
	case key.Matches(msg, m.keys.filter):
		m.filter.typing = true
	case key.Matches(msg, m.keys.clear):
		m.filter.clear()
		return m.changeView()
	case key.Matches(msg, m.keys.sort):
		return m.resort(func(t sorter) { t.stepSort(1) })
	case key.Matches(msg, m.keys.sortBack):
		return m.resort(func(t sorter) { t.stepSort(-1) })
	case key.Matches(msg, m.keys.reverse):
		return m.resort(sorter.flipSort)
	case key.Matches(msg, m.keys.detail):
		return m.openDetail()
	case key.Matches(msg, m.keys.copyText):
		return m.copied(m.underCursor())
	default:
		return m.pressTime(msg)
	}
	return nil
}

// pressTime takes the keys about sysctls, time and help, which hold in a detail
// too.
func (m *Model) pressTime(msg tea.KeyMsg) tea.Cmd {
	if cmd, taken := m.pressSysctls(msg); taken {
		return cmd
	}
	if cmd, taken := m.pressReplay(msg); taken {
		return cmd
	}
	switch {
	case key.Matches(msg, m.keys.spaces):
		return m.openSpaces()
	case key.Matches(msg, m.keys.homeSpace):
		return m.goHome()
	case key.Matches(msg, m.keys.freeze):
		return m.freeze()
	case key.Matches(msg, m.keys.save):
		return m.pressSave()
	case key.Matches(msg, m.keys.longer):
		return m.setInterval(longer(m.pace.asked))
	case key.Matches(msg, m.keys.shorter):
		return m.setInterval(shorter(m.pace.asked))
	case key.Matches(msg, m.keys.help):
		m.help, m.helpFrom = true, 0
	}
	return nil
}

// freeze keeps the frame on the screen, or goes on with a new one at once.
func (m *Model) freeze() tea.Cmd {
	m.frozen = !m.frozen
	m.trouble.wait = -1 // by a tick that does not count now
	if m.frozen || m.reading || m.trouble.final {
		return nil
	}
	return m.read()
}

func (m *Model) setInterval(d time.Duration) tea.Cmd {
	m.pace.ask(d)
	m.toast = fmt.Sprintf("a snapshot every %s", seconds(d))
	if m.reading || m.frozen || m.trouble.final {
		return nil // the tick comes when the frame has landed
	}
	return m.tick()
}

// turn gives the focus to the next pane, or with by −1 to the one before.
func (m *Model) turn(by int) {
	const n = int(lastPane - firstPane + 1)
	m.setFocus(firstPane + area((int(m.focus-firstPane)+by+n)%n))
}

func (m *Model) navigate(mo motion) {
	switch m.focus {
	case areaServices:
		m.svcs.navigate(mo)
	case areaSysctls:
		m.sysctls.navigate(mo)
	case areaFindings:
		m.findings.navigate(mo)
	case areaOwners:
		m.owners.navigate(mo)
	default: // the ports show the destination under the cursor
		m.dests.navigate(mo)
	}
}

// sorter is a pane that can be sorted.
type sorter interface {
	stepSort(by int)
	flipSort()
}

func (t *table[R, K]) stepSort(by int) { t.sort = step(t.columns, t.sort, by) }

func (t *table[R, K]) flipSort() { t.sort.reverse = !t.sort.reverse }

// resort changes how the pane with the focus is sorted; sysctls and findings
// have their order.
func (m *Model) resort(change func(sorter)) tea.Cmd {
	switch m.focus {
	case areaSysctls, areaFindings:
		return nil
	case areaServices:
		change(&m.svcs)
	case areaOwners:
		change(&m.owners)
	default:
		change(&m.dests)
	}
	return m.changeView()
}

// openDetail opens what the cursor is on.
func (m *Model) openDetail() tea.Cmd {
	s := subject{}
	if m.focus == areaOwners {
		return m.filterByOwner()
	}
	if m.focus == areaFindings {
		m.advice.open(m.findings.current(), m.frame)
		return nil
	}
	if m.focus == areaServices {
		if r := m.svcs.current(); r != nil {
			s = subject{kind: subjectService, svc: keyOfService(r)}
		}
	} else if r := m.dests.current(); r != nil && m.focus != areaSysctls {
		s = subject{kind: subjectDest, dest: keyOfDest(r)}
	}
	if s.kind == subjectNone {
		return nil
	}
	m.detail.open(s, m.frame)
	return m.changeView()
}

// underCursor is what c copies outside of a detail.
func (m *Model) underCursor() string {
	switch m.focus {
	case areaServices:
		if r := m.svcs.current(); r != nil {
			return listening(r.Local, r.Device)
		}
	case areaSysctls:
		if r := m.sysctls.current(); r != nil && r.known {
			return r.assignment()
		}
	case areaOwners:
		if r := m.owners.current(); r != nil && r.h.Process.PID > 0 {
			return fmt.Sprint(r.h.Process.PID)
		}
	case areaFindings:
		if r := m.findings.current(); r != nil {
			return cmp.Or(firstCommand(r, namespace{path: m.options.NetNSPath, name: m.frame.netns}), r.Claim)
		}
	default:
		if r := m.dests.current(); r != nil {
			return endpoint(r.Remote, r.Device)
		}
	}
	return ""
}

func (m *Model) copied(s string) tea.Cmd {
	if s == "" {
		m.toast = "nothing to copy"
		return nil
	}
	m.toast = "copied  " + oneLine(s)
	return m.copy(s)
}

// oneLine tells text of several lines by its first.
func oneLine(s string) string {
	first, rest, more := strings.Cut(s, "\n")
	if !more {
		return s
	}
	return fmt.Sprintf("%d lines: %s …", 2+strings.Count(rest, "\n"), strings.TrimSpace(first))
}
