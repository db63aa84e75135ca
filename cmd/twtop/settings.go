package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Where the value of a flag comes from, the first that is there counts: the
// command line, the environment, the config file, the default.

// envPrefix begins the variable of each flag: --max-size is TWTOP_MAX_SIZE. An
// empty variable is none.
const envPrefix = "TWTOP_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// typedOnly have no variable: they ask for something to be written, or for
// another command.
var typedOnly = []string{"yes", "persist", "help", "version"}

// originKey is the annotation of a flag that was not typed: where from it is.
const originKey = "twtop_origin"

// writesKernel marks commands that write to the kernel with --yes.
const writesKernel = "twtop_writes_kernel"

// moot are the flags that, typed, leave no room for the variable of another.
var moot = map[string][]string{
	"netns":     {"pid", "all-netns", "from"},
	"pid":       {"netns", "all-netns", "from"},
	"all-netns": {"netns", "pid", "from", "at"},
	"from":      {"netns", "pid", "all-netns", "ipv4", "ipv6"},
	"at":        {"netns", "pid", "all-netns"},
	"ipv4":      {"ipv6", "from"},
	"ipv6":      {"ipv4", "from"},
}

// settles gives the flags of a command that were not typed what the environment
// and the config file have for them. It runs before each command.
func settles(cmd *cobra.Command, args []string) error {
	return does(func(cmd *cobra.Command, _ []string) error {
		if err := fromEnvironment(cmd); err != nil {
			return err
		}
		return fromFile(cmd)
	})(cmd, args)
}

func fromEnvironment(cmd *cobra.Command) (err error) {
	flags := cmd.Flags()
	typed := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { typed[f.Name] = true })
	isTyped := func(name string) bool { return typed[name] }
	flags.VisitAll(func(f *pflag.Flag) {
		name := envName(f.Name)
		value := os.Getenv(name)
		if err != nil || value == "" || typed[f.Name] || slices.Contains(typedOnly, f.Name) || slices.ContainsFunc(moot[f.Name], isTyped) {
			return
		}
		if cmd.Annotations[writesKernel] != "" && f.Name != "read-only" && typed["yes"] {
			err = usagef("%s is set, and what is written to the kernel is chosen on the command line alone: name --%s there, or unset it", name, f.Name)
			return
		}
		if wrong := settle(flags, f, value, name); wrong != nil {
			err = usagef("%s=%s: %w", name, value, wrong)
		}
	})
	return err
}

// settle sets a flag, and remembers where the value is from.
func settle(flags *pflag.FlagSet, f *pflag.Flag, value, origin string) error {
	if err := f.Value.Set(value); err != nil {
		switch f.Value.Type() {
		case "bool":
			return errors.New("want true or false")
		case "float64", "uint16":
			return errors.New("want a number")
		}
		return err
	}
	f.Changed = true
	return flags.SetAnnotation(f.Name, originKey, []string{origin})
}

// originOf is where the value of a flag is from, "" where it was typed or is the
// default.
func originOf(f *pflag.Flag) string {
	if o := f.Annotations[originKey]; len(o) > 0 {
		return o[0]
	}
	return ""
}

// origins says of the flags that a complaint names where their values are from,
// if nobody typed them: "; --interval is from TWTOP_INTERVAL".
func origins(cmd *cobra.Command, complaint string) string {
	var b strings.Builder
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if origin := originOf(f); origin != "" && names(complaint, "--"+f.Name) {
			fmt.Fprintf(&b, "; --%s is from %s", f.Name, origin)
		}
	})
	return b.String()
}

// names reports whether a text has a flag as a word of its own: "--at" is not in
// "--at-once".
func names(text, flag string) bool {
	for {
		_, after, ok := strings.Cut(text, flag)
		if !ok {
			return false
		}
		if after == "" || !strings.ContainsAny(after[:1], "-abcdefghijklmnopqrstuvwxyz0123456789") {
			return true
		}
		text = after
	}
}
