package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// view draws the stage.
func (t *tuning) view(th *theme) []string {
	switch t.stage {
	case stageAsking:
		what := "looking what was set…"
		if t.deed == deedApply {
			what = "making the plan…"
		}
		return th.message(inkStrong, what, "nothing is written by that", t.w, t.h)
	case stagePlan:
		return t.plan.view(th, t.offer())
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
		return []key.Binding{t.offered(), k.help, k.back, k.tick, k.ports, k.export, k.down, k.up}
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
		return []key.Binding{k.help, k.back, t.ifLeft(k.undo), t.ifLasts(k.persist), k.down, k.up}
	}
	return []key.Binding{k.back}
}

// offer says what y does in the plan.
func (t *tuning) offer() string {
	n := len(t.plan.plan.Chosen())
	switch {
	case t.plan.plan.Refused != "" || t.refusal() != "":
		return "nothing can be written here"
	case n == 0:
		return "nothing is ticked"
	case !t.plan.whole():
		return "y shows " + values(n) + " in full"
	}
	return "y writes " + values(n)
}

// offered is y with what it does in the plan, where it does something.
func (t *tuning) offered() key.Binding {
	does, ok := strings.CutPrefix(t.offer(), "y ")
	b := key.NewBinding(key.WithKeys("y"), key.WithHelp("y", does))
	b.SetEnabled(ok)
	return b
}

// ifLeft is a key that is worth telling where there is something to undo.
func (t *tuning) ifLeft(b key.Binding) key.Binding {
	b.SetEnabled(b.Enabled() && !t.left.Empty())
	return b
}

// ifLasts is the key that makes it last, where that is not refused.
func (t *tuning) ifLasts(b key.Binding) key.Binding {
	b = t.ifLeft(b)
	b.SetEnabled(b.Enabled() && t.persistable)
	return b
}

var (
	anyOther = key.NewBinding(key.WithKeys("esc"), key.WithHelp("any other", "back"))
	exportTo = key.NewBinding(key.WithKeys("enter"), key.WithHelp("Enter", "show the file"))
)
