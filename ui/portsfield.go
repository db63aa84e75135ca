package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// portsField is the line in which ports to reserve are typed: those of services
// that are down now.
//
//	ports to reserve: 8443,9000-9010▏
type portsField struct {
	editor editor
	typing bool
	err    string
}

// begin opens the field with the ports that are reserved by hand already.
func (f *portsField) begin(set *source.PortSet) {
	*f = portsField{typing: true}
	f.editor.set(sysctl.FormatPorts(set))
}

// update takes a key while typing; entered tells that set is what was typed.
func (f *portsField) update(msg tea.KeyMsg) (set source.PortSet, entered bool) {
	switch msg.Type {
	case tea.KeyEsc:
		f.typing = false
		return set, false
	case tea.KeyEnter:
		set, entered = f.parse()
		f.typing = !entered
		return set, entered
	}
	f.editor.press(msg)
	f.parse()
	return set, false
}

func (f *portsField) parse() (source.PortSet, bool) {
	set, err := sysctl.ParsePorts(f.editor.value())
	f.err = ""
	if err != nil {
		f.err = clean(err.Error())
	}
	return set, err == nil
}

func (f *portsField) line(t *theme, w int) string {
	l := t.line(w, false).text(inkAccent, " ports to reserve: ")
	head := string(f.editor.text[:f.editor.at])
	for room := max(l.left/2, l.left-30); width(head) > room && head != ""; {
		head = string([]rune(head)[1:])
	}
	l.text(inkStrong, head).text(inkAccent, "▏").text(inkStrong, string(f.editor.text[f.editor.at:]))
	switch {
	case f.err != "":
		l.skip(2).text(inkWarning, f.err)
	case len(f.editor.text) == 0:
		l.text(inkDim, " 8443,9000-9010 of services that are down now · Esc goes back")
	}
	return l.done()
}
