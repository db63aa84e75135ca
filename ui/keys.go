package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// keyMap is every key of the screen; the help is made from it. None of them
// does what cannot be taken back: pieces of a torn mouse report arrive as keys.
// yes is the one that has something written: settled says when it counts.
type keyMap struct {
	up, down, pageUp, pageDown, home, end key.Binding

	next, previous  key.Binding
	panes, allPanes key.Binding // the same keys, for the key line and the help

	filter, clear, sort, sortBack, reverse key.Binding

	detail, back, copyText, copyCapture key.Binding

	freeze, longer, shorter key.Binding

	save key.Binding

	stepBack, stepOn, farBack, farOn, markBack, markOn, toBegin, toEnd key.Binding // in a replay
	spaces, enter, homeSpace                                           key.Binding // network namespaces

	plan, undo, persist           key.Binding // open what is confirmed with yes
	tick, ports, export, ask, yes key.Binding

	help, quit, interrupt, suspend, redraw key.Binding
}

// newKeyMap binds the keys; those for sysctls only where they can be changed, and
// those for network namespaces where there are others.
func newKeyMap(tuned, several bool) keyMap {
	k := allKeys()
	for _, b := range []*key.Binding{&k.plan, &k.undo, &k.persist, &k.tick, &k.ports, &k.export, &k.ask, &k.yes} {
		b.SetEnabled(tuned)
	}
	for _, b := range append(k.timeline(), &k.save) {
		b.SetEnabled(false)
	}
	k.spaces.SetEnabled(several)
	k.homeSpace.SetEnabled(several)
	return k
}

func bind(shown, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
}

func allKeys() keyMap {
	return keyMap{
		up:       bind("↑ k", "up", "up", "k"),
		down:     bind("↓ j", "down", "down", "j"),
		pageUp:   bind("PgUp ^B", "page up", "pgup", "ctrl+b"),
		pageDown: bind("PgDn ^F", "page down", "pgdown", "ctrl+f"),
		home:     bind("Home g", "first row", "home", "g"),
		end:      bind("End G", "last row", "end", "G"),

		next:     bind("Tab", "next pane", "tab"),
		previous: bind("Shift-Tab", "previous pane", "shift+tab"),
		panes:    bind("1–7", "panes", "1", "2", "3", "4", "5", "6", "7"),
		allPanes: bind("1–7", "pane by number", "1", "2", "3", "4", "5", "6", "7"),

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

		save: bind("w", "save capture", "w"),

		stepBack:  bind("← h", "frame back", "left", "h"),
		stepOn:    bind("→ l", "frame on", "right", "l"),
		farBack:   bind("Shift← H", "ten back", "shift+left", "H", "<"),
		farOn:     bind("Shift→ L", "ten on", "shift+right", "L", ">"),
		markBack:  bind("[", "mark before", "["),
		markOn:    bind("]", "next mark", "]"),
		toBegin:   bind("Home {", "beginning", "home", "{"),
		toEnd:     bind("End }", "end", "end", "}"),
		spaces:    bind("n", "namespaces", "n"),
		enter:     bind("Enter", "go there", "enter"),
		homeSpace: bind("N", "home namespace", "N"),

		plan:    bind("a", "apply", "a"),
		undo:    bind("u", "undo", "u"),
		persist: bind("P", "persist", "P"),
		tick:    bind("Space", "tick", " "),
		ports:   bind("p", "ports to keep", "p"),
		export:  bind("x", "export", "x"),
		ask:     bind("y", "write what is ticked", "y"),
		yes:     bind("y", "do it", "y"),

		help:      bind("?", "help", "?"),
		quit:      bind("q", "quit", "q"),
		interrupt: bind("^C", "quit", "ctrl+c"),
		suspend:   bind("^Z", "suspend", "ctrl+z"),
		redraw:    bind("^L", "draw anew", "ctrl+l"),
	}
}

// The same keys by twos, for the key line.
var (
	bothFrames = key.NewBinding(key.WithKeys("left", "right"), key.WithHelp("← →", "frame"))
	bothMarks  = key.NewBinding(key.WithKeys("[", "]"), key.WithHelp("[ ]", "mark"))
	bothSpeeds = key.NewBinding(key.WithKeys("+", "-"), key.WithHelp("+ −", "speed"))
)

func (k *keyMap) timeline() []*key.Binding {
	return []*key.Binding{&k.stepBack, &k.stepOn, &k.farBack, &k.farOn, &k.markBack, &k.markOn, &k.toBegin, &k.toEnd}
}

// forReplay makes the keys those of a recording: time goes by its timeline, if
// it has one, and a plan is there to be exported.
func (k *keyMap) forReplay(timeline bool) {
	for _, b := range append(k.timeline(), &k.freeze, &k.longer, &k.shorter) {
		b.SetEnabled(timeline)
	}
	if timeline { // which takes Home and End where nothing is open
		k.home.SetHelp("g", "first row")
		k.end.SetHelp("G", "last row")
	}
	k.freeze.SetHelp("Space", "play, pause")
	k.longer.SetHelp("+", "faster")
	k.shorter.SetHelp("−", "slower")
	k.plan.SetKeys("a", "x")
	k.plan.SetHelp("x", "plan, export")
	for _, b := range []*key.Binding{&k.undo, &k.persist, &k.ask, &k.yes} {
		b.SetEnabled(false)
	}
}

// groups are the bindings of the help screen, by what they are for.
func (k *keyMap) groups() []keyGroup {
	return []keyGroup{
		{"MOVE", []key.Binding{k.up, k.down, k.pageUp, k.pageDown, k.home, k.end}},
		{"PANES", []key.Binding{k.next, k.previous, k.allPanes}},
		{"ROWS", []key.Binding{k.filter, k.clear, k.sort, k.sortBack, k.reverse}},
		{"DETAIL", []key.Binding{k.detail, k.back, k.copyText, k.copyCapture}},
		{"TIME", []key.Binding{k.freeze, k.longer, k.shorter, k.save}},
		{"TIMELINE", []key.Binding{k.stepBack, k.stepOn, k.farBack, k.farOn, k.markBack, k.markOn, k.toBegin, k.toEnd}},
		{"PROGRAM", []key.Binding{k.help, k.quit, k.interrupt, k.suspend, k.redraw}},
		{"NAMESPACES", []key.Binding{k.spaces, k.homeSpace}},
		{"SYSCTLS", []key.Binding{k.plan, k.undo, k.persist}},
		{"IN THE PLAN", []key.Binding{k.tick, k.ports, k.export, k.ask}},
	}
}

// knows reports whether a key does anything that it may do together with others:
// those that lead to a change of sysctls are pressed by themselves.
func (k *keyMap) knows(msg tea.KeyMsg) bool {
	if key.Matches(msg, k.save) { // which makes a file
		return false
	}
	for _, g := range k.groups()[:groupsTogether] {
		if key.Matches(msg, g.bindings...) {
			return true
		}
	}
	return false
}

// groupsTogether are the groups before those for sysctls.
const groupsTogether = 8

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
