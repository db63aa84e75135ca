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
80 columns. With --json as one object for a script (twtop.snapshot/1).`

func newSnapshot() *cobra.Command {
	var t target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "one look, as text or JSON",
		Long:  snapshotLong,
		Args:  cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			config, err := t.config(cmd)
			if err != nil {
				return err
			}
			r, err := lookOnce(cmd.Context(), config)
			if err != nil {
				return err
			}
			if asJSON {
				return report.JSON(os.Stdout, r)
			}
			return report.Text(os.Stdout, r, report.Width)
		}),
	}
	t.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object instead of text")
	return cmd
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
