package ui

import (
	"io"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// copyTo puts s on the clipboard of the terminal that w is, by OSC 52, which
// works through ssh too. It goes out in one write, so that it cannot get into
// the middle of the renderer's.
func copyTo(w io.Writer, s string) tea.Cmd {
	return func() tea.Msg {
		_, _ = io.WriteString(w, ansi.SetSystemClipboard(s))
		return nil
	}
}
