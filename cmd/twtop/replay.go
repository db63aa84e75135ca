package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source/sysctl"
	"github.com/359a26c5/twtop/source/tune"
	"github.com/359a26c5/twtop/ui"
)

const replayLong = `The screen over a recording: a capture of twtop record, a built-in incident, or
text that ss -tanoe, netstat -tano or cat /proc/net/tcp wrote; - is standard
input. Without a name it shows the incident nginx-upstream.

  twtop replay night.twtop --at 03:12
  ssh web-3 twtop record -o - | twtop replay -
  ssh web-3 ss -tanoe | twtop replay -`

// replayFlags are the flags of `twtop replay`.
type replayFlags struct {
	looks
	at     moment
	speed  speed
	paused bool
	list   bool
}

// firstIncident is what is shown without a name.
const firstIncident = "nginx-upstream"

func newReplay() *cobra.Command {
	o := replayFlags{speed: 1}
	cmd := &cobra.Command{
		Use:               "replay [FILE|NAME|-]",
		Short:             "the screen over a capture or pasted text",
		Long:              replayLong,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeRecording,
		RunE: does(func(cmd *cobra.Command, args []string) error {
			if o.list {
				return listBuiltIn(os.Stdout)
			}
			name := firstIncident
			if len(args) > 0 {
				name = args[0]
			}
			return replay(cmd, &o, name)
		}),
	}
	f := cmd.Flags()
	f.Var(&o.at, "at", "begin 90s after the beginning, or at a time (UTC)")
	f.Var(&o.speed, "speed", "times as fast as it happened: 4, 0.5, or max")
	f.BoolVar(&o.paused, "paused", false, "do not play until Space is pressed")
	f.BoolVar(&o.list, "list", false, "name the built-in incidents")
	o.looks.registerSettings(cmd)
	o.looks.registerFilter(cmd)
	for _, name := range []string{"at", "speed"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	return cmd
}

// completeRecording offers the built-in incidents, and files.
func completeRecording(_ *cobra.Command, args []string, typed string) (out []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, name := range builtInNames() {
		if strings.HasPrefix(name, typed) {
			out = append(out, name)
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

// replay shows a recording until the screen is left. Where standard input is a
// recording, Bubble Tea takes the keys from the terminal itself: /dev/tty, or
// CONIN$ on Windows.
func replay(cmd *cobra.Command, o *replayFlags, name string) error {
	if err := o.looks.check(); err != nil {
		return err
	}
	const instead = "`twtop snapshot --from FILE` writes one moment as text"
	if err := needTerminal("a replay", instead, os.Stdout.Fd(), os.Getenv("TERM")); err != nil {
		return err
	}
	ctx := cmd.Context()
	rec, err := beginRecording(ctx, name, os.Stdin)
	if err != nil {
		return err
	}
	defer func() { _ = rec.Close() }()
	r, err := rec.replay(ctx, o)
	if err != nil {
		return err
	}
	return ui.Run(ctx, ui.Options{
		Replay: r, Tuner: tune.Recorded{}, Theme: o.theme, Filter: o.filter, Columns: o.columns,
		Version: build().version, SysctlCatalogue: sysctl.Catalogue(),
	})
}

// replay is the recording as the screen wants it.
func (r *recording) replay(ctx context.Context, o *replayFlags) (*ui.Replay, error) {
	if r.capture == nil {
		if o.at.given {
			return nil, usagef("--at %v: %s is a text, and holds one moment", &o.at, r.name)
		}
		return &ui.Replay{Tape: ui.Still{Moment: r.text}, Name: filepath.Base(r.name)}, nil
	}
	if o.at.given {
		if err := r.awaitMoment(ctx, o.at, progressOn(os.Stderr)); err != nil {
			return nil, err
		}
	}
	at := r.capture.First()
	if o.at.given {
		var err error
		if at, err = r.frameAt(o.at); err != nil {
			return nil, err
		}
	}
	h := r.capture.Header()
	title := r.title
	if title == "" {
		title = h.About
	}
	survey := r.capture.Cursor()
	r.survey = survey
	return &ui.Replay{
		Tape: r.capture, Survey: survey, Name: filepath.Base(r.name), Title: title, Tool: h.Tool,
		At: at, Speed: float64(o.speed), Paused: o.paused,
	}, nil
}

// awaitMoment waits until a stream has come to a moment, has ended, or is too
// long for its beginning to be kept, and says so meanwhile.
func (r *recording) awaitMoment(ctx context.Context, at moment, line *progress) error {
	defer line.wipe()
	const far = 100 * 365 * 24 * time.Hour
	for c := r.capture; !c.Ended(); {
		so := "has no frame yet"
		if n := c.Len(); n > 0 {
			began, last := c.Taken(0), c.Taken(n-1)
			t, err := at.in(began, began.Add(far))
			if err != nil || c.First() > 0 || !last.Before(t) {
				return nil // frameAt says what is wrong
			}
			so = fmt.Sprintf("has come %v so far", last.Sub(began).Round(time.Second))
		}
		line.show(fmt.Sprintf("waits for --at %v: %s %s; Ctrl-C gives up", &at, r.name, so))
		if err := c.Wait(ctx, c.Len()); err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

// speed is a flag's speed of a replay.
type speed float64

// The bounds of a speed.
const slowest, fastest = 0.01, 1000

func (s *speed) Set(text string) error {
	if text == "max" {
		*s = speed(ui.MaxSpeed)
		return nil
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "x"), "×")
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= slowest && v <= fastest) {
		return errors.New("want a number like 4 or 0.5, or max")
	}
	*s = speed(v)
	return nil
}

func (s *speed) String() string {
	if math.IsInf(float64(*s), 1) {
		return "max"
	}
	return strconv.FormatFloat(float64(*s), 'g', -1, 64)
}

// Type implements pflag.Value.
func (s *speed) Type() string { return "SPEED" }
