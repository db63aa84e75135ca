package diagnosis

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
)

// The thresholds of the pressure, in percent of the capacity.
const (
	CriticalPressure = 90
	WarningPressure  = 25
)

// highPressure is from where on a destination is not called calm unless it is
// known to stay below its capacity.
const highPressure = 75

// Those in time: how near the end is worth a warning, and how long the demand
// must have been above what is sustainable where the pressure is low still.
const (
	soonEnough = 60 * time.Second
	longEnough = 10 * time.Second
)

// headline says the worst thing there is to say, or that all is well.
func headline(r *Report) Headline {
	for _, say := range []func(*Report) (Headline, bool){noRange, noPortLeft, fewPortsLeft, queueOverflow, runningOut, slowConnect, nearlyFull} {
		if h, ok := say(r); ok {
			return h
		}
	}
	return calm(r)
}

func noRange(r *Report) (Headline, bool) {
	if r.Ports.Capacity > 0 {
		return Headline{}, false
	}
	return Headline{
		Severity: SeverityCritical, Destination: -1,
		Text: fmt.Sprintf("No local port can be given out: all of %v are reserved or bound", r.Ports.Range),
		Evidence: fmt.Sprintf("%s reserved by ip_local_reserved_ports, %s taken by listeners and bound sockets; connect() fails with errno 99.",
			Grouped(r.Ports.Reserved), Grouped(r.Ports.Bound)),
	}, true
}

// noPortLeft: nothing is free and nothing may be reused.
func noPortLeft(r *Report) (Headline, bool) {
	return about(r, func(d *Destination) bool { return d.Ports.Free == 0 && zeroIfNil(d.Ports.Reusable) == 0 },
		SeverityCritical, func(d *Destination) string {
			if d.Ports.Reusable == nil {
				return fmt.Sprintf("%v has no free local port: connect() fails (errno 99) unless a TIME-WAIT may be reused, which is not known", d)
			}
			return fmt.Sprintf("%v has no local port left: connect() fails now (errno 99)", d)
		})
}

func fewPortsLeft(r *Report) (Headline, bool) {
	return about(r, func(d *Destination) bool { return d.Ports.Pressure >= CriticalPressure },
		SeverityCritical, func(d *Destination) string {
			return fmt.Sprintf("%v has %s of %s local ports left", d, Grouped(d.Ports.left()), Grouped(d.Ports.Capacity))
		})
}

// runningOut: at the present rate the last port goes within a minute, and a
// quarter of them are gone already, or it has been too much for a while.
func runningOut(r *Report) (Headline, bool) {
	return about(r, func(d *Destination) bool {
		f := d.Forecast
		return f != nil && f.Exhausted != nil && *f.Exhausted > 0 && *f.Exhausted <= soonEnough &&
			(d.Ports.Pressure >= WarningPressure || f.Above >= longEnough)
	}, SeverityWarning, func(d *Destination) string {
		return fmt.Sprintf("%v runs out of local ports in about %d s at this rate", d, int(math.Ceil(d.Forecast.Exhausted.Seconds())))
	})
}

func slowConnect(r *Report) (Headline, bool) {
	return about(r, func(d *Destination) bool { return d.Ports.SlowConnect },
		SeverityWarning, func(d *Destination) string {
			if d.Ports.Pressure > highPressure {
				return fmt.Sprintf("%v holds %s: connect() is slow, it searches half of them in vain each time", d, level(d))
			}
			return fmt.Sprintf("%v: connect() is slow, half of the local ports are taken and it searches them all each time", d)
		})
}

// nearlyFull: most ports are gone, and nothing says that the others will do.
func nearlyFull(r *Report) (Headline, bool) {
	return about(r, func(d *Destination) bool {
		return d.Ports.Pressure > highPressure && !d.staysWithin()
	}, SeverityNotice, func(d *Destination) string {
		return fmt.Sprintf("%v holds %s%s", d, level(d), prospect(d))
	})
}

// staysWithin reports whether the ports are known to do for what is wanted.
func (d *Destination) staysWithin() bool {
	return d.Forecast != nil && d.Forecast.Settles != nil && !d.Forecast.AtTheEdge && d.Demand != nil && !d.Demand.AtLeast
}

// level is how full a destination is, in words.
func level(d *Destination) string {
	s := fmt.Sprintf("%s of %s local ports (%d %%)", Grouped(d.Ports.Used), Grouped(d.Ports.Capacity),
		100*d.Ports.Used/max(d.Ports.Capacity, 1))
	if n := zeroIfNil(d.Ports.Reusable); n > 0 {
		s += fmt.Sprintf(", %s of them reusable now", Grouped(n))
	}
	return s
}

// prospect is what is known of those that are left.
func prospect(d *Destination) string {
	switch f := d.Forecast; {
	case d.Demand == nil || f == nil:
		return ", and how many more are wanted is not known"
	case f.Exhausted != nil && *f.Exhausted > 0:
		return fmt.Sprintf(", and runs out of them in about %d s at this rate", int(math.Ceil(f.Exhausted.Seconds())))
	case f.AtTheEdge:
		return ", and is at the edge of what they bear"
	case d.Demand.AtLeast:
		return fmt.Sprintf(", and at least %s/s more are wanted", Grouped(int(math.Round(d.Demand.PerSecond))))
	}
	return ", and whether the others will do is not known"
}

func queueOverflow(r *Report) (Headline, bool) {
	for i := range r.Services {
		s := &r.Services[i]
		if s.WorstQueue == nil || *s.WorstQueue <= *s.WorstBacklog {
			continue
		}
		of := "with a backlog of " + Grouped(*s.WorstBacklog)
		if s.Sockets > 1 {
			of = fmt.Sprintf("at one of %d listening sockets, %s", s.Sockets, of)
		}
		return Headline{
			Severity: SeverityWarning, Destination: -1,
			Text:     fmt.Sprintf("%v accepts too slowly: its accept queue is full", s.Local),
			Evidence: fmt.Sprintf("%s to be accepted, %s; further ones are dropped.", waits(*s.WorstQueue), of),
		}, true
	}
	return Headline{}, false
}

func waits(n int) string {
	if n == 1 {
		return "1 connection waits"
	}
	return Grouped(n) + " connections wait"
}

// about finds the first, the worst, destination that it is true of.
func about(r *Report, is func(*Destination) bool, severity Severity, text func(*Destination) string) (Headline, bool) {
	for i := range r.Destinations {
		d := &r.Destinations[i]
		if is(d) {
			return Headline{Severity: severity, Destination: i, Text: text(d), Evidence: evidence(d)}, true
		}
	}
	return Headline{}, false
}

// evidence is one sentence with the figures: what holds the ports, and when
// they come back.
func evidence(d *Destination) string {
	u := &d.Ports
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s in use", Grouped(u.Used), Plural(u.Capacity, "port"))
	if held := holders(d); held != "" {
		b.WriteString(": " + held)
	}
	if n := zeroIfNil(u.Reusable); n > 0 {
		fmt.Fprintf(&b, "; %s reusable now", Grouped(n))
	}
	b.WriteString("; " + comeback(d) + ".")
	return b.String()
}

// holders are the states of the destination's connections, most first, three
// at most.
func holders(d *Destination) string {
	left := d.States
	var parts []string
	for len(parts) < 3 {
		best := source.State(0)
		for _, s := range source.ReportedStates {
			if left[s] > left[best] {
				best = s
			}
		}
		if left[best] == 0 {
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s", Grouped(int(left[best])), best))
		left[best] = 0
	}
	return strings.Join(parts, ", ")
}

// comeback says when the first port comes back, and how many do within the ten
// seconds from then: a count, because they come in bursts as they went.
func comeback(d *Destination) string {
	if d.NextRelease == nil {
		return "each comes back when its connection ends"
	}
	first := int(math.Ceil(d.NextRelease.Seconds()))
	text := fmt.Sprintf("the first comes back in %d s", first)
	if first == 0 {
		text = "the first comes back now"
	}
	if d.Releases == nil {
		return text
	}
	const window = 10 // seconds
	from := min(int(d.NextRelease.Seconds()), SeriesLen-1)
	to, sum := min(from+window, SeriesLen), 0
	for _, n := range d.Releases[from:to] {
		sum += int(n)
	}
	if sum > 1 {
		text += fmt.Sprintf(", %s within %d s", Grouped(sum), to)
	}
	return text
}

// left is how many further connections the destination bears, reuse included.
func (u *PortUse) left() int { return u.Free + zeroIfNil(u.Reusable) }

// calm says how much room there is.
func calm(r *Report) Headline {
	if len(r.Destinations) == 0 {
		return Headline{Destination: -1, Text: fmt.Sprintf("No outgoing connections: all %s are free", Plural(r.Ports.Capacity, "local port"))}
	}
	d := &r.Destinations[0]
	holds := fmt.Sprintf("%s of %s", Grouped(d.Ports.Used), Grouped(d.Ports.Capacity))
	if d.Ports.Pressure > highPressure {
		holds = fmt.Sprintf("%s, and comes to about %s at this rate", level(d), Grouped(*d.Forecast.Settles))
	}
	h := Headline{Destination: 0, Text: fmt.Sprintf("No destination is short of ports: the fullest, %v, holds %s", d, holds)}
	if n := zeroIfNil(d.Ports.Reusable); n > 0 && d.Ports.Pressure <= highPressure {
		h.Text += fmt.Sprintf(", %s of them reusable now", Grouped(n))
	}
	h.Evidence = doubtfulRoom(r, d)
	return h
}

// doubtfulRoom says why there may be fewer ports free than it looks.
func doubtfulRoom(r *Report, d *Destination) string {
	switch {
	case r.Ports.Assumed:
		return fmt.Sprintf("The port range is not known; %v is assumed.", r.Ports.Range)
	case d.Ports.FreeExact:
		return ""
	}
	for i := range r.Destinations {
		if r.Destinations[i].Ports.BindFirst > 0 {
			return "Some clients seem to bind their port before connect(), which takes it from every destination: fewer may be free than shown."
		}
	}
	return "Fewer may be free than shown."
}
