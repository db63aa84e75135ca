package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/report"
	"github.com/359a26c5/twtop/source/sysctl"
)

const applyLong = `Shows the plan, and with --yes writes what is ticked, or the KEYs named alone.
Each value is looked at just before it is written, and read back just after it.
The first failure puts back what was written. A journal is on the disk before
the first write: undo works after a crash as well.

  twtop sysctl apply                            the plan, nothing is written
  sudo twtop sysctl apply --yes                 what is ticked
  sudo twtop sysctl apply net.ipv4.tcp_tw_reuse --yes
  sudo twtop sysctl apply --yes --persist       and /etc/sysctl.d/60-twtop.conf`

func newApply() *cobra.Command {
	var o planFlags
	var yes, persist bool
	cmd := &cobra.Command{
		Use:               "apply [KEY…]",
		Short:             "write the plan, with --yes",
		Long:              applyLong,
		Annotations:       map[string]string{writesKernel: "with --yes"},
		ValidArgsFunction: completeKeys,
		Args:              knownKeys,
		RunE: does(func(cmd *cobra.Command, keys []string) error {
			p, err := o.plan(cmd, keys)
			if err != nil {
				return err
			}
			defer p.close()
			if !yes {
				return p.showLasting(os.Stdout, persist)
			}
			w := surely(os.Stdout)
			_ = report.PlanText(w, p.report, &p.plan, report.Width)
			fmt.Fprintln(w)
			if err := o.refusedPorts(&p.plan); err != nil {
				return w.end(err)
			}
			return w.end(interrupted(p.apply(cmd.Context(), w, persist)))
		}),
	}
	o.register(cmd)
	cmd.Flags().BoolVar(&o.readOnly, "read-only", false, "write nothing, whatever else is asked for")
	cmd.Flags().BoolVar(&yes, "yes", false, "write it")
	cmd.Flags().BoolVar(&persist, "persist", false, "write the drop-in for the next boot as well")
	return cmd
}

// apply writes the plan, and tells what was done.
func (p *planned) apply(ctx context.Context, w io.Writer, persist bool) error {
	if persist && p.plan.PersistRefused != "" && p.plan.Refused == "" {
		return fmt.Errorf("nothing was written: --persist: %s", p.plan.PersistRefused)
	}
	res, err := p.host.Apply(ctx, p.plan)
	if errors.Is(err, sysctl.ErrNothing) && !persist {
		_, err = fmt.Fprintln(w, "Nothing was written: nothing is ticked.")
		return err
	}
	if !errors.Is(err, sysctl.ErrNothing) {
		if told := report.ResultText(w, &res, report.Width); err == nil {
			err = told
		}
		if err != nil {
			return err
		}
	}
	if persist {
		res, err = p.persist(ctx, w, res.ID)
		if told := report.ResultText(w, &res, report.Width); err == nil {
			err = told
		}
	} else {
		fmt.Fprintln(w, p.lasts())
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Put it back with `%s --yes`. The audit log is in %s.\n", p.again("undo"), p.host.StateDir)
	return err
}

// showLasting is show, with what would be persisted where that is asked for.
func (p *planned) showLasting(w io.Writer, persist bool) error {
	if !persist || p.plan.Refused != "" || p.plan.PersistRefused != "" {
		return p.show(w)
	}
	if err := report.PlanText(w, p.report, &p.plan, report.Width); err != nil {
		return err
	}
	l, err := p.host.PlanPersistAfter(p.plan)
	switch {
	case errors.Is(err, sysctl.ErrNothingToPersist):
		_, err = fmt.Fprintf(w, "Nothing to persist: %v.\n", err)
		return err
	case err != nil:
		return fmt.Errorf("--persist: %w", err)
	}
	if err := p.showPersist(w, &l); err != nil || len(p.plan.Chosen()) == 0 && l.Already() {
		return err
	}
	_, err = fmt.Fprintf(w, "Nothing was written: `%s` writes what is ticked, and the file.\n", p.again("apply"))
	return err
}

func (p *planned) showPersist(w io.Writer, l *sysctl.PersistPlan) error {
	file := sysctl.DropIn{Root: p.host.Root}
	return report.PersistText(w, l, file.Path(), report.Width)
}

// persist makes what holds last: that of an apply, where there was one. What is
// written is shown before.
func (p *planned) persist(ctx context.Context, w io.Writer, apply string) (sysctl.Result, error) {
	l, err := p.host.PlanPersist(ctx)
	switch {
	case err != nil:
		return sysctl.Result{}, fmt.Errorf("nothing was persisted: %w", err)
	case apply != "" && l.ID != apply:
		return sysctl.Result{}, errors.New("nothing was persisted: there was another apply or undo meanwhile")
	}
	_ = p.showPersist(w, &l) // what --yes asks for is done, whether anybody reads of it or not
	return p.host.Persist(ctx, p.plan, l)
}

// lasts says for how long values hold that are not persisted.
func (p *planned) lasts() string {
	if p.plan.PersistRefused != "" {
		return "Not persisted: it lasts as long as this network namespace does."
	}
	return "Not persisted: the next boot has the old values. --persist keeps the new ones."
}

// knownKeys: a key that twtop does not know is wrong usage.
func knownKeys(_ *cobra.Command, keys []string) error {
	for _, key := range keys {
		if _, ok := sysctl.Lookup(key); !ok {
			if full := "net.ipv4." + key; known(full) {
				return usagef("apply: %s is no key that twtop knows; did you mean %s?", key, full)
			}
			return usagef("apply: %s is no key that twtop knows; `twtop sysctl` lists those it would set", key)
		}
	}
	return nil
}

func known(key string) bool {
	_, ok := sysctl.Lookup(key)
	return ok
}

// completeKeys offers the keys that may be written and are not named yet.
func completeKeys(_ *cobra.Command, named []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, k := range sysctl.Catalogue() {
		if k.Fixed == "" && strings.HasPrefix(k.Name, typed) && !slices.Contains(named, k.Name) {
			out = append(out, k.Name+"\t"+k.Summary)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
