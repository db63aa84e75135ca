package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
	"github.com/359a26c5/twtop/source/tune"
)

// recorded is the plan for the host of a capture or a text, as of a moment.
func (o *planFlags) recorded(cmd *cobra.Command, from string, at moment) (plan sysctl.Plan, meta sysctl.ExportMeta, err error) {
	for _, name := range []string{"netns", "pid"} {
		if cmd.Flags().Changed(name) {
			return plan, meta, usagef("--from and --%s exclude each other: one is a recording, the other this host", name)
		}
	}
	rec, err := openRecording(cmd.Context(), from, os.Stdin)
	if err != nil {
		return plan, meta, err
	}
	defer func() { _ = rec.Close() }()
	r, err := rec.report(cmd.Context(), at)
	if err != nil {
		return plan, meta, err
	}
	plan, err = tune.Recorded{}.Plan(cmd.Context(), r, source.PortSet(o.reserve))
	h := &r.Snapshot.Host
	return plan, sysctl.ExportMeta{Host: h.Name, Kernel: h.Kernel, Made: madeAt(r.Snapshot.Taken, time.Now())}, err
}

// madeAt is when the snapshot was taken, or now where it does not tell.
func madeAt(taken, now time.Time) time.Time {
	if taken.IsZero() {
		return now
	}
	return taken
}
