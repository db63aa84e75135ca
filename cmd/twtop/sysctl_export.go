package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/sysctl"
)

const exportLong = `The plan as a file for another system, on standard output: what is ticked, with
why and what to mind as comments. Nothing is changed here. Of a capture it is
the plan as of its end, or as of --at.

  twtop sysctl export --as sysctl.d > 60-twtop.conf
  twtop sysctl export --as kubernetes --from incident.twtop --at 90s
  ss -tanoe | twtop sysctl export --as docker --from -`

func newExport() *cobra.Command {
	var o planFlags
	var as formatName
	var from string
	var at moment
	cmd := &cobra.Command{
		Use:   "export --as FORMAT",
		Short: "the plan as a file for another system",
		Long:  exportLong,
		Args:  cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			if as == "" {
				return usagef("export: --as is missing: choose one of %s", formatNames())
			}
			chosen := o.live
			switch {
			case !cmd.Flags().Changed("from") && at.given:
				return usagef("export: --at is for a capture: name it with --from")
			case cmd.Flags().Changed("from"):
				chosen = func(cmd *cobra.Command) (sysctl.Plan, sysctl.ExportMeta, error) { return o.recorded(cmd, from, at) }
			}
			plan, meta, err := chosen(cmd)
			if err != nil {
				return err
			}
			meta.Version = build().version
			return sysctl.Export(os.Stdout, plan, sysctl.Format(as), meta)
		}),
	}
	o.register(cmd)
	f := cmd.Flags()
	f.Var(&as, "as", "`FORMAT`: "+formatNames())
	f.StringVar(&from, "from", "", "a capture or the text of ss, netstat: a `FILE`, or -")
	f.Var(&at, "at", "with --from a capture, as of `MOMENT`: 90s, or a time")
	_ = cmd.RegisterFlagCompletionFunc("as", completeFormats)
	return cmd
}

// live is the plan of this host.
func (o *planFlags) live(cmd *cobra.Command) (plan sysctl.Plan, meta sysctl.ExportMeta, err error) {
	p, err := o.plan(cmd, nil)
	if err != nil {
		return plan, meta, err
	}
	defer p.close()
	h := &p.report.Snapshot.Host
	meta = sysctl.ExportMeta{Host: h.Name, Kernel: h.Kernel, Made: p.report.Snapshot.Taken}
	if o.target.netns != "" || o.target.pid != 0 {
		meta.NetNS = h.NetNS
	}
	return p.plan, meta, nil
}

// formatName is a flag's sysctl.Format.
type formatName sysctl.Format

func (n *formatName) Set(s string) error {
	if sysctl.Format(s).Summary() == "" {
		return usagef("choose one of %s", formatNames())
	}
	*n = formatName(s)
	return nil
}

func (n *formatName) String() string { return string(*n) }

// Type implements pflag.Value.
func (n *formatName) Type() string { return "FORMAT" }

func formatNames() string {
	var names []string
	for _, f := range sysctl.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

func completeFormats(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, f := range sysctl.Formats() {
		out = append(out, string(f)+"\t"+f.Summary())
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
