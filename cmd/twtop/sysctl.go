package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/report"
	"github.com/359a26c5/twtop/source/sysctl"
	"github.com/359a26c5/twtop/source/tune"
	"github.com/359a26c5/twtop/ui"
)

var _ ui.Tuner = (*tune.Host)(nil)

const sysctlLong = `What twtop would set on this host, from two looks a second apart: each key with
its value now, the planned one, why, and what it may cost. Writes nothing.

  twtop sysctl                         the plan
  twtop sysctl --reserve 8080,9000     keep the ports of services that are down
  sudo twtop sysctl apply --yes        write what is ticked
  sudo twtop sysctl undo --yes         put it back
  twtop sysctl export --as ansible     the plan as a file`

func newSysctl() *cobra.Command {
	var o planFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sysctl",
		Short: "what to set on this host, and set it",
		Long:  sysctlLong,
		Args:  noArgument,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			p, err := o.plan(cmd, nil)
			if err != nil {
				return err
			}
			defer p.close()
			if asJSON {
				return report.PlanJSON(os.Stdout, p.report, &p.plan)
			}
			return p.show(os.Stdout)
		}),
	}
	o.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object instead of text")
	cmd.AddCommand(newApply(), newUndo(), newExport())
	return cmd
}

// planFlags are what a plan of a running host is made with.
type planFlags struct {
	target   target
	reserve  portList
	readOnly bool
}

func (o *planFlags) register(cmd *cobra.Command) {
	o.target.registerNamespace(cmd)
	cmd.Flags().Var(&o.reserve, "reserve", "`PORTS` to keep as well, like 8080,9000-9010")
}

// planned is a plan for a running host, and the host.
type planned struct {
	*tuned
	report *diagnosis.Report
	plan   sysctl.Plan
}

// plan makes the plan with what the verdict asks, or with the keys named alone.
func (o *planFlags) plan(cmd *cobra.Command, keys []string) (*planned, error) {
	t, err := o.open(cmd, keys)
	if err != nil {
		return nil, err
	}
	p := &planned{tuned: t}
	if p.report, err = t.lookTwice(cmd.Context()); err == nil {
		p.plan, err = t.host.Plan(cmd.Context(), p.report, source.PortSet(o.reserve))
	}
	if err == nil && len(keys) > 0 {
		p.plan, err = p.plan.Only(o.withReserved(&p.plan, keys))
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return p, nil
}

// withReserved names the reservations as well where --reserve asks for them.
func (o *planFlags) withReserved(plan *sysctl.Plan, keys []string) []string {
	i := plan.Item(sysctl.LocalReservedPorts)
	if o.reserve == (portList{}) || i == nil || !i.Ticked && i.Refused == "" {
		return keys
	}
	return append(slices.Clone(keys), sysctl.LocalReservedPorts)
}

// refusedPorts fails where --reserve cannot be done: nothing else is done then.
func (o *planFlags) refusedPorts(plan *sysctl.Plan) error {
	i := plan.Item(sysctl.LocalReservedPorts)
	if o.reserve == (portList{}) || plan.Refused != "" || i == nil || i.Refused == "" {
		return nil
	}
	return fmt.Errorf("nothing was written: --reserve: %s", i.Refused)
}

// show writes the plan, and how to apply it.
func (p *planned) show(w io.Writer) error {
	err := report.PlanText(w, p.report, &p.plan, report.Width)
	if err == nil && p.plan.Refused == "" && len(p.plan.Chosen()) > 0 {
		_, err = fmt.Fprintf(w, "Nothing was written: `%s` writes what is ticked.\n", p.again("apply"))
	}
	return err
}

// tuned is a network namespace in which sysctls are read and written.
type tuned struct {
	source *live.Source
	host   *tune.Host
	// again is the command line of an apply or an undo with the same flags.
	again func(command string) string
}

func (o *planFlags) open(cmd *cobra.Command, keys []string) (*tuned, error) {
	config, err := o.target.config(cmd)
	if err != nil {
		return nil, err
	}
	src, err := live.Open(config)
	if err != nil {
		return nil, err
	}
	c := tuneConfig(src)
	c.Step = stepOf(cmd.Context())
	c.Sudo = func(command string) string { return o.sudo(cmd, command, keys) }
	c.ReadOnly = o.readOnly
	again := func(command string) string {
		return strings.Join(append([]string{"twtop"}, o.words(cmd, command, keys)...), " ")
	}
	return &tuned{src, tune.New(c), again}, nil
}

func (t *tuned) close() { _ = t.source.Close() }

// betweenLooks is long enough for counters that only prove something if they
// grow.
const betweenLooks = time.Second

// lookTwice assesses two snapshots.
func (t *tuned) lookTwice(ctx context.Context) (*diagnosis.Report, error) {
	var a diagnosis.Assessor
	src := t.host.Watch(t.source)
	first, err := src.Read(ctx)
	if err != nil {
		return nil, err
	}
	a.Assess(first)
	if err := pause(ctx, betweenLooks); err != nil {
		return nil, err
	}
	second, err := src.Read(ctx)
	if err != nil {
		return nil, err
	}
	return a.Assess(second), nil
}

// tuneConfig is for whoever runs this.
func tuneConfig(src *live.Source) tune.Config {
	c := tune.Config{Space: src, EUID: os.Geteuid(), Who: sysctl.Who{User: "root", Sudo: os.Getenv("SUDO_USER")}}
	if c.EUID != 0 {
		c.Who.User = strconv.Itoa(c.EUID)
	}
	// Without a directory there is no journal, and without that no apply.
	c.StateDir, _ = sysctl.StateDir(os.Getenv, c.EUID)
	return c
}

// sudo is the command line that does as root what was asked for.
func (o *planFlags) sudo(cmd *cobra.Command, command string, keys []string) string {
	words := []string{"sudo", shellWord(os.Args[0])}
	words = append(words, o.words(cmd, command, keys)...)
	if command != "apply" {
		words = append(words, "--yes")
	}
	return strings.Join(words, " ")
}

// words are those of an apply or an undo with the same flags, after the
// program's name.
func (o *planFlags) words(cmd *cobra.Command, command string, keys []string) []string {
	words := []string{"sysctl", command}
	if command == "apply" {
		words = append(words, keys...)
	}
	if o.target.netns != "" {
		words = append(words, "--netns", o.target.netns)
	}
	if o.target.pid != 0 {
		words = append(words, "--pid", o.target.pid.String())
	}
	if o.reserve != (portList{}) && command == "apply" {
		words = append(words, "--reserve", o.reserve.String())
	}
	if f := cmd.Flags().Lookup("persist"); f != nil && f.Changed && command == "apply" {
		words = append(words, "--persist")
	}
	for i := range words {
		words[i] = shellWord(words[i])
	}
	if command == "apply" {
		words = append(words, "--yes")
	}
	return words
}

// shellWord writes s as one word of a POSIX shell.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,@%+-", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// portList is a flag's list of ports.
type portList source.PortSet

func (l *portList) Set(s string) error {
	set, err := sysctl.ParsePorts(s)
	if err == nil && set.Len() == 0 {
		err = fmt.Errorf("want ports like 8080,9000-9010")
	}
	*l = portList(set)
	return err
}

func (l *portList) String() string { return sysctl.FormatPorts((*source.PortSet)(l)) }

// Type implements pflag.Value.
func (l *portList) Type() string { return "PORTS" }

// stepKey is where the context of a test has a sysctl.Guard's Step.
type stepKey struct{}

// stepOf is nil but in tests.
func stepOf(ctx context.Context) func(string) error {
	step, _ := ctx.Value(stepKey{}).(func(string) error)
	return step
}
