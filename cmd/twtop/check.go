package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/report"
)

const checkLong = `One look for a monitoring system: one line with performance data, and an exit
code. 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (no look was possible, or wrong
usage). It goes by the pressure of the worst destination: ports used and not
reusable, in percent of those that it may have. No port left is always CRITICAL.
With --all-netns by the worst of all network namespaces; it takes root.

  twtop check
  twtop check --warn 70 --crit 95 --pid "$(pgrep -o nginx)"`

func newCheck() *cobra.Command {
	var t target
	var limits report.Thresholds
	var all bool
	timeout := interval(10 * time.Second)
	cmd := answering(&cobra.Command{
		Use:   "check",
		Short: "one line and an exit code, for monitoring",
		Long:  checkLong,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkLimits(limits); err != nil {
				return err
			}
			line, status, err := checkInTime(cmd, time.Duration(timeout), func() (string, report.Status, error) {
				return checkOnce(cmd, &t, all, limits)
			})
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(os.Stdout, line); err != nil || status == report.StatusOK {
				return err
			}
			return ending{code: int(status)}
		},
	}, tellUnknown)
	registerLimits(cmd, &limits)
	cmd.Flags().VarP(&timeout, "timeout", "t", "UNKNOWN after this `time`")
	t.register(cmd)
	registerAll(cmd, &all)
	return cmd
}

// registerLimits adds the flags of a check that the config file may set as well.
func registerLimits(cmd *cobra.Command, limits *report.Thresholds) {
	f := cmd.Flags()
	f.Float64VarP(&limits.Warn, "warn", "w", 50, "WARNING from this pressure on, in `PERCENT`")
	f.Float64VarP(&limits.Crit, "crit", "c", 90, "CRITICAL from this pressure on, in `PERCENT`")
}

func checkLimits(limits report.Thresholds) error {
	if why := limits.Valid(); why != "" {
		return usagef("--warn and --crit: %s", why)
	}
	return nil
}

// checkInTime ends a check that takes too long, as a plugin has to: ten seconds
// are what the Monitoring Plugins Development Guidelines want ("Timeouts").
func checkInTime(cmd *cobra.Command, timeout time.Duration, check func() (string, report.Status, error)) (line string, status report.Status, err error) {
	if timeout <= 0 {
		return "", report.StatusUnknown, usagef("--timeout %v: want more than 0", timeout)
	}
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), timeout, fmt.Errorf("no look was complete within %v", timeout))
	defer cancel()
	cmd.SetContext(ctx)
	err = interruptible(ctx, func() (err error) {
		line, status, err = check()
		return err
	})
	if err != nil { // what is left alone may write to line still
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = context.Cause(ctx)
		}
		return "", report.StatusUnknown, err
	}
	return line, status, nil
}

// checkOnce looks at what t names, or at all namespaces.
func checkOnce(cmd *cobra.Command, t *target, all bool, limits report.Thresholds) (line string, status report.Status, err error) {
	config, err := t.config(cmd)
	if err != nil {
		return "", report.StatusUnknown, err
	}
	if all {
		return checkEverywhere(cmd, config, limits)
	}
	r, err := lookOnce(cmd.Context(), config)
	if err != nil {
		return "", report.StatusUnknown, err
	}
	line, status = report.Check(r, limits)
	return line, status, nil
}

// tellUnknown writes the line of a check that failed where the monitoring system
// reads it. What is left to tell is the trace of a bug.
func tellUnknown(cmd *cobra.Command, err error) error {
	line, _ := explain(cmd, err)
	line, _, _ = strings.Cut(line, "\n")
	line = report.CheckLine(report.StatusUnknown, strings.TrimPrefix(line, "twtop: "))
	if _, failed := fmt.Fprintln(os.Stdout, line); failed != nil {
		return failure{failed}
	}
	if bug := (*source.PanicError)(nil); errors.As(err, &bug) {
		return err
	}
	return nil
}
