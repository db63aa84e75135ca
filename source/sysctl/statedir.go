package sysctl

import (
	"errors"
	"path/filepath"
)

// StateDir is where the journal is kept: /var/lib/twtop for root, otherwise
// twtop in XDG_STATE_HOME, or in ~/.local/state (XDG Base Directory
// Specification, which says that a path which is not absolute counts as unset).
func StateDir(getenv func(string) string, euid int) (string, error) {
	if euid == 0 {
		return "/var/lib/twtop", nil
	}
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "twtop"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local/state/twtop"), nil
	}
	return "", errors.New("no directory for the journal: set XDG_STATE_HOME or HOME")
}
