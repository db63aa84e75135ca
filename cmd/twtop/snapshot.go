package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/report"
)

const snapshotLong = `One look at the ports of this host, the worst destination first, as text of
80 columns. With --json as one object for a script (twtop.snapshot/1).
With --from the same of a capture, or of text that ss -tanoe, netstat -tano or
cat /proc/net/tcp wrote. With --all-netns a line for every network namespace and
the worst in full, or with --json all of them (twtop.snapshots/1).

  twtop snapshot --json | jq '.destinations[0].ports'
  twtop snapshot --from night.twtop --at 03:12
  ssh web-3 ss -tanoe | twtop snapshot --from -`

// snapshotFlags are the flags of `twtop snapshot`.
type snapshotFlags struct {
	target target
	asJSON bool
	from   string
	at     moment
	all    bool
}

func newSnapshot() *cobra.Command {
	var o snapshotFlags
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "one look, as text or JSON",
		Long:  snapshotLong,
		Args:  cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			if o.all {
				return snapshotAll(cmd, &o)
			}
			r, err := o.report(cmd)
			if err != nil {
				return err
			}
			if o.asJSON {
				return report.JSON(os.Stdout, r)
			}
			return report.Text(os.Stdout, r, report.Width)
		}),
	}
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "a capture or text: `FILE`, or - for standard input")
	f.Var(&o.at, "at", "of a capture: 90s after its beginning, or a time (UTC)")
	o.target.register(cmd)
	registerAll(cmd, &o.all)
	f.BoolVar(&o.asJSON, "json", false, "one JSON object instead of text")
	_ = cmd.RegisterFlagCompletionFunc("at", cobra.NoFileCompletions)
	return cmd
}

// report is of the kernel, or of what --from names.
func (o *snapshotFlags) report(cmd *cobra.Command) (*diagnosis.Report, error) {
	if !cmd.Flags().Changed("from") {
		if o.at.given {
			return nil, usagef("--at %v: it chooses a moment of a capture; name one by --from", &o.at)
		}
		config, err := o.target.looked(cmd)
		if err != nil {
			return nil, err
		}
		return lookOnce(cmd.Context(), config)
	}
	if err := o.check(cmd); err != nil {
		return nil, err
	}
	r, err := openRecording(cmd.Context(), o.from, os.Stdin)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.report(cmd.Context(), o.at)
}

// check refuses what --from leaves no room for.
func (o *snapshotFlags) check(cmd *cobra.Command) error {
	if o.from == "" {
		return usagef("--from: the name of a file is missing")
	}
	for _, name := range []string{"netns", "pid", "ipv4", "ipv6"} {
		if cmd.Flags().Changed(name) {
			return usagef("--from and --%s exclude each other: what is in a recording was chosen when it was made", name)
		}
	}
	return nil
}

// lookOnce reads and assesses a single snapshot.
func lookOnce(ctx context.Context, config live.Config) (*diagnosis.Report, error) {
	src, err := live.Open(config)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	s, err := src.Read(ctx)
	if err != nil {
		return nil, err
	}
	return new(diagnosis.Assessor).Assess(s), nil
}
