package diagnosis

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Condition is what a report is asked: `pressure>80`, `free<500`, or whether a
// finding is among its own.
type Condition struct {
	text  string
	holds func(*Report) (what string, ok bool)
}

// IDs are all findings that there are, in the order in which they are told.
func IDs() []ID {
	return []ID{
		PortExhaustion, PortPressure, SlowConnect, BindBeforeConnect, ServerClosesFirst, CloseWaitLeak,
		SynSentPileup, FinWait2Pileup, ListenOverflow, TimeWaitOverflow, ReuseWithoutTimestamps, TWRecycle,
		ConntrackFull, FDLimit, Orphans, IdleOutlivesNAT, CureNotAtWork,
	}
}

// ParseCondition understands `pressure>80` (percent of the capacity, of the
// worst destination), `free<500` (ports, of the destination that has fewest), both
// with >= and <= as well, and a finding's id.
func ParseCondition(s string) (Condition, error) {
	text := strings.Join(strings.Fields(s), "")
	c, err := parseCondition(text)
	if err != nil {
		return Condition{}, fmt.Errorf("condition %q: %w", text, err)
	}
	c.text = text
	return c, nil
}

func parseCondition(text string) (Condition, error) {
	at := strings.IndexAny(text, "<>=")
	if at < 0 {
		return findingCondition(ID(text))
	}
	number := strings.TrimLeft(text[at:], "<>=")
	figure, op := text[:at], text[at:len(text)-len(number)]
	switch {
	case figure == "pressure" && (op == ">" || op == ">="):
		return pressureCondition(number, op == ">=")
	case figure == "free" && (op == "<" || op == "<="):
		return freeCondition(number, op == "<=")
	case figure == "pressure", figure == "free":
		return Condition{}, errors.New("ask for pressure with >, for free with <")
	}
	return Condition{}, errors.New("want pressure>80, free<500 or the id of a finding")
}

func pressureCondition(number string, orEqual bool) (Condition, error) {
	limit, err := strconv.ParseFloat(strings.TrimSuffix(number, "%"), 64)
	if err != nil || !(limit >= 0 && limit <= 100) {
		return Condition{}, fmt.Errorf("pressure is a percentage from 0 to 100, and %q is none", number)
	}
	return Condition{holds: func(r *Report) (string, bool) { return pressed(r, limit, orEqual) }}, nil
}

func freeCondition(number string, orEqual bool) (Condition, error) {
	v, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return Condition{}, fmt.Errorf("free is a number of ports from 0 to 65535, and %q is none", number)
	}
	limit := int(v)
	if orEqual {
		limit++
	}
	return Condition{holds: func(r *Report) (string, bool) { return fewFree(r, limit) }}, nil
}

func findingCondition(id ID) (Condition, error) {
	if !slices.Contains(IDs(), id) {
		return Condition{}, errors.New("there is no such finding: want pressure>80, free<500 or an id that `twtop explain` lists")
	}
	return Condition{holds: func(r *Report) (string, bool) {
		for i := range r.Findings {
			if r.Findings[i].ID == id {
				return r.Findings[i].Claim, true
			}
		}
		return "", false
	}}, nil
}

// Holds reports whether the condition holds, and says where. The zero
// Condition never does.
func (c Condition) Holds(r *Report) (what string, ok bool) {
	if c.holds == nil {
		return "", false
	}
	return c.holds(r)
}

// String is the condition as it was asked for, without blanks.
func (c Condition) String() string { return c.text }

// nothingToGive: no port of the range may be given out at all.
const nothingToGive = "no local port can be given out"

// pressed looks at the worst destination only: they are in that order.
func pressed(r *Report, limit float64, orEqual bool) (string, bool) {
	what, pressure := nothingToGive, 100.0
	switch {
	case r.Ports.Capacity == 0:
	case len(r.Destinations) == 0:
		return "", false
	default:
		d := &r.Destinations[0]
		pressure = d.Ports.Pressure
		what = fmt.Sprintf("%v: %s", d, level(d))
	}
	return what, pressure > limit || orEqual && pressure >= limit
}

// fewFree looks for the destination with the fewest free ports.
func fewFree(r *Report, limit int) (string, bool) {
	if r.Ports.Capacity == 0 {
		return nothingToGive, limit > 0
	}
	var least *Destination
	for i := range r.Destinations {
		if d := &r.Destinations[i]; least == nil || d.Ports.Free < least.Ports.Free {
			least = d
		}
	}
	if least == nil || least.Ports.Free >= limit {
		return "", false
	}
	return fmt.Sprintf("%v: %s", least, level(least)), true
}
