package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
)

const recordLong = `Writes a capture, until Ctrl-C or SIGTERM ends it. A file that is there already
is not overwritten; in a directory (-o DIR) the file is named by the time, and
with -o - the capture goes to standard output. --on waits until a destination is
in trouble, and keeps the 5 minutes before: pressure>80 (percent), free<500
(ports), or the id of a finding (twtop explain lists them).

  twtop record -o night.twtop --on 'pressure>80' --for 30m
  ssh web-3 twtop record -o - --for 1m > web-3.twtop
  twtop snapshot --from web-3.twtop --at 30s`

// recordFlags are the flags of `twtop record`.
type recordFlags struct {
	target   target
	out      string
	interval interval
	last     interval
	maxSize  size
	on       string
	mask     bool
}

// defaultMaxSize is what a file may grow to where nobody says otherwise.
const defaultMaxSize = 200e6

func newRecord() *cobra.Command {
	o := recordFlags{interval: interval(time.Second), maxSize: defaultMaxSize}
	cmd := &cobra.Command{
		Use:   "record -o FILE",
		Short: "writes a capture, to be looked at later",
		Long:  recordLong,
		Args:  cobra.NoArgs,
		RunE:  does(func(cmd *cobra.Command, _ []string) error { return recordTo(cmd, &o) }),
	}
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "the capture: a new `FILE`, or - for standard output")
	f.Var(&o.last, "for", "end after this `time`, counted from when --on holds")
	f.Lookup("for").DefValue = "" // "0s" would read as "at once"
	f.VarP(&o.interval, "interval", "i", "`time` between two looks, 2s or 2")
	f.Var(&o.maxSize, "max-size", "end before the capture is larger; a stream may grow")
	f.StringVar(&o.on, "on", "", "begin when this `CONDITION` holds")
	f.BoolVar(&o.mask, "anonymize", false, "other addresses, the same throughout, and no names")
	o.target.register(cmd)
	_ = cmd.RegisterFlagCompletionFunc("on", completeCondition)
	return cmd
}

// completeCondition offers the ids of findings, and how the others look.
func completeCondition(_ *cobra.Command, _ []string, typed string) (out []string, _ cobra.ShellCompDirective) {
	for _, c := range append([]string{"pressure>80", "free<500"}, findingNames()...) {
		if strings.HasPrefix(c, typed) {
			out = append(out, c)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func findingNames() (names []string) {
	for _, id := range diagnosis.IDs() {
		names = append(names, string(id))
	}
	return names
}

// check says what is wrong with the flags, and reads the condition.
func (o *recordFlags) check(cmd *cobra.Command) (on *diagnosis.Condition, err error) {
	changed := cmd.Flags().Changed
	switch {
	case o.out == "":
		return nil, usagef("say where the capture goes: -o FILE, or -o - for standard output")
	case time.Duration(o.interval) < shortestInterval:
		return nil, usagef("--interval %v: %v is the shortest", &o.interval, shortestInterval)
	case changed("for") && o.last <= 0:
		return nil, usagef("--for %v: want more than 0", &o.last)
	case o.out == "-" && !changed("max-size"):
		o.maxSize = 0 // a stream may go on as long as somebody reads it
	}
	if !changed("on") {
		return nil, nil
	}
	c, err := diagnosis.ParseCondition(o.on)
	if err != nil {
		return nil, usagef("--on: %w", err)
	}
	return &c, nil
}

func recordTo(cmd *cobra.Command, o *recordFlags) error {
	on, err := o.check(cmd)
	if err != nil {
		return err
	}
	config, err := o.target.watched(cmd)
	if err != nil {
		return err
	}
	src, err := live.Open(config)
	if err != nil {
		return err
	}
	defer src.Close()
	var file *recordFile
	err = interruptible(cmd.Context(), func() (err error) { // a named pipe may have no reader
		file, err = createRecording(o.out, os.Stdout)
		return err
	})
	if err != nil {
		return err
	}
	file.limit = int64(o.maxSize)
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away shows as EPIPE
	r := recorder{
		watch: &watch{source: src, interval: time.Duration(o.interval)}, file: file, line: recordProgress(o.out),
		every: time.Duration(o.interval), last: time.Duration(o.last), on: on,
	}
	if o.mask {
		r.mask = newMask()
	}
	return r.finish(r.record(cmd.Context()))
}

// recordProgress is where it is shown how far a recording is: nowhere where it is
// read while it is written, by a screen on the same terminal perhaps.
func recordProgress(out string) *progress {
	if info, err := os.Stdout.Stat(); out == "-" && (err != nil || !info.Mode().IsRegular()) {
		return &progress{}
	}
	return progressOn(os.Stderr)
}

// newMask is an Anonymizer with a secret that nobody will know.
func newMask() *capture.Anonymizer {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	return capture.NewAnonymizer(secret)
}

// finish ends the recording, and says what became of it.
func (r *recorder) finish(err error) error {
	r.line.wipe()
	closed := r.file.close()
	name := source.Clean(r.file.name, lineLimit)
	switch {
	case err != nil && r.file.frames > 0:
		return fmt.Errorf("%w; what is in %s, %s, can be replayed", err, name, r.summary())
	case err != nil:
		return fmt.Errorf("%w; nothing was recorded", err)
	case closed != nil && !errors.Is(closed, syscall.EPIPE):
		return closed
	case r.began.IsZero() && r.on == nil:
		return errors.New("ended before the first look was complete: nothing was recorded")
	case r.waits():
		fmt.Fprintf(os.Stderr, "twtop: %v never held: nothing was recorded\n", r.on)
	case r.line.on() || r.file.dir != "":
		fmt.Fprintf(os.Stderr, "twtop: recorded %s to %s\n", r.summary(), name)
	}
	return nil
}
