package ui

import (
	"fmt"
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

// view draws the stage.
func (t *tuning) view(th *theme) []string {
	switch t.stage {
	case stageAsking:
		return th.message(inkStrong, "making the plan…", "nothing is written by that", t.w, t.h)
	case stagePlan:
		return t.plan.view(th)
	case stageFormats:
		return t.formats.view(th, &t.plan.plan, t.w, t.h)
	case stageWriting:
		text := "^C stops it, and what was written is put back"
		if t.doing != nil && t.doing.asked {
			text = "stopping: what was written is put back"
		}
		return th.message(inkStrong, "writing…", text, t.w, t.h)
	}
	return th.fill(t.sheet.view(th), t.w, t.h)
}

// bindings are the keys worth telling in the stage.
func (t *tuning) bindings(k *keyMap) []key.Binding {
	switch t.stage {
	case stagePlan:
		return []key.Binding{k.help, k.back, k.ask, k.tick, k.ports, k.export, k.down, k.up}
	case stageQuestion:
		if t.sheet.alarm {
			return []key.Binding{anyOther}
		}
		return []key.Binding{k.yes, anyOther}
	case stageWriting:
		return nil
	case stageFormats:
		return []key.Binding{k.help, k.back, exportTo, k.down, k.up}
	case stageFile:
		return []key.Binding{k.help, k.back, k.copyText, k.down, k.up, k.pageDown, k.pageUp}
	case stageOutcome:
		return []key.Binding{k.help, k.back, t.ifLeft(k.undo), t.ifLeft(k.persist), k.down, k.up}
	}
	return []key.Binding{k.back}
}

// ifLeft is a key that is worth telling where there is something to undo.
func (t *tuning) ifLeft(b key.Binding) key.Binding {
	b.SetEnabled(b.Enabled() && !t.left.Empty())
	return b
}

var (
	anyOther = key.NewBinding(key.WithKeys("esc"), key.WithHelp("any other", "back"))
	exportTo = key.NewBinding(key.WithKeys("enter"), key.WithHelp("Enter", "show the file"))
)

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

// sysctlsAbout is what the pane's heading tells.
func (m *Model) sysctlsAbout() string {
	n := 0
	for i := range m.frame.sysctls {
		if m.frame.sysctls[i].advised != "" {
			n++
		}
	}
	switch {
	case n == 0 && m.tune.left.Empty():
		return "as they are now"
	case n == 0:
		return "as they are now · some are set by twtop"
	case n == 1:
		return "1 change advised" + m.planHint()
	}
	return fmt.Sprintf("%d changes advised", n) + m.planHint()
}

// planHint names the key to the plan where there is one.
func (m *Model) planHint() string {
	if m.tune.tuner == nil {
		return ""
	}
	return " [a]"
}
