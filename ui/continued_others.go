//go:build !unix

package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"
)

// tellContinued does nothing: no process of this system is ever stopped.
func tellContinued(context.Context, func(tea.Msg)) {}
