package ui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
)

// settle is for how long neither key nor mouse may have been heard before y has
// something written: a key that is held down repeats after 660 ms in X, and the
// pieces of a torn mouse report follow each other at once.
const settle = 700 * time.Millisecond

// isYes reports whether a message is y, pressed once and by itself: not pasted,
// not held, not a piece of something else.
func isYes(msg tea.KeyMsg) bool {
	return msg.Type == tea.KeyRunes && !msg.Alt && !msg.Paste && len(msg.Runes) == 1 && msg.Runes[0] == 'y'
}

// hear returns for how long there was neither key nor mouse.
func (m *Model) hear() (quiet time.Duration) {
	now := m.options.Now()
	quiet = now.Sub(m.heard)
	m.heard = now
	return quiet
}

// pressSysctls takes the keys that open what leads to a change.
func (m *Model) pressSysctls(msg tea.KeyMsg) (cmd tea.Cmd, taken bool) {
	switch {
	case key.Matches(msg, m.keys.plan):
		return m.openPlan(), true
	case key.Matches(msg, m.keys.undo):
		return m.tune.askBack(deedUndo, nil), true
	case key.Matches(msg, m.keys.persist) && m.frame != nil:
		return m.tune.askBack(deedPersist, m.frame.report), true
	}
	return nil, false
}

func (m *Model) openPlan() tea.Cmd {
	if m.frame == nil {
		m.toast = "there is no snapshot yet to make a plan from"
		return nil
	}
	m.tune.plan.begin()
	m.tune.report = m.frame.report
	return m.tune.makePlan(m.tune.report, source.PortSet{})
}

// pressTuning takes the keys of a stage; help and what holds everywhere are
// taken before.
func (m *Model) pressTuning(msg tea.KeyMsg) tea.Cmd {
	t := &m.tune
	mo := m.keys.motion(msg)
	switch {
	case key.Matches(msg, m.keys.help):
		m.help, m.helpFrom = true, 0
	case t.stage == stagePlan:
		return m.pressPlan(msg, mo)
	case t.stage == stageFormats:
		m.pressFormats(msg, mo)
	case t.stage == stageFile && key.Matches(msg, m.keys.copyText):
		return m.copied(t.sheet.copies)
	case mo != motionNone:
		t.sheet.navigate(mo)
	case !key.Matches(msg, m.keys.back):
		cmd, _ := m.pressSysctls(msg) // undo and persist follow an outcome
		return cmd
	case t.stage == stageFile:
		t.stage = stageFormats
	default:
		t.close()
	}
	return nil
}

func (m *Model) pressPlan(msg tea.KeyMsg, mo motion) tea.Cmd {
	t := &m.tune
	switch {
	case mo != motionNone:
		t.plan.table.navigate(mo)
	case key.Matches(msg, m.keys.tick):
		m.toast = t.plan.tick()
	case key.Matches(msg, m.keys.ports):
		t.ports.begin(&t.plan.reserve)
	case key.Matches(msg, m.keys.export):
		t.formats.begin(t.h)
		t.stage = stageFormats
	case key.Matches(msg, m.keys.ask):
		m.askApply()
	case key.Matches(msg, m.keys.back):
		t.close()
	default:
		cmd, _ := m.pressSysctls(msg)
		return cmd
	}
	return nil
}

// askApply asks whether to write what is ticked, or says why that cannot be.
func (m *Model) askApply() {
	t := &m.tune
	switch refused := t.plan.plan.Refused; {
	case refused != "":
		m.toast = "nothing is written: " + shown(refused)
	case t.refusal() != "":
		m.toast = t.refusal()
	case len(t.plan.plan.Chosen()) == 0:
		m.toast = "nothing is ticked: there is nothing to write"
	default:
		t.deed = deedApply
		t.show(stageQuestion, t.applyQuestion())
	}
}

// pressPorts takes a key while ports to reserve are typed.
func (m *Model) pressPorts(msg tea.KeyMsg) tea.Cmd {
	set, entered := m.tune.ports.update(msg)
	if !entered || set == m.tune.plan.reserve {
		return nil
	}
	m.tune.plan.reserve = set
	return m.tune.makePlan(m.tune.report, set)
}

func (m *Model) pressFormats(msg tea.KeyMsg, mo motion) {
	t := &m.tune
	switch {
	case mo != motionNone:
		t.formats.navigate(mo)
	case key.Matches(msg, m.keys.detail):
		t.show(stageFile, fileSheet(&t.plan.plan, t.formats.chosen(), m.meta()))
	case key.Matches(msg, m.keys.back):
		t.stage = stagePlan
	}
}

// pressQuestion: y does it, if it came after a pause; movements scroll what does
// not fit; any other key goes back.
func (m *Model) pressQuestion(msg tea.KeyMsg, quiet time.Duration) tea.Cmd {
	t := &m.tune
	mo := m.keys.motion(msg)
	switch {
	case isYes(msg) && quiet < settle:
		m.toast = "too soon after the key before: wait a moment, then press y"
	case isYes(msg) && t.sheet.alarm:
		m.toast = "nothing is written: it is refused"
	case isYes(msg) && !t.sheet.read:
		m.toast = "there is more to read: ↓ or PgDn, then y"
	case isYes(msg):
		return t.do()
	case mo != motionNone && !t.sheet.fits():
		t.sheet.navigate(mo)
	case t.deed == deedApply:
		t.stage = stagePlan
	default:
		t.close()
	}
	return nil
}

// pressWriting takes no key while something is written but ^C, which stops it:
// what was written is then put back. A second one ends the program, which waits
// for that.
func (m *Model) pressWriting(msg tea.KeyMsg) tea.Cmd {
	t := &m.tune
	if !key.Matches(msg, m.keys.interrupt) || t.doing == nil {
		return nil
	}
	if t.doing.asked {
		return tea.Quit
	}
	t.doing.asked = true
	t.doing.stop()
	return nil
}

// done takes the end of a deed.
func (m *Model) done(msg doneMsg) tea.Cmd {
	switch {
	case msg.err != nil:
	case msg.deed == deedApply:
		m.effect.Change()
	case msg.deed == deedUndo:
		m.effect.Undo()
	}
	m.tune.done(msg, m.effect.Courses)
	m.refollow()
	return tea.Batch(m.tune.look(), m.readNow())
}

// readNow reads on at once, frozen or not: what a change does is to be seen.
func (m *Model) readNow() tea.Cmd {
	m.frozen = false
	if m.reading || m.trouble.final {
		return nil
	}
	return m.read()
}

// click puts the cursor on a row of the plan or of the formats.
func (t *tuning) click(x, y int) {
	switch t.stage {
	case stagePlan:
		t.plan.click(x, y)
	case stageFormats:
		if i := t.formats.offset + y - 2; y >= 2 && i < t.formats.n {
			t.formats.moveTo(i)
		}
	}
}

func (t *tuning) wheel(by int) {
	switch t.stage {
	case stagePlan:
		t.plan.table.wheel(by)
	case stageFormats:
		t.formats.moveTo(t.formats.cursor + by)
	default:
		t.sheet.scrollBy(by)
	}
}
