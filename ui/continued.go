package ui

import (
	"io"

	tea "github.com/charmbracelet/bubbletea"
)

// continuedMsg says that the process was stopped and goes on. Whoever had the
// terminal in between may have written on it, made it cooked, and turned the
// mouse off. After ^Z Bubble Tea sees to all but the mouse, and says so by a
// tea.ResumeMsg; after a SIGSTOP from outside nobody does.
type continuedMsg struct{}

// takenMsg says that the terminal is ours again.
type takenMsg struct{}

// takeTerminal takes the terminal anew, in the way Bubble Tea does after
// another program had it: it runs one that does nothing.
func takeTerminal() tea.Msg {
	return tea.Exec(noProgram{}, func(error) tea.Msg { return takenMsg{} })()
}

// noProgram is a program that ends at once.
type noProgram struct{}

func (noProgram) Run() error          { return nil }
func (noProgram) SetStdin(io.Reader)  {}
func (noProgram) SetStdout(io.Writer) {}
func (noProgram) SetStderr(io.Writer) {}
