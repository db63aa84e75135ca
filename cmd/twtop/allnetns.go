package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/report"
)

// registerAll adds --all-netns to a command that has the flags of a target.
func registerAll(cmd *cobra.Command, all *bool) {
	cmd.Flags().BoolVar(all, "all-netns", false, "every network namespace of the host (root)")
}

// checkAll refuses what --all-netns leaves no room for.
func checkAll(cmd *cobra.Command) error {
	for _, name := range []string{"netns", "pid", "from", "at"} {
		if cmd.Flags().Changed(name) {
			return usagef("--all-netns and --%s exclude each other", name)
		}
	}
	return nil
}

// snapshotAll writes a snapshot of every namespace: with --json all of them in
// full, else a line for each and the worst in full.
func snapshotAll(cmd *cobra.Command, o *snapshotFlags) error {
	if err := checkAll(cmd); err != nil {
		return err
	}
	config, err := o.target.looked(cmd)
	if err != nil {
		return err
	}
	if o.asJSON {
		looks, gaps, err := lookEverywhere(cmd.Context(), config)
		if err != nil {
			return err
		}
		return report.JSONMany(os.Stdout, looks, gaps)
	}
	all, gaps, worst, err := survey(cmd.Context(), config, nil)
	if err != nil {
		return err
	}
	return report.TextMany(os.Stdout, all, gaps, worst, report.Width)
}

// lookEverywhere reads and assesses a snapshot of each namespace, and says in
// the gaps which it could not.
func lookEverywhere(ctx context.Context, config live.Config) (looks []report.Look, gaps []string, err error) {
	list, gaps, err := live.Namespaces(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	refused := map[string][]string{} // why: which
	for i := range list {
		n := &list[i]
		if n.Refused != "" {
			refused[n.Refused] = append(refused[n.Refused], n.String())
			continue
		}
		r, err := lookInto(ctx, n, config)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			gaps = append(gaps, notSeen(n, err))
			continue
		}
		looks = append(looks, report.Look{Namespace: *n, Report: r})
	}
	report.SortLooks(looks)
	return looks, append(gaps, report.UnseenGaps(refused)...), nil
}

// notSeen says why there is no snapshot of a namespace.
func notSeen(n *source.Namespace, err error) string {
	if errors.Is(err, live.ErrGone) {
		return fmt.Sprintf("network namespace %v went away before it could be looked into", n)
	}
	return fmt.Sprintf("network namespace %v could not be looked into: %v", n, err)
}

// lookInto is lookOnce for a namespace that was found.
func lookInto(ctx context.Context, n *source.Namespace, config live.Config) (*diagnosis.Report, error) {
	src, err := live.OpenNamespace(n, config)
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

// verdictOf is of one snapshot, without those before.
func verdictOf(s *source.Snapshot) source.Verdict {
	return new(diagnosis.Assessor).Assess(s).Verdict()
}

// survey goes round all namespaces once, and looks into the worst in full.
// listFrom, if it is given, is from which pressure on sockets are listed.
func survey(ctx context.Context, config live.Config, listFrom *float64) (all []source.Standing, gaps []string, worst *diagnosis.Report, err error) {
	s, err := live.NewSurvey(config, verdictOf)
	if err != nil {
		return nil, nil, nil, err
	}
	defer s.Close()
	if listFrom != nil {
		s.ListFrom(*listFrom)
	}
	if err := s.Round(ctx); err != nil {
		return nil, nil, nil, err
	}
	all, gaps = s.Standing()
	worst, err = lookIntoWorst(ctx, all, config)
	slices.SortStableFunc(all, source.WorseFirst)
	return all, gaps, worst, err
}

// lookIntoWorst looks into the first of all that is still there. The report is
// nil where none can be looked into; an error is the context's.
func lookIntoWorst(ctx context.Context, all []source.Standing, config live.Config) (*diagnosis.Report, error) {
	for i := range all {
		s := &all[i]
		if s.Gone || s.Refused != "" {
			continue
		}
		r, err := lookInto(ctx, &s.Namespace, config)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, live.ErrGone):
			s.Gone = true
			continue
		case err != nil:
			s.Trouble, s.Verdict, s.AtMost = err.Error(), nil, nil
			continue
		}
		// Of the moment that is told in full, but for what it would take off
		// the top again.
		if v := r.Verdict(); s.Verdict == nil || v.Pressure >= s.Verdict.Pressure {
			s.Verdict = &v
		}
		return r, nil
	}
	return nil, nil
}

// checkEverywhere is the line and status of a check of all namespaces.
func checkEverywhere(cmd *cobra.Command, config live.Config, limits report.Thresholds) (line string, status report.Status, err error) {
	if err := checkAll(cmd); err != nil {
		return "", report.StatusUnknown, err
	}
	const listFrom = 10 // percent; below that a bound will do
	from := min(listFrom, limits.Warn)
	all, gaps, worst, err := survey(cmd.Context(), config, &from)
	if err != nil {
		return "", report.StatusUnknown, err
	}
	line, status = report.CheckMany(all, gaps, worst, limits)
	return line, status, nil
}
