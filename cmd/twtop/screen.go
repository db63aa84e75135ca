package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/sysctl"
	"github.com/359a26c5/twtop/source/tune"
	"github.com/359a26c5/twtop/ui"
)

// screenFlags are the flags of the live screen.
type screenFlags struct {
	target   target
	interval interval
	readOnly bool
	looks
}

// looks is how a screen looks, live or of a recording.
type looks struct {
	theme   string
	columns columnList
	filter  string
}

// registerSettings adds those that the config file may set as well.
func (o *looks) registerSettings(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.theme, "theme", "auto", "`NAME`: auto, dark, light or mono")
	f.Var(&o.columns, "columns", "of the destinations, the dearest first; all without it")
	_ = cmd.RegisterFlagCompletionFunc("theme", cobra.FixedCompletions(themes, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("columns", completeColumns)
}

func (o *looks) registerFilter(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.filter, "filter", "", "rows to show, `WORDS` as typed after /")
}

// registerSettings adds the flags that the config file may set as well.
func (o *screenFlags) registerSettings(cmd *cobra.Command) {
	o.interval = interval(time.Second)
	f := cmd.Flags()
	f.VarP(&o.interval, "interval", "i", "`time` between two looks, 2s or 2")
	f.BoolVar(&o.readOnly, "read-only", false, "never offer to change anything")
	o.looks.registerSettings(cmd)
}

var themes = []string{"auto", "dark", "light", "mono"}

// shortestInterval keeps a typing error from loading the host.
const shortestInterval = 100 * time.Millisecond

func (o *screenFlags) check() error {
	if time.Duration(o.interval) < shortestInterval {
		return usagef("--interval %v: %v is the shortest", &o.interval, shortestInterval)
	}
	return o.looks.check()
}

func (o *looks) check() error {
	if !slices.Contains(themes, o.theme) {
		return usagef("--theme %q: choose one of %s", o.theme, strings.Join(themes, ", "))
	}
	if _, err := diagnosis.ParseFilter(o.filter); err != nil {
		return usagef("--%w", err) // which begins with "filter"
	}
	return nil
}

// showScreen shows the live screen until it is left.
func showScreen(cmd *cobra.Command, o *screenFlags) error {
	if err := o.check(); err != nil {
		return err
	}
	config, err := o.target.watched(cmd)
	if err != nil {
		return err
	}
	const instead = "`twtop snapshot` writes one look as text, `twtop snapshot --json` for a script"
	if err := needTerminal("the live screen", instead, os.Stdout.Fd(), os.Getenv("TERM")); err != nil {
		return err
	}
	src, err := live.Open(config)
	if err != nil {
		return err
	}
	defer src.Close()
	host := o.tuner(cmd, src)
	keeping := newSaver(host.Watch(src), time.Duration(o.interval))
	defer keeping.farewell()
	options := ui.Options{
		Source: keeping, Saver: keeping, Tuner: host, Interval: time.Duration(o.interval), Theme: o.theme, Filter: o.filter,
		Columns:  o.columns,
		ReadOnly: o.readOnly, Version: build().version, SysctlCatalogue: sysctl.Catalogue(),
		NetNSPath: netnsPath(&config),
	}
	others := newSpaces(cmd, o, config)
	defer others.closeAll()
	others.offer(&options, src, os.Geteuid() == 0)
	return ui.Run(cmd.Context(), options)
}

// tuner changes sysctls where the screen looks. It remembers the ports of
// services that the screen has seen.
func (o *screenFlags) tuner(cmd *cobra.Command, src *live.Source) *tune.Host {
	c := tuneConfig(src)
	c.ReadOnly = o.readOnly
	plan := planFlags{target: o.target}
	c.Sudo = func(command string) string { return plan.sudo(cmd, command, nil) }
	return tune.New(c)
}

// netnsPath is the file of a namespace that was chosen by process or path, ""
// for another.
func netnsPath(c *live.Config) string {
	switch {
	case c.PID != 0:
		return fmt.Sprintf("/proc/%d/ns/net", c.PID)
	case !strings.ContainsRune(c.NetNS, '/'):
		return ""
	}
	path, err := filepath.Abs(c.NetNS)
	if err != nil {
		return c.NetNS
	}
	return path
}

// needTerminal says what to do where a screen cannot be drawn. Bubble Tea
// itself does not notice.
func needTerminal(what, instead string, stdout uintptr, name string) error {
	if !term.IsTerminal(stdout) {
		return usagef("%s needs a terminal and standard output is none: %s", what, instead)
	}
	if name == "dumb" || name == "" && runtime.GOOS != "windows" { // which has no TERM
		return usagef("%s needs a terminal that moves its cursor, and TERM is %q: %s", what, name, instead)
	}
	return nil
}
