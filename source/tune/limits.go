package tune

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Limits are the limits of open files that a report's findings ask for: no
// sysctl sets those, but what a plan is exported to can.
func Limits(r *diagnosis.Report) (out []sysctl.Limit) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.ID != diagnosis.FDLimit {
			continue
		}
		p, n := processOf(r.Snapshot, f.Subject), noFile(f)
		if p != nil && n > 0 {
			out = append(out, limitOf(p, n))
		}
	}
	return out
}

// limitOf says whose the limit is: a systemd service's, or else a user's. The
// names of a container are not those of the host.
func limitOf(p *source.Process, noFile uint64) sysctl.Limit {
	l := sysctl.Limit{NoFile: noFile}
	switch {
	case p.Container.ID != "":
	case strings.HasSuffix(p.Unit, ".service"):
		l.Unit = p.Unit
	default:
		l.User = p.User
	}
	if !exports(l) {
		return sysctl.Limit{NoFile: noFile}
	}
	return l
}

// exports reports whether a file can hold the limit: a name of a user or a
// service may be one that none can.
func exports(l sysctl.Limit) bool {
	p := sysctl.Plan{Limits: []sysctl.Limit{l}}
	return sysctl.Export(io.Discard, p, sysctl.FormatSysctlD, sysctl.ExportMeta{}) == nil
}

// processOf is the process that a finding is about, nil for the host.
func processOf(s *source.Snapshot, subject string) *source.Process {
	for i := range s.Processes {
		p := &s.Processes[i]
		if pid := fmt.Sprintf("PID %d", p.PID); subject == pid || strings.HasSuffix(subject, "("+pid+")") {
			return p
		}
	}
	return nil
}

// noFile is the limit that the finding's remedy for a systemd unit names, 0 for
// none.
func noFile(f *diagnosis.Finding) uint64 {
	for i := range f.Remedies {
		_, rest, ok := strings.Cut(f.Remedies[i].Text, "LimitNOFILE=")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, " ")
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
			return n
		}
	}
	return 0
}
