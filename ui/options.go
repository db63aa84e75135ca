package ui

import (
	"io"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Options is what a screen needs.
type Options struct {
	Source source.Source
	// Interval is the time from the start of one read to the next, 1 s if 0.
	// The screen stretches it where a read is dear; see pace.go.
	Interval time.Duration
	Theme    string // auto, dark, light or mono; "" is auto
	Filter   string // as typed after /; see diagnosis.ParseFilter
	// Columns are those of DestinationColumns that are shown, the last ones to
	// leave a narrow screen first; empty: all.
	Columns []string
	// ReadOnly says that nothing may be changed on the host: plans are shown, and
	// refused. The header says so.
	ReadOnly bool
	Version  string
	// NetNSPath is the file of the network namespace, where the source looks
	// into one that was chosen by process or path; "" for the screen's own, and
	// for one that `ip netns` has a name for. The commands that the screen
	// offers for copying enter it.
	NetNSPath string

	SysctlCatalogue []sysctl.Key
	// Tuner changes sysctls; nil where there is nothing to change: the keys for
	// it are not offered then. In a replay it is asked for plans only.
	Tuner Tuner
	// Saver saves what the screen has seen; nil where it cannot.
	Saver Saver
	// Replay is a recording that is shown instead of Source; nil for none.
	Replay *Replay

	// Namespaces are the other network namespaces of the host; nil where there is
	// only one to look at, as in a replay. Namespace is which of them Source is
	// of. Unasked says that they are looked into without being asked for, so
	// that the header can tell of one that is worse off.
	Namespaces Namespaces
	Namespace  source.Namespace
	Unasked    bool

	// Now is the clock, time.Now if nil. It dates costs and waits; what the
	// screen says about time comes from the snapshots.
	Now func() time.Time
	// CPU is the CPU time that the process has used, and whether the system
	// tells; getrusage if nil. It goes to what the screen costs.
	CPU func() (time.Duration, bool)
	// Getenv looks up the environment: NO_COLOR, TERM, COLORTERM, COLORFGBG.
	// Run takes os.Getenv if it is nil; New takes an empty environment.
	Getenv func(string) string
	// Output and Input are the terminal, standard output and input if nil.
	Output io.Writer
	Input  io.Reader
}

const defaultInterval = time.Second

func (o Options) withDefaults() Options {
	if o.Interval <= 0 {
		o.Interval = defaultInterval
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.CPU == nil {
		o.CPU = processCPU
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	return o
}
