package report

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// writeGauge tells in words what the gauge of a destination shows.
func writeGauge(p *page, d *diagnosis.Destination) {
	u := &d.Ports
	p.wrap("  ", fmt.Sprintf("%s: pressure %.1f%%", toFrom(d), tenths(u.Pressure)))
	free := count(u.Free) + " free"
	if !u.FreeExact {
		free = "at most " + free
	}
	p.wrap("      ", fmt.Sprintf("%s of %s ports used, %s; %s in TIME-WAIT, %s in other states, %s reusable now",
		count(u.Used), count(u.Capacity), free, count(u.UsedTimeWait), count(u.Used-u.UsedTimeWait), maybe(u.Reusable)))
	if u.SlowConnect {
		p.wrap("      ", "connect() is slow: the preferred half of the range is taken, and it scans that first each time")
	}
	p.wrap("      ", closedFromHere(d))
	if line := comingBack(d); line != "" {
		p.wrap("      ", line)
	}
	if line := ownersLine(d.Owners); line != "" {
		p.wrap("      ", line)
	}
	writeForecast(p, d)
}

func closedFromHere(d *diagnosis.Destination) string {
	if d.ClosesLast == nil || d.ClosesPeak == nil {
		return "how many were closed from here, and when, is not known: the timers are not told"
	}
	return fmt.Sprintf("closed from here: %s in the last second, %s in the busiest second of the last minute",
		count(*d.ClosesLast), count(*d.ClosesPeak))
}

// comingBack tells when ports come back, "" where no timer says so.
func comingBack(d *diagnosis.Destination) string {
	if d.NextRelease == nil || d.Releases == nil {
		return ""
	}
	soon, all := 0, 0
	for i, n := range d.Releases {
		all += int(n)
		if i < secondsSoon {
			soon += int(n)
		}
	}
	return fmt.Sprintf("first port back in %.1f s; %s come back within %d s, %s within %d s",
		max(0, d.NextRelease.Seconds()), count(soon), secondsSoon, count(all), len(d.Releases))
}

func toFrom(d *diagnosis.Destination) string {
	s := "to " + d.Remote.String() + " from " + d.Local.String()
	if d.Device != 0 {
		s += fmt.Sprintf(" on device %d", d.Device)
	}
	return s
}

// tableRow is the figures of a row, in columns, and what the row is about.
type tableRow struct{ figures, subject string }

func writeDestinations(p *page, all []diagnosis.Destination) {
	p.title("Destinations, worst first")
	if len(all) == 0 {
		p.line("  none: this host has no connection that it opened itself")
		return
	}
	const columns = "  %8s %7s %7s %9s %7s %8s"
	rows := []tableRow{{fmt.Sprintf(columns, "PRESSURE", "FREE", "USED", "TIME-WAIT", "ESTAB", "CLOSES/s"), ""}}
	for i := range all[:min(rowsShown, len(all))] {
		d := &all[i]
		free := count(d.Ports.Free)
		if !d.Ports.FreeExact {
			free = "<=" + free
		}
		rows = append(rows, tableRow{fmt.Sprintf(columns, fmt.Sprintf("%.1f%%", tenths(d.Ports.Pressure)), free,
			count(d.Ports.Used), count(d.Ports.UsedTimeWait), count(int(d.States[source.StateEstablished])), maybe(d.ClosesLast)), toFrom(d)})
	}
	writeTable(p, rows)
	writeMore(p, len(all), "destination")
}

// writeTable writes rows with their subject to the right, or, where one of
// them is too long for that, each on a line of its own above the figures.
func writeTable(p *page, rows []tableRow) {
	wide := true
	for _, r := range rows {
		wide = wide && ansi.StringWidth(r.figures)+2+ansi.StringWidth(r.subject) <= p.width
	}
	for _, r := range rows {
		if wide {
			p.line(r.figures + "  " + r.subject)
			continue
		}
		if r.subject != "" {
			p.wrap("  ", r.subject)
		}
		p.line(r.figures)
	}
}

// writeMore says how many of n rows were left out.
func writeMore(p *page, n int, what string) {
	if n > rowsShown {
		p.wrap("  ", "and "+plural(n-rowsShown, "more "+what)+"; --json has them all")
	}
}
