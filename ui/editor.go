package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// editor is one line of text with a cursor. It is ours because bubbles'
// textinput brings a clipboard library along that starts other programs.
type editor struct {
	text []rune
	at   int
}

// maxTyped bounds the line.
const maxTyped = 256

func (e *editor) value() string { return string(e.text) }

func (e *editor) set(s string) {
	e.text = []rune(s)
	e.text = e.text[:min(len(e.text), maxTyped)]
	e.at = len(e.text)
}

// press takes a key as readline would.
func (e *editor) press(msg tea.KeyMsg) {
	switch msg.String() {
	case "left", "ctrl+b":
		e.at = max(e.at-1, 0)
	case "right", "ctrl+f":
		e.at = min(e.at+1, len(e.text))
	case "home", "ctrl+a":
		e.at = 0
	case "end", "ctrl+e":
		e.at = len(e.text)
	case "backspace", "ctrl+h":
		e.remove(e.at-1, e.at)
	case "delete", "ctrl+d":
		e.remove(e.at, e.at+1)
	case "ctrl+u":
		e.remove(0, e.at)
	case "ctrl+k":
		e.remove(e.at, len(e.text))
	case "ctrl+w", "alt+backspace":
		head := strings.TrimRight(string(e.text[:e.at]), " ")
		e.remove(len([]rune(head[:strings.LastIndexByte(head, ' ')+1])), e.at)
	default:
		if (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace) && !msg.Alt {
			e.insert([]rune(cleanTyped(string(msg.Runes))))
		}
	}
}

func (e *editor) insert(r []rune) {
	r = r[:min(len(r), maxTyped-len(e.text))]
	e.text = slices.Insert(e.text, e.at, r...)
	e.at += len(r)
}

// remove takes the runes from i up to j away, as far as they are there.
func (e *editor) remove(i, j int) {
	i, j = max(i, 0), min(j, len(e.text))
	if i >= j {
		return
	}
	e.text = slices.Delete(e.text, i, j)
	e.at = i
}
