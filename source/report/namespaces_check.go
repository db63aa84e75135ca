package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// CheckMany is Check for several namespaces, the worst first, in one line about
// that one, whose report is worst; nil where none could be looked into. What
// could not be looked into leaves no OK.
func CheckMany(all []source.Standing, gaps []string, worst *diagnosis.Report, t Thresholds) (line string, status Status) {
	all = stillThere(all)
	unseen := unseenAmong(all)
	if worst == nil {
		return CheckLine(StatusUnknown, asciiOnly("no network namespace could be looked into"+reasons(unseen, gaps))), StatusUnknown
	}
	status, alarmed := t.judgeMany(all)
	if status == StatusOK && len(unseen)+len(gaps) > 0 {
		status = StatusUnknown
	}
	w := worstOf(worst)
	text := t.which(all, alarmed) + ": " + w.text(worst) + t.others(worst) + reasons(unseen, gaps)
	return CheckLine(status, asciiOnly(text)) + " | " + w.perfdata(t, worst.Ports.Capacity) + perfdataMany(all), status
}

// stillThere leaves out those that are gone.
func stillThere(all []source.Standing) []source.Standing {
	return slices.DeleteFunc(slices.Clone(all), func(s source.Standing) bool { return s.Gone })
}

// judgeMany is the worst status, and how many are not OK.
func (t Thresholds) judgeMany(all []source.Standing) (worst Status, alarmed int) {
	for i := range all {
		if v := all[i].Verdict; v != nil && t.judge(v.Pressure) != StatusOK {
			worst, alarmed = max(worst, t.judge(v.Pressure)), alarmed+1
		}
	}
	return worst, alarmed
}

// which says which of the namespaces the rest of the line is about.
func (t Thresholds) which(all []source.Standing, alarmed int) string {
	worst := all[0].String()
	if s := source.NoPortLeft(all); s != "" {
		return s
	}
	if alarmed > 0 {
		return fmt.Sprintf("%d of %d namespaces at %s %% or above: %s", alarmed, len(all), number(t.Warn), worst)
	}
	return fmt.Sprintf("the fullest of %s: %s", plural(len(all), "namespace"), worst)
}

// unseenAmong are those that could not be looked into, and why.
func unseenAmong(all []source.Standing) (unseen []string) {
	for i := range all {
		if s := &all[i]; s.Trouble != "" {
			unseen = append(unseen, s.String()+" ("+s.Trouble+")")
		}
	}
	return unseen
}

// reasons says what was not seen.
func reasons(unseen, gaps []string) (s string) {
	if len(unseen) > 0 {
		s += fmt.Sprintf("; %s not looked into: %s", plural(len(unseen), "namespace"), unseen[0])
	}
	if len(unseen) > 1 {
		s += fmt.Sprintf(" and %d more", len(unseen)-1)
	}
	for _, g := range gaps {
		s += "; " + g
	}
	return s
}

func perfdataMany(all []source.Standing) string {
	exhausted := 0
	for i := range all {
		if all[i].Exhausted() {
			exhausted++
		}
	}
	return fmt.Sprintf(" namespaces=%d;;;0; exhausted=%d;;;0;%d", len(all), exhausted, len(all))
}

// asciiOnly: what reads plugins may know nothing else, and a process is called
// whatever it likes.
func asciiOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, s)
}
