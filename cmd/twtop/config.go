package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/report"
)

// configName is the name of the command; see isFor.
const configName = "config"

const configLong = `The settings in force, as a config file, and where each is from: the command
line, the environment, the file, or the default; the first that is there counts.
The file is twtop/config.toml in $XDG_CONFIG_HOME, or in ~/.config; on Windows
in %AppData%. Every flag has a variable, TWTOP_MAX_SIZE for --max-size, but
--yes and --persist: neither a file nor a variable makes twtop write to the
kernel.

  twtop config > config.toml          a file to begin with
  TWTOP_THEME=light twtop config      what a variable does`

func newConfig() *cobra.Command {
	var screen screenFlags
	var limits report.Thresholds
	cmd := &cobra.Command{
		Use:         configName,
		Annotations: map[string]string{besides: "about twtop itself"},
		Short:       "the settings, and where each is from",
		Long:        configLong,
		Args:        cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			if err := screen.check(); err != nil {
				return err
			}
			if err := checkLimits(limits); err != nil {
				return err
			}
			return showConfig(os.Stdout, cmd)
		}),
	}
	screen.registerSettings(cmd)
	registerLimits(cmd, &limits)
	return cmd
}

// showConfig writes what is in force as the config file that would make it so.
func showConfig(out io.Writer, cmd *cobra.Command) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "# "+source.Clean(fileWords(), lineLimit))
	table := ""
	for _, key := range fileKeys {
		name := key
		if t, rest, ok := strings.Cut(key, "."); ok {
			if name = rest; t != table {
				fmt.Fprintf(w, "\n[%s]\n", t)
				table = t
			}
		}
		f := cmd.Flags().Lookup(name)
		fmt.Fprintf(w, "%-26s # %s\n", name+" = "+tomlValue(f), source.Clean(originWords(f), lineLimit))
	}
	others := otherVariables(cmd, os.Environ())
	if len(others) > 0 {
		fmt.Fprintln(w, "\n# Other variables:")
	}
	for _, line := range others {
		fmt.Fprintln(w, "# "+source.Clean(line, lineLimit))
	}
	return w.Flush()
}

func fileWords() string {
	path := configPath()
	if path == "" {
		return "No config file: neither XDG_CONFIG_HOME nor HOME says where it would be."
	}
	if text, err := readConfig(path); err == nil && text != nil {
		return path
	}
	f, err := os.Open(path)
	switch {
	case err == nil: // it came meanwhile
		_ = f.Close()
		return path
	case errors.Is(err, fs.ErrPermission):
		return path + ", which may not be read"
	}
	return path + ", which is not there"
}

func originWords(f *pflag.Flag) string {
	switch origin := originOf(f); {
	case strings.HasPrefix(origin, envPrefix):
		return "environment " + origin
	case origin != "":
		return "file " + origin
	case f.Changed:
		return "flag --" + f.Name
	}
	return "default"
}

// tomlValue writes the value of a flag as the config file has it.
func tomlValue(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool", "float64":
		return f.Value.String()
	case new(columnList).Type():
		list := strings.FieldsFunc(f.Value.String(), func(r rune) bool { return r == ',' })
		for i := range list {
			list[i] = tomlString(list[i])
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	return tomlString(f.Value.String())
}

// tomlString quotes what has been checked: it has no quotes of its own.
func tomlString(s string) string { return `"` + s + `"` }

// otherVariables says of the variables with twtop's prefix, but for those of the
// settings, what they are to twtop.
func otherVariables(cmd *cobra.Command, environ []string) (out []string) {
	known := variables(cmd.Root())
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		i := slices.IndexFunc(known, func(k variable) bool { return k.name == name })
		switch {
		case !strings.HasPrefix(name, envPrefix) || value == "" || originIs(cmd, name):
		case i >= 0 && known[i].typedOnly:
			out = append(out, fmt.Sprintf("%s=%s is not looked at: --%s is for the command line alone", name, value, known[i].flag))
		case i >= 0:
			out = append(out, fmt.Sprintf("%s=%s is --%s of the commands that have it", name, value, known[i].flag))
		default:
			var names []string
			for _, k := range known {
				names = append(names, k.name)
			}
			out = append(out, fmt.Sprintf("%s=%s belongs to no flag%s", name, value, perhaps(nearest(name, names))))
		}
	}
	slices.Sort(out)
	return out
}

// originIs reports whether a setting is from that variable.
func originIs(cmd *cobra.Command, name string) (is bool) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { is = is || originOf(f) == name })
	return is
}

// variable is what a flag can be set by.
type variable struct {
	name, flag string
	typedOnly  bool
}

// variables are those of cmd and all commands below it.
func variables(cmd *cobra.Command) (out []variable) {
	walk(cmd, func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" || f.Name == "version" {
				return
			}
			name := envName(f.Name)
			if !slices.ContainsFunc(out, func(v variable) bool { return v.name == name }) {
				out = append(out, variable{name, f.Name, slices.Contains(typedOnly, f.Name)})
			}
		})
	})
	return out
}
