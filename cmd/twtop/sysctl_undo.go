package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/report"
	"github.com/359a26c5/twtop/source/sysctl"
	"github.com/359a26c5/twtop/source/tune"
)

const undoLong = `Shows what the last apply changed, and with --yes puts it back: the kernel's
values, and the lines of /etc/sysctl.d/60-twtop.conf. A key that somebody else
has set since stays as it is. What was set before the last boot is gone with it
and is never put back.

  sudo twtop sysctl undo            what it would do
  sudo twtop sysctl undo --yes      do it`

func newUndo() *cobra.Command {
	var o planFlags
	var yes bool
	cmd := &cobra.Command{
		Use:         "undo",
		Short:       "put back the last apply, with --yes",
		Long:        undoLong,
		Annotations: map[string]string{writesKernel: "with --yes"},
		Args:        cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			t, err := o.open(cmd, nil)
			if err != nil {
				return err
			}
			defer t.close()
			if !yes {
				return t.undo(cmd.Context(), os.Stdout, false)
			}
			w := surely(os.Stdout)
			return w.end(interrupted(t.undo(cmd.Context(), w, true)))
		}),
	}
	o.target.registerNamespace(cmd)
	cmd.Flags().BoolVar(&o.readOnly, "read-only", false, "write nothing, whatever else is asked for")
	cmd.Flags().BoolVar(&yes, "yes", false, "put it back")
	return cmd
}

// undo shows what there is to put back, and puts it back if that is wanted.
func (t *tuned) undo(ctx context.Context, w io.Writer, yes bool) error {
	u, err := t.host.PlanUndo(ctx)
	if errors.Is(err, sysctl.ErrNothingToUndo) && !errors.Is(err, tune.ErrNotRoot) {
		_, err = fmt.Fprintln(w, "Nothing to undo: nothing that twtop has set is left here.")
		return err
	}
	if err != nil {
		return err
	}
	file := sysctl.DropIn{Root: t.host.Root}
	if err := report.UndoText(w, &u, file.Path(), report.Width); err != nil {
		return err
	}
	if !yes {
		_, err = fmt.Fprintln(w, "Nothing was written: --yes puts it back.")
		return err
	}
	fmt.Fprintln(w)
	res, err := t.host.Undo(ctx, u)
	if told := report.ResultText(w, &res, report.Width); err == nil {
		err = told
	}
	if err != nil {
		return err
	}
	return leftBehind(&res)
}

// leftBehind says which keys somebody else has now.
func leftBehind(res *sysctl.Result) error {
	var keys []string
	for i := range res.Done {
		if d := &res.Done[i]; d.Outcome == sysctl.OutcomeTaken {
			keys = append(keys, d.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return fmt.Errorf("not put back, because somebody else has set them since: %s", strings.Join(keys, ", "))
}
