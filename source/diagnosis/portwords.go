package diagnosis

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
)

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
		return ", and " + d.runsOut()
	case f.AtTheEdge:
		return ", and is at the edge of what they allow"
	case d.Demand.AtLeast:
		return fmt.Sprintf(", and at least %s more are wanted", perSecond(d.Demand.PerSecond))
	case f.Settles != nil:
		return fmt.Sprintf(", and comes to about %s in use at this rate", Grouped(*f.Settles))
	}
	return ", and whether the others will do is not known"
}

// runsOut says when the last port goes: those that come back until then are
// reckoned with.
func (d *Destination) runsOut() string {
	in := inAbout(*d.Forecast.Exhausted)
	if d.NextRelease != nil && *d.NextRelease < *d.Forecast.Exhausted {
		return fmt.Sprintf("with those that come back runs out in about %s", in)
	}
	return fmt.Sprintf("runs out of them in about %s at this rate", in)
}

// fate is what becomes of the ports at what is wanted.
func fate(d *Destination) string {
	switch f := d.Forecast; {
	case d.Demand == nil || f == nil:
		return "how many more are wanted is not known"
	case f.Exhausted != nil && f.AtTheEdge:
		return fmt.Sprintf("they may run out in about %s", inAbout(*f.Exhausted))
	case f.Exhausted != nil:
		return fmt.Sprintf("they run out in about %s", inAbout(*f.Exhausted))
	case f.AtTheEdge:
		return "that is at the edge"
	case f.Settles != nil && d.Demand.AtLeast:
		return "they do not run out unless more is wanted"
	case f.Settles != nil:
		return "they do not run out at this rate"
	}
	return "whether they will do is not known"
}

// staysWithin reports whether the ports are known to do for what is wanted.
func (d *Destination) staysWithin() bool {
	return d.Forecast != nil && d.Forecast.Settles != nil && !d.Forecast.AtTheEdge && d.Demand != nil && !d.Demand.AtLeast
}

// left is how many further connections the destination bears, reuse included.
func (u *PortUse) left() int { return u.Free + zeroIfNil(u.Reusable) }

// portEvidence is what shows that a destination is short of ports: what is
// wanted against what the ports bear, what holds them and when they come back.
func portEvidence(d *Destination) (out []string) {
	if s := balance(d); s != "" {
		out = append(out, s+".")
	}
	out = append(out, fmt.Sprintf("%s of %s in use: %s.", Grouped(d.Ports.Used), Plural(d.Ports.Capacity, "port"), holding(d)))
	if !d.Ports.FreeExact && d.Ports.Free > 0 {
		out = append(out, "Fewer may be free than shown.")
	}
	if s := openedBy(d); s != "" {
		out = append(out, s)
	}
	return out
}

// portSentence is the same in one sentence. What the claim says is left out
// where it told how many ports are left.
func portSentence(d *Destination, told bool) string {
	s := balance(d)
	switch {
	case s == "":
		return fmt.Sprintf("%s of %s in use: %s.", Grouped(d.Ports.Used), Plural(d.Ports.Capacity, "port"), holding(d))
	case told:
		return s + ": " + holding(d) + "."
	}
	return fmt.Sprintf("%s; %s in use: %s.", s, Grouped(d.Ports.Used), holding(d))
}

// roomSentence is the balance, what becomes of the ports, and what holds them.
func roomSentence(d *Destination) string {
	in := Plural(d.Ports.Capacity, "port")
	if s := balance(d); s != "" {
		return fmt.Sprintf("%s: %s; %s in use: %s.", s, fate(d), Grouped(d.Ports.Used), holders(d))
	}
	return fmt.Sprintf("%s of %s in use: %s; %s.", Grouped(d.Ports.Used), in, holders(d), fate(d))
}

// balance is what is wanted against what the ports bear, "" where nobody knows
// what is wanted, or nothing is.
func balance(d *Destination) string {
	if d.Demand == nil || d.Demand.none() || d.Forecast == nil {
		return ""
	}
	s := capital(wantedWords(d.Demand)) + " wanted"
	if d.Demand.endless() { // what the ports bear then is how many there are
		return s + ", and none is closed"
	}
	if bears := d.Forecast.Sustainable; bears != nil && *bears >= 0.05 {
		s += fmt.Sprintf(", %s allow %s", Plural(d.Ports.Capacity, "port"), perSecond(*bears))
	}
	return s
}

// none: next to nothing is wanted.
func (d *Demand) none() bool { return d.PerSecond < 0.05 }

// wantedWords is a demand in words: "at least 1,480 connections/s".
func wantedWords(d *Demand) string {
	if d.none() && !d.AtLeast {
		return "no more connections"
	}
	s := strings.Replace(perSecond(d.PerSecond), "/s", " connections/s", 1)
	if d.AtLeast {
		return "at least " + s
	}
	return s
}

// holding is what holds the ports, how many of them may be had all the same,
// and when the others come back.
func holding(d *Destination) string {
	var parts []string
	if held := holders(d); held != "" {
		parts = append(parts, held)
	}
	if n := zeroIfNil(d.Ports.Reusable); n > 0 {
		parts = append(parts, Grouped(n)+" reusable now")
	}
	if d.reuses() {
		return strings.Join(append(parts, "TIME-WAITs are reused when they are old enough"), "; ")
	}
	return strings.Join(append(parts, comeback(d)), "; ")
}

// reuses reports whether TIME_WAITs are known to be reused: there is nothing to
// gain by turning it on.
func (d *Destination) reuses() bool {
	return d.Ports.UsedTimeWait > 0 && d.Forecast != nil && d.Forecast.WhatIf != nil && d.whatIf(ChangeReuse) == nil
}

// holders are the states of the connections that hold the destination's ports,
// most first, three at most.
func holders(d *Destination) string {
	left := d.States
	if waiting := d.Ports.UsedTimeWait; int(left.Total()) > d.Ports.Used && d.Ports.Used > 0 {
		return held(waiting, d.Ports.Used-waiting)
	}
	var parts []string
	for len(parts) < 3 {
		best := mostOf(&left)
		if left[best] == 0 {
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s", Grouped(int(left[best])), best))
		left[best] = 0
	}
	return strings.Join(parts, ", ")
}

// held is the same where some connections have ports that connect() does not
// hand out: which state those are in is not told.
func held(waiting, others int) string {
	var parts []string
	if waiting > 0 {
		parts = append(parts, fmt.Sprintf("%s %s", Grouped(waiting), source.StateTimeWait))
	}
	if others > 0 {
		parts = append(parts, Grouped(others)+" open")
	}
	return strings.Join(parts, ", ")
}

// mostOf is the state that most sockets are in, 0 where there are none.
func mostOf(c *source.StateCounts) source.State {
	best := source.State(0)
	for _, s := range source.ReportedStates {
		if c[s] > c[best] {
			best = s
		}
	}
	return best
}

// stalled says what the connections wait for that hold most of the ports, where
// that is not their timer: ports are the least of the trouble then.
func stalled(d *Destination) string {
	most := func(s source.State) bool { return 2*int(d.States[s]) > d.Ports.Used }
	n := func(s source.State) string { return Grouped(int(d.States[s])) }
	switch {
	case most(source.StateSynSent):
		return n(source.StateSynSent) + " attempts to connect get no answer."
	case most(source.StateCloseWait):
		return n(source.StateCloseWait) + " were closed by the other end, and not here."
	case most(source.StateFinWait2):
		return n(source.StateFinWait2) + " were closed here, and not by the other end."
	}
	return ""
}

// FirstBack is in how many seconds the first port comes back by timer: 0 where
// it does now, and whole ones begun, so that nobody is promised too much. ok is
// false where no timer is running.
func (d *Destination) FirstBack() (seconds int, ok bool) {
	const now = 100 * time.Millisecond
	switch {
	case d.NextRelease == nil:
		return 0, false
	case *d.NextRelease < now:
		return 0, true
	}
	return int(math.Ceil(d.NextRelease.Seconds())), true
}

// comeback says for how long no port comes back, and how many do within the ten
// seconds from then: a count, because they come in bursts as they went.
func comeback(d *Destination) string {
	first, ok := d.FirstBack()
	if !ok {
		return "each comes back when its connection ends"
	}
	const window = 10 // seconds
	n := 0
	if d.Releases != nil {
		for _, more := range d.Releases[min(max(first-1, 0), SeriesLen):min(first+window, SeriesLen)] {
			n += int(more)
		}
	}
	within := max(min(first+window, SeriesLen)-first, 1)
	switch {
	case n > 1 && first == 0:
		return fmt.Sprintf("%s come back within %d s", Grouped(n), within)
	case n > 1:
		return fmt.Sprintf("first back in %d s, %s by %d s", first, Grouped(n), first+within)
	case first == 0:
		return "the first comes back now"
	}
	return fmt.Sprintf("the first comes back in %d s", first)
}

// perSecond is a rate in words: "4.2/s", "1,480/s".
func perSecond(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.1f/s", v)
	}
	return Grouped(int(math.Round(v))) + "/s"
}

// inAbout is a time to come in words that promise no more than is known.
func inAbout(d time.Duration) string {
	if d < 180*time.Second {
		return fmt.Sprintf("%d s", int(math.Ceil(d.Seconds())))
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
