package ui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
)

// settle is for how long what y writes must have been on the screen, with neither
// key nor mouse heard, before y has it written: keys typed ahead and the pieces
// of a torn mouse report follow each other at once.
const settle = 300 * time.Millisecond

// held is the same after a y that came too soon: that one may be held down, and
// a key first repeats after 660 ms in X, sooner elsewhere.
const held = 700 * time.Millisecond

// isYes reports whether a message is y, pressed once and by itself: not pasted,
// not held, not a piece of something else.
func isYes(msg tea.KeyMsg) bool {
	return msg.Type == tea.KeyRunes && !msg.Alt && !msg.Paste && len(msg.Runes) == 1 && msg.Runes[0] == 'y'
}

// hear returns for how long there was neither key nor mouse, nor anything new to
// say y to: a larger screen shows more of it, and after ^Z it is there again.
func (m *Model) hear() (quiet time.Duration) {
	now := m.options.Now()
	quiet = now.Sub(m.heard)
	m.heard = now
	return quiet
}

// settled reports whether y may have something written now, and says so where it
// came too soon.
func (m *Model) settled(quiet time.Duration) bool {
	need := settle
	if m.early {
		need = held
	}
	if m.early = quiet < need; m.early {
		m.toast = "too soon: wait a moment, then press y again"
	}
	return !m.early
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
func (m *Model) pressTuning(msg tea.KeyMsg, quiet time.Duration) tea.Cmd {
	t := &m.tune
	mo := m.keys.motion(msg)
	switch {
	case key.Matches(msg, m.keys.help):
		m.help, m.helpFrom = true, 0
	case t.stage == stageAsking:
		m.pressAsking(msg)
	case t.stage == stagePlan:
		return m.pressPlan(msg, mo, quiet)
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

// pressAsking takes a key while nothing is on the screen yet to say y to.
func (m *Model) pressAsking(msg tea.KeyMsg) {
	switch {
	case isYes(msg):
		m.settled(0)
	case key.Matches(msg, m.keys.back):
		m.tune.close()
	}
}

// pressPlan: y applies the plan; what means nothing here closes it.
func (m *Model) pressPlan(msg tea.KeyMsg, mo motion, quiet time.Duration) tea.Cmd {
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
	case isYes(msg):
		return m.apply(quiet)
	case key.Matches(msg, m.keys.plan): // it is open, and the key may be held down
	default:
		t.close()
	}
	return nil
}

// apply writes what is ticked if all of it is on the screen, and else asks first;
// or it says why that cannot be.
func (m *Model) apply(quiet time.Duration) tea.Cmd {
	t := &m.tune
	switch refused := t.plan.plan.Refused; {
	case refused != "":
		m.toast = "nothing is written: " + shown(refused)
	case t.refusal() != "":
		m.toast = "nothing is written: " + t.refusal()
	case len(t.plan.plan.Chosen()) == 0:
		m.toast = "nothing is ticked: there is nothing to write"
	case !t.plan.whole():
		t.deed = deedApply
		t.show(stageQuestion, t.applyQuestion())
	case m.settled(quiet):
		t.deed = deedApply
		return t.do()
	}
	return nil
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
	case isYes(msg) && t.sheet.alarm:
		m.toast = "nothing is written: it is refused"
	case isYes(msg) && !t.sheet.read:
		m.toast = "there is more to read: ↓ or PgDn, then y"
	case isYes(msg):
		if m.settled(quiet) {
			return t.do()
		}
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
