package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
)

const waitLong = `Waits until ports are back, for scripts that would sleep for a minute between
two load tests. Free ports are those that further connect() calls get now,
without those in TIME-WAIT that may be reused. With --all-netns they have to be
back in every network namespace. Exit codes: 0 they are there, 1 they were not
in time, 3 an error, wrong usage, or interrupted.

  twtop wait && k6 run load.js
  twtop wait --to 127.0.0.1:4001 --free 20000 --timeout 90s`

// waitFlags are the flags of `twtop wait`.
type waitFlags struct {
	target  target
	all     bool
	to      destination
	free    uint16
	timeout interval
}

func newWait() *cobra.Command {
	o := waitFlags{timeout: interval(120 * time.Second)}
	cmd := answering(&cobra.Command{
		Use:   "wait",
		Short: "blocks until ports are back",
		Long:  waitLong,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return waitForPorts(cmd, &o) },
	}, untold)
	f := cmd.Flags()
	f.Var(&o.to, "to", "destination; without it every one")
	f.Uint16Var(&o.free, "free", 0, "so many free `PORTS`, half of all without it")
	f.Var(&o.timeout, "timeout", "give up after this `time`; 0 looks once")
	o.target.register(cmd)
	registerAll(cmd, &o.all)
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.NoFileCompletions)
	return cmd
}

func waitForPorts(cmd *cobra.Command, o *waitFlags) error {
	if o.timeout < 0 {
		return usagef("--timeout %v: want 0 or more", &o.timeout)
	}
	if cmd.Flags().Changed("free") && o.free == 0 {
		return usagef("--free 0: want 1 port or more")
	}
	config, err := o.target.config(cmd)
	if err != nil {
		return err
	}
	w := waiter{line: progressOn(os.Stderr)}
	wanted := diagnosis.Wanted{To: netip.AddrPort(o.to), Free: int(o.free)}
	if o.all {
		if err := checkAll(cmd); err != nil {
			return err
		}
		w.looker = &everywhere{config: config, wanted: wanted}
		return w.wait(cmd.Context(), time.Duration(o.timeout))
	}
	src, err := live.Open(config)
	if err != nil {
		return err
	}
	defer src.Close()
	w.looker = &oneNamespace{watch: watch{source: src, interval: time.Second}, wanted: wanted}
	return w.wait(cmd.Context(), time.Duration(o.timeout))
}

// looker looks again and again for ports that are wanted.
type looker interface {
	look(context.Context) (standing, error)
	// rest waits until the next look is due, or until end where that is sooner.
	rest(ctx context.Context, end time.Time) error
}

// standing is what a look has found: how many ports there are, and when more
// come back.
type standing struct {
	met         bool
	words, back string
}

// waiter looks until ports are back.
type waiter struct {
	looker
	line *progress
}

// wait returns nil when the ports are there. It looks a last time when timeout ends.
func (w *waiter) wait(ctx context.Context, timeout time.Duration) error {
	defer w.line.wipe()
	start := time.Now()
	end := start.Add(timeout)
	for {
		s, err := w.look(ctx)
		if err != nil {
			return err
		}
		if s.met {
			w.line.end(fmt.Sprintf("there after %s: %s", seconds(time.Since(start)), s.words))
			return nil
		}
		if !time.Now().Before(end) {
			return ending{failure{fmt.Errorf("not in time (%s): %s", seconds(timeout), s.words)}, exitFailed}
		}
		w.line.show("waiting: " + s.words + s.back)
		if err := w.rest(ctx, end); err != nil {
			return err
		}
	}
}

// oneNamespace is the looker for a single one.
type oneNamespace struct {
	watch
	assessor diagnosis.Assessor
	wanted   diagnosis.Wanted
}

func (o *oneNamespace) look(ctx context.Context) (standing, error) {
	s, err := o.watch.look(ctx)
	if err != nil {
		return standing{}, err
	}
	r := o.assessor.Assess(s)
	left, err := o.wanted.Check(r)
	return standing{left.Met(), leftWords(r, left), backWords(left)}, err
}

// leftWords says how many ports are free, where, and how many are wanted.
func leftWords(r *diagnosis.Report, s diagnosis.Shortfall) string {
	if s.Destination < 0 {
		return fmt.Sprintf("%s free for each destination, %s wanted", diagnosis.Plural(s.Free, "port"), diagnosis.Grouped(s.Wanted))
	}
	return fmt.Sprintf("%v has %s free, %s wanted", &r.Destinations[s.Destination],
		diagnosis.Plural(s.Free, "port"), diagnosis.Grouped(s.Wanted))
}

func backWords(s diagnosis.Shortfall) string {
	if s.In == nil {
		return ""
	}
	return fmt.Sprintf(", back in about %s by the timers", seconds(*s.In))
}

// seconds writes a time as scripts and people give it: 31 s, 1.5 s.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
}

// destination is a flag's remote address and port. The address is unmapped, as
// everywhere.
type destination netip.AddrPort

func (d *destination) Set(s string) error {
	a, err := netip.ParseAddrPort(s)
	if err != nil || a.Port() == 0 || a.Addr().Zone() != "" {
		return fmt.Errorf("want an address and a port, like 127.0.0.1:4001 or [::1]:4001; names are not looked up")
	}
	*d = destination(netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
	return nil
}

func (d *destination) String() string {
	if a := netip.AddrPort(*d); a.IsValid() {
		return a.String()
	}
	return ""
}

// Type implements pflag.Value.
func (d *destination) Type() string { return "ADDR:PORT" }
