package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestParseConfig(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"# nothing\n\n", ""},
		{"interval = 1_5\n[check]\nwarn = 4.5", "c:1:1 interval=1_5 c:3:1 check.warn=4.5"},
		{"columns = [\"to\",\n 'free', ]\r\nread-only = true", "c:1:1 columns=to,free c:3:1 read-only=true"},
		{"check.warn = 5", "c:1:1 check.warn=5"},
		{`"inter\u0076al" = "3s"`, "c:1:1 interval=3s"},
	} {
		entries, err := parseConfig("c", []byte(c.text))
		var got []string
		for _, e := range entries {
			got = append(got, e.place+" "+e.key+"="+e.value)
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q and %v, want %q", c.text, got, err, c.want)
		}
	}
}

// TestBrokenConfig: what is wrong is named with its line and column.
func TestBrokenConfig(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"theme = \"dark\"\nintervall = 2\n", "c:2:1: there is no setting intervall; did you mean interval?"},
		{"\n\tinterval = 2s\n", "c:2:"},
		{"x", "c:1:"},
		{"theme = \"dark", "c:1:"},
		{"= 1", "c:1:1: "},
		{"yes = true", "c:1:1: there is no setting yes; there are interval, theme, "},
		{"warn = 3", "c:1:1: there is no setting warn; there are "},
		{"[chekc]\nwarn = 3", "c:1:2: [chekc] is no table of twtop's; did you mean check?"},
		{"[check]\ninterval = 3", "c:2:1: there is no setting check.interval; there are "},
		{"[check]\nwarn = 3\nwarn = 4", "c:3:1: check.warn is there twice"},
		{"[check]\nwarn = 3\n[check]\ncrit = 4", "c:3:2: [check] is there twice"},
		{"[[check]]", "c:1:3: [[check]]: there is no list of tables here"},
		{"theme = 2026-11-29", "c:1:1: theme: want a text, a number, true, false, or a list of them"},
		{"columns = [[\"to\"]]", "c:1:1: columns: want a text, "},
		{"check = { warn = 1 }", "c:1:1: there is no setting check; "},
	} {
		entries, err := parseConfig("c", []byte(c.text))
		if wrong := (usageError{}); !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), c.want) || entries != nil {
			t.Errorf("%q: %v and %v, want %q", c.text, entries, err, c.want)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add("interval = \"2s\"\n[check]\nwarn = 1 # x\n")
	f.Add("columns = [\"a\", ['b']]\n\"\\u0061\".b = {}\n[[x.y]]")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseConfig("c", []byte(text))
		if err != nil && !strings.HasPrefix(err.Error(), "c:") {
			t.Errorf("no place: %v", err)
		}
		for _, e := range entries {
			if !slices.Contains(fileKeys, e.key) {
				t.Errorf("key %q", e.key)
			}
		}
	})
}

func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, largestConfig+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "",
		"/dev/null/.config/twtop":  "",
		dir:                        "is no regular file",
		large:                      "is larger than 65.5 kB",
	} {
		text, err := readConfig(path)
		if text != nil || (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %d bytes and %v, want %q", path, len(text), err, want)
		}
	}
}

// TestEveryFlagHasAVariable but for those that ask for something to be written,
// and of the config file nothing asks for that either.
func TestEveryFlagHasAVariable(t *testing.T) {
	walk(newRoot(), func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			for _, v := range []string{"true", "1", "1s", "80", "light", "docker", "127.0.0.1:80", "used"} {
				t.Setenv(envName(f.Name), v)
				if f.Value.Set(v) == nil {
					break
				}
			}
			if err := fromEnvironment(cmd); err != nil {
				t.Fatalf("%s --%s: %v", cmd.CommandPath(), f.Name, err)
			}
			t.Setenv(envName(f.Name), "")
			writes := slices.Contains([]string{"yes", "persist", "help", "version"}, f.Name)
			if took := originOf(f) == envName(f.Name); took == writes {
				t.Errorf("%s --%s: from its variable %v", cmd.CommandPath(), f.Name, took)
			}
			if writes && keyOf(cmd, f) != "" {
				t.Errorf("%s --%s can be set by the config file", cmd.CommandPath(), f.Name)
			}
		})
	})
}

func TestNames(t *testing.T) {
	for text, want := range map[string]bool{
		"--at 3": true, "--at-once": false, "bad --at": true, "--attic and --at: x": true, "at": false,
	} {
		if got := names(text, "--at"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
