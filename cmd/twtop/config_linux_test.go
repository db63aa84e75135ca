package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigThatMayNotBeRead is as good as none, and said to be there. A sysctl
// that can only be written stands for it: root may not read that either.
func TestConfigThatMayNotBeRead(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "twtop"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "twtop", "config.toml")
	if err := os.Symlink("/proc/sys/vm/compact_memory", path); err != nil {
		t.Fatal(err)
	}
	if text, err := readConfig(path); text != nil || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	t.Setenv("XDG_CONFIG_HOME", home)
	if got := fileWords(); !strings.HasSuffix(got, "config.toml, which may not be read") {
		t.Error(got)
	}
}

// TestConfigDir: only Windows has a place of its own, macOS has none.
func TestConfigDir(t *testing.T) {
	for _, c := range []struct{ goos, xdg, home, want string }{
		{"linux", "/x", "/home/a", "/x"},
		{"darwin", "/x", "/Users/a", "/x"},
		{"darwin", "", "/Users/a", "/Users/a/.config"},
		{"freebsd", "x", "/home/a", "/home/a/.config"},
		{"linux", "x", "", ""},
		{"windows", "/x", "/home/a", `C:\Users\a\AppData\Roaming`},
	} {
		env := map[string]string{"XDG_CONFIG_HOME": c.xdg, "HOME": c.home, "AppData": `C:\Users\a\AppData\Roaming`}
		if got := configDir(c.goos, func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
