package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestEditor(t *testing.T) {
	runes := func(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }
	of := func(k tea.KeyType) tea.KeyMsg { return tea.KeyMsg{Type: k} }
	for _, c := range []struct {
		name string
		keys []tea.KeyMsg
		want string
		at   int
	}{
		{"typing", []tea.KeyMsg{runes("a"), runes("b"), {Type: tea.KeySpace, Runes: []rune(" ")}, runes("ü")}, "ab ü", 4},
		{"in the middle", []tea.KeyMsg{runes("ad"), of(tea.KeyLeft), runes("bc")}, "abcd", 3},
		{"backspace", []tea.KeyMsg{runes("ab"), of(tea.KeyBackspace), of(tea.KeyBackspace), of(tea.KeyBackspace)}, "", 0},
		{"delete", []tea.KeyMsg{runes("ab"), of(tea.KeyHome), of(tea.KeyDelete), of(tea.KeyEnd), of(tea.KeyDelete)}, "b", 1},
		{"word", []tea.KeyMsg{runes("one two  "), of(tea.KeyCtrlW)}, "one ", 4},
		{"the only word", []tea.KeyMsg{runes("one"), of(tea.KeyCtrlW)}, "", 0},
		{"to the start", []tea.KeyMsg{runes("abc"), of(tea.KeyLeft), of(tea.KeyCtrlU)}, "c", 0},
		{"to the end", []tea.KeyMsg{runes("abc"), of(tea.KeyCtrlA), of(tea.KeyRight), of(tea.KeyCtrlK)}, "a", 1},
		{"beyond the ends", []tea.KeyMsg{runes("a"), of(tea.KeyRight), of(tea.KeyRight), of(tea.KeyCtrlE), runes("b")}, "ab", 2},
		{"alt is no text", []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("x"), Alt: true}, of(tea.KeyF1)}, "", 0},
		{"bounded", []tea.KeyMsg{runes(strings.Repeat("x", 300)), runes(strings.Repeat("y", 300))}, strings.Repeat("x", maxTyped), maxTyped},
	} {
		var e editor
		for _, k := range c.keys {
			e.press(k)
		}
		if e.value() != c.want || e.at != c.at {
			t.Errorf("%s: %q at %d, want %q at %d", c.name, e.value(), e.at, c.want, c.at)
		}
	}
}
