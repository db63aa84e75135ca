package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// namespacesShown is how many namespaces a text has lines for.
const namespacesShown = 100

// TextMany writes a line for each namespace, the worst first, and then the
// worst in full; worst may be nil.
func TextMany(w io.Writer, all []source.Standing, gaps []string, worst *diagnosis.Report, width int) error {
	p := newPage(w, max(width, minWidth))
	p.wrap("", summary(all))
	p.title("Network namespaces, worst first")
	const columns = "  %8s %8s %9s %12s"
	rows := []tableRow{{fmt.Sprintf(columns, "PRESSURE", "FREE", "TIME-WAIT", "LOCAL PORTS"), ""}}
	for i := range all[:min(namespacesShown, len(all))] {
		s := &all[i]
		rows = append(rows, tableRow{fmt.Sprintf(columns, pressureOf(s), freeIn(s), maybe(s.TimeWait), rangeOf(s)), aboutNamespace(s)})
	}
	for _, r := range rows { // cut where it does not fit: the name comes first
		p.line(r.figures + "  " + r.subject)
	}
	if n := len(all) - namespacesShown; n > 0 {
		p.wrap("  ", "and "+plural(n, "more namespace")+"; --json has them all")
	}
	writeGaps(p, append(troubles(all), gaps...))
	if worst != nil {
		p.title("The worst, in full: " + clean(all[0].String()))
		p.blank()
	}
	if err := p.end(); err != nil || worst == nil {
		return err
	}
	return Text(w, worst, width)
}

// troubles says of the namespaces that could not be looked into why not.
func troubles(all []source.Standing) []string {
	unseen := map[string][]string{}
	for _, s := range stillThere(all) {
		if s.Trouble != "" {
			unseen[s.Trouble] = append(unseen[s.Trouble], s.String())
		}
	}
	return UnseenGaps(unseen)
}

// summary is how the namespaces stand in a sentence.
func summary(all []source.Standing) string {
	if s := source.NoPortLeft(all); s != "" {
		return "CRITICAL: " + s
	}
	s := plural(len(stillThere(all)), "network namespace")
	if len(all) == 0 {
		return s
	}
	unseen := len(unseenAmong(stillThere(all)))
	switch percent, atMost, ok := all[0].Pressure(); {
	case !ok || all[0].Gone:
		return s + ", none of which could be looked into"
	case unseen > 0 && !atMost && severityOf(all[0].Verdict) == "OK", unseen > 0 && atMost:
		return fmt.Sprintf("UNKNOWN: %s, %s of which could not be looked into", s, count(unseen))
	case atMost:
		return fmt.Sprintf("OK: %s, none with a pressure above %.1f%%", s, ceilTenth(percent))
	default:
		return fmt.Sprintf("%s: %s, the fullest is %v: pressure %.1f%%", severityOf(all[0].Verdict), s, &all[0].Namespace, tenths(percent))
	}
}

func severityOf(v *source.Verdict) string {
	switch {
	case v.Critical:
		return "CRITICAL"
	case v.Warning:
		return "WARNING"
	}
	return "OK"
}

func pressureOf(s *source.Standing) string {
	percent, atMost, ok := s.Pressure()
	switch {
	case s.Gone:
		return "gone"
	case !ok:
		return "unknown"
	case atMost:
		return fmt.Sprintf("<=%.1f%%", ceilTenth(percent))
	}
	return fmt.Sprintf("%.1f%%", tenths(percent))
}

// ceilTenth keeps a bound a bound where it is written with one decimal.
func ceilTenth(percent float64) float64 { return math.Ceil(percent*10-1e-6) / 10 }

func freeIn(s *source.Standing) string {
	switch v := s.Verdict; {
	case v == nil || s.Gone:
		return "-"
	case !v.FreeExact && v.Destination != "":
		return "<=" + count(v.Free)
	default:
		return count(v.Free)
	}
}

func rangeOf(s *source.Standing) string {
	if !s.RangeKnown {
		return "unknown"
	}
	return plainRange(s.Range)
}

// aboutNamespace names it and what is in it.
func aboutNamespace(s *source.Standing) string {
	text := clean(s.String())
	switch {
	case s.Trouble != "":
		return text + ", not looked into"
	case s.Own && text != "host":
		text += ", this process's own"
	}
	if s.Members == 0 {
		return text + ", no process in it"
	}
	names := ""
	for i := range s.Processes {
		if name := clean(s.Processes[i].Name); !strings.HasPrefix(text, name+" (") { // which it is called by
			names += ", " + name
		}
	}
	if s.First {
		names = ""
	}
	if s.Members == 1 {
		return text + names + ", 1 process"
	}
	return text + names + ", " + count(s.Members) + " processes"
}
