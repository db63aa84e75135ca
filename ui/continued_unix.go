//go:build unix

package ui

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"
)

// tellContinued sends a continuedMsg for each SIGCONT, until ctx ends.
func tellContinued(ctx context.Context, send func(tea.Msg)) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGCONT)
	defer signal.Stop(c)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c:
			send(continuedMsg{})
		}
	}
}
