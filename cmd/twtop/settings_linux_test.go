package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSettingsWriteNothing: whatever the environment and the config file ask
// for, without --yes on the command line no key changes and no file is made.
func TestSettingsWriteNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "twtop"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(home, "twtop", "config.toml"), "interval = 1\nread-only = false\n[check]\nwarn = 1\ncrit = 1\n")
	env := append(os.Environ(), "XDG_CONFIG_HOME="+home, "TWTOP_NETNS="+l.Path())
	for _, v := range variables(newRoot()) {
		switch v.flag {
		case "yes", "persist", "read-only", "json":
			env = append(env, v.name+"="+map[bool]string{true: "false", false: "true"}[v.flag == "read-only"])
		case "reserve":
			env = append(env, v.name+"=8080")
		}
	}
	before := l.values()
	for _, words := range [][]string{
		{"sysctl"}, {"sysctl", "apply"}, {"sysctl", "apply", "net.ipv4.tcp_tw_reuse"}, {"sysctl", "undo"},
		{"snapshot"}, {"check", "--warn", "100", "--crit", "100"}, {"config"},
	} {
		c := l.command("", slices.Concat([]string{program(t)}, words)...)
		c.Env = env
		if e := l.ends(c); e.code != exitDone {
			t.Errorf("%q: exit code %d\n%s%s", words, e.code, e.out, e.err)
		}
	}
	l.holds("after all of them", before)
	left, err := os.ReadDir(l.varLib)
	if err != nil || len(left) > 0 {
		t.Errorf("%v was left in the journal's place, %v", left, err)
	}
}
