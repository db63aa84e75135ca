package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// Status is what a monitoring plugin says, and its exit code (Monitoring
// Plugins Development Guidelines, "Plugin Return Codes").
type Status int

// The statuses.
const (
	StatusOK Status = iota
	StatusWarning
	StatusCritical
	StatusUnknown
)

// String returns the status as a plugin writes it: "CRITICAL".
func (s Status) String() string {
	return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[min(max(s, 0), StatusUnknown)]
}

// Thresholds are from which pressure on a check warns, and calls it critical, in
// percent. Both belong to the alarm, as with the findings: 90 alarms at 90.0.
type Thresholds struct{ Warn, Crit float64 }

// Valid says what is wrong with the thresholds, "" if nothing is.
func (t Thresholds) Valid() string {
	for _, v := range [...]float64{t.Warn, t.Crit} {
		if !(v >= 0 && v <= 100) { // NaN as well
			return fmt.Sprintf("%v is no percentage from 0 to 100", v)
		}
	}
	if t.Warn > t.Crit {
		return fmt.Sprintf("the warning at %s %% would come after the critical state at %s %%", number(t.Warn), number(t.Crit))
	}
	return ""
}

// Check is r as one line of a monitoring plugin, with the performance data of
// the worst destination behind "|", and its status. Where no port is left it is
// critical whatever the thresholds are.
func Check(r *diagnosis.Report, t Thresholds) (line string, status Status) {
	w := worstOf(r)
	status = t.judge(w.pressure)
	return CheckLine(status, w.text(r)+t.others(r)) + " | " + w.perfdata(t, r.Ports.Capacity), status
}

// checkLimit bounds a line, in characters: plugins' readers take 4 KiB or more.
const checkLimit = 1000

// CheckLine is a status with what it is about, cleaned, and without the "|" that
// performance data begin with. It is what a check says that saw nothing.
func CheckLine(s Status, text string) string {
	text = strings.ReplaceAll(source.Clean(text, checkLimit), "|", "/")
	return s.String() + ": " + text
}

func (t Thresholds) judge(pressure float64) Status {
	switch {
	case pressure >= 100, pressure >= t.Crit && pressure > 0:
		return StatusCritical
	case pressure >= t.Warn && pressure > 0:
		return StatusWarning
	}
	return StatusOK
}

// worst is what a check goes by. Without a destination, all ports are free.
type worst struct {
	destination                *diagnosis.Destination
	pressure                   float64
	used, free, left, timeWait int
}

func worstOf(r *diagnosis.Report) worst {
	if len(r.Destinations) == 0 {
		w := worst{free: r.Ports.Capacity, left: r.Ports.Capacity}
		if r.Ports.Capacity == 0 {
			w.pressure = 100
		}
		return w
	}
	d := &r.Destinations[0]
	w := worst{destination: d, pressure: d.Ports.Pressure, used: d.Ports.Used, free: d.Ports.Free, left: d.Ports.Free}
	w.timeWait = int(d.States[source.StateTimeWait])
	if d.Ports.Reusable != nil {
		w.left += *d.Ports.Reusable
	}
	return w
}

// text says how it stands. It is ASCII: what reads plugins may know no other.
func (w *worst) text(r *diagnosis.Report) string {
	p := &r.Ports
	var s string
	switch d := w.destination; {
	case p.Capacity == 0:
		s = fmt.Sprintf("no local port can be given out: all of %s are reserved or bound", plainRange(p.Range))
	case d == nil:
		s = fmt.Sprintf("no outgoing connections, all %d local ports are free", p.Capacity)
	case w.left <= 0:
		s = fmt.Sprintf("%s has no local port left of %d%s%s", plainName(d), p.Capacity, doubtfulReuse(d), firstBack(d))
	default:
		s = fmt.Sprintf("%s holds %d of %d local ports, pressure %s %%, %s%s",
			plainName(d), w.used, p.Capacity, number(tenths(w.pressure)), roomLeft(d), timeLeft(d))
	}
	if p.Assumed {
		s += fmt.Sprintf("; the port range is not known, %s is assumed", plainRange(p.Range))
	}
	return s
}

func plainName(d *diagnosis.Destination) string { return strings.ReplaceAll(d.String(), "→", "->") }

func plainRange(r source.PortRange) string { return fmt.Sprintf("%d-%d", r.Low, r.High) }

// roomLeft is how many connections more it bears.
func roomLeft(d *diagnosis.Destination) string {
	s := fmt.Sprintf("%d free", d.Ports.Free)
	if !d.Ports.FreeExact {
		s = "at most " + s
	}
	if d.Ports.Reusable != nil && *d.Ports.Reusable > 0 {
		s += fmt.Sprintf(", %d reusable", *d.Ports.Reusable)
	}
	return s
}

// timeLeft says when the ports run out, "" where they do not or nobody knows.
func timeLeft(d *diagnosis.Destination) string {
	if d.Forecast == nil || d.Forecast.Exhausted == nil || *d.Forecast.Exhausted <= 0 {
		return ""
	}
	seconds := int(math.Ceil(d.Forecast.Exhausted.Seconds()))
	if d.Forecast.AtTheEdge {
		return fmt.Sprintf(", may run out in about %d s", seconds)
	}
	return fmt.Sprintf(", runs out in about %d s", seconds)
}

// doubtfulReuse: connect() may get a port all the same.
func doubtfulReuse(d *diagnosis.Destination) string {
	if d.Ports.Reusable == nil && d.Ports.UsedTimeWait > 0 {
		return ", unless TIME-WAITs may be reused, which is not known"
	}
	return ""
}

func firstBack(d *diagnosis.Destination) string {
	switch {
	case d.NextRelease != nil:
		return fmt.Sprintf(", the first comes back in %d s", max(int(math.Ceil(d.NextRelease.Seconds())), 0))
	case d.ClosesLast == nil: // no timers are told
		return ""
	}
	return ", each comes back when its connection ends"
}

// others says how many destinations besides the worst are to be warned of.
func (t Thresholds) others(r *diagnosis.Report) string {
	n := 0
	for i := 1; i < len(r.Destinations) && t.judge(r.Destinations[i].Ports.Pressure) != StatusOK; i++ {
		n++
	}
	if n == 0 || r.Ports.Capacity == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more at %s %% or above", n, number(t.Warn))
}

// perfdata are the figures for a graph: 'label'=value[UOM];warn;crit;min;max,
// with a point for decimals and no thousands separators, in every locale. The
// labels need no quotes, and are the same whatever is known.
func (w *worst) perfdata(t Thresholds, capacity int) string {
	return fmt.Sprintf("pressure=%s%%;%s;%s;0;100 free=%d;;;0;%d used=%d;;;0;%d time_wait=%d;;;0;",
		number(tenths(w.pressure)), number(t.Warn), number(t.Crit), w.free, capacity, w.used, capacity, w.timeWait)
}

// number writes 50, 92.1.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
