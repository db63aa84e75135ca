package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// keyMap is every key of the screen; the help is made from it. None of them
// does what cannot be taken back: pieces of a torn mouse report arrive as keys.
type keyMap struct {
	up, down, pageUp, pageDown, home, end key.Binding

	next, previous  key.Binding
	panes, allPanes key.Binding // the same keys, for the key line and the help

	filter, clear, sort, sortBack, reverse key.Binding

	detail, back, copyText, copyCapture key.Binding

	freeze, longer, shorter key.Binding

	help, quit, interrupt, suspend, redraw key.Binding
}

func newKeyMap() keyMap {
	bind := func(shown, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
	}
	return keyMap{
		up:       bind("↑ k", "up", "up", "k"),
		down:     bind("↓ j", "down", "down", "j"),
		pageUp:   bind("PgUp ^B", "page up", "pgup", "ctrl+b"),
		pageDown: bind("PgDn ^F", "page down", "pgdown", "ctrl+f"),
		home:     bind("Home g", "first row", "home", "g"),
		end:      bind("End G", "last row", "end", "G"),

		next:     bind("Tab", "next pane", "tab"),
		previous: bind("Shift-Tab", "previous pane", "shift+tab"),
		panes:    bind("1–6", "panes", "1", "2", "3", "4", "5", "6"),
		allPanes: bind("1–6", "pane by number", "1", "2", "3", "4", "5", "6"),

		filter:   bind("/", "filter", "/"),
		clear:    bind("Esc", "clear filter", "esc"),
		sort:     bind("s", "sort", "s"),
		sortBack: bind("S", "sort, back", "S"),
		reverse:  bind("r", "reverse", "r"),

		detail:      bind("Enter", "detail", "enter"),
		back:        bind("Esc", "back", "esc", "q", "backspace"),
		copyText:    bind("c", "copy", "c"),
		copyCapture: bind("t", "copy tcpdump", "t"),

		freeze:  bind("Space", "freeze", " "),
		longer:  bind("+", "slower", "+", "="),
		shorter: bind("−", "faster", "-", "_"),

		help:      bind("?", "help", "?"),
		quit:      bind("q", "quit", "q"),
		interrupt: bind("^C", "quit", "ctrl+c"),
		suspend:   bind("^Z", "suspend", "ctrl+z"),
		redraw:    bind("^L", "draw anew", "ctrl+l"),
	}
}

// groups are the bindings of the help screen, by what they are for.
func (k *keyMap) groups() []keyGroup {
	return []keyGroup{
		{"MOVE", []key.Binding{k.up, k.down, k.pageUp, k.pageDown, k.home, k.end}},
		{"PANES", []key.Binding{k.next, k.previous, k.allPanes}},
		{"ROWS", []key.Binding{k.filter, k.clear, k.sort, k.sortBack, k.reverse}},
		{"DETAIL", []key.Binding{k.detail, k.back, k.copyText, k.copyCapture}},
		{"TIME", []key.Binding{k.freeze, k.longer, k.shorter}},
		{"PROGRAM", []key.Binding{k.help, k.quit, k.interrupt, k.suspend, k.redraw}},
	}
}

// knows reports whether a key does anything.
func (k *keyMap) knows(msg tea.KeyMsg) bool {
	for _, g := range k.groups() {
		if key.Matches(msg, g.bindings...) {
			return true
		}
	}
	return false
}

type keyGroup struct {
	name     string
	bindings []key.Binding
}

// motion is a movement of a cursor.
type motion uint8

const (
	motionNone motion = iota
	motionUp
	motionDown
	motionPageUp
	motionPageDown
	motionHome
	motionEnd
)

func (k *keyMap) motion(pressed tea.KeyMsg) motion {
	for m, b := range [...]key.Binding{
		motionUp: k.up, motionDown: k.down, motionPageUp: k.pageUp,
		motionPageDown: k.pageDown, motionHome: k.home, motionEnd: k.end,
	} {
		if key.Matches(pressed, b) {
			return motion(m)
		}
	}
	return motionNone
}
