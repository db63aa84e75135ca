package report

import (
	"fmt"
	"io"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Width is the width that Text is made for where nobody says otherwise.
const Width = 80

const (
	minWidth    = 60 // below this, columns would not hold
	worstTold   = 3  // destinations whose ports are told in words,
	toldFrom    = 10 // the worst always, others from this pressure on
	rowsShown   = 20 // rows of a table
	secondsSoon = 10 // "soon", of ports that come back
)

// Text writes r for a person, worst first, in plain lines of at most width
// cells (60 at the least) that a screen reader can follow: no bars, no boxes,
// no escape sequences. Long tables are cut and say so. The error is w's.
func Text(w io.Writer, r *diagnosis.Report, width int) error {
	p := newPage(w, max(width, minWidth))
	writeHeadline(p, r)
	writeHost(p, r)
	writeFindings(p, r)
	writeStates(p, r)
	writePorts(p, r)
	writeDestinations(p, r.Destinations)
	writeServices(p, r.Services)
	writeSysctls(p, r.Snapshot)
	writeGaps(p, r.Gaps)
	return p.end()
}

// kindWords says where the figures come from.
var kindWords = map[source.Kind]string{
	source.KindLive:    "read from this kernel by sock_diag",
	source.KindProc:    "read from /proc/net/tcp, because sock_diag is not there",
	source.KindCapture: "read from a capture",
	source.KindText:    "read from text",
}

func writeHost(p *page, r *diagnosis.Report) {
	s := r.Snapshot
	p.blank()
	line := s.Host.Name
	if line == "" {
		line = "unknown host"
	}
	if s.Host.Kernel != "" {
		line += ", Linux " + s.Host.Kernel
	}
	if s.Host.NetNS != "" {
		line += ", " + s.Host.NetNS
	}
	p.wrap("", line)
	if !s.Taken.IsZero() {
		p.wrap("", s.Taken.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	line = plural(r.States.Total(), "socket")
	if how := kindWords[s.Kind]; how != "" {
		line += ", " + how
	}
	if s.Cost.Wall > 0 {
		line += " in " + milliseconds(s.Cost.Wall)
	}
	p.wrap("", line)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func writeStates(p *page, r *diagnosis.Report) {
	p.title("Sockets by state")
	for _, s := range source.ReportedStates {
		n := int(r.States[s])
		if s == source.StateSynRecv {
			n += int(r.States[source.StateNewSynRecv])
		}
		if n == 0 {
			continue
		}
		line := fmt.Sprintf("  %-11s %11s", s, count(n))
		if r.Change != nil && r.Change[s] != 0 {
			line += fmt.Sprintf("  %+d since the frame before", r.Change[s])
		}
		p.line(line)
	}
	if n := int(r.States[0]); n > 0 {
		p.line(fmt.Sprintf("  %-11s %11s", "UNKNOWN", count(n)))
	}
	if n := r.Snapshot.Orphans; n > 0 {
		p.wrap("  ", count(n)+" orphaned: closing, and no process holds them")
	}
	writeTimeWait(p, &r.TimeWait)
}

func writeTimeWait(p *page, t *diagnosis.TimeWaitTotals) {
	if t.Outbound+t.Inbound == 0 {
		return
	}
	line := fmt.Sprintf("TIME-WAIT: %s of connections from here, which hold a local port; %s of accepted ones, on their service's port; %s reusable",
		count(t.Outbound), count(t.Inbound), maybe(t.Reusable))
	if t.MaxBuckets != nil {
		line += "; tcp_max_tw_buckets " + count(*t.MaxBuckets)
	}
	p.wrap("  ", line)
}

func writePorts(p *page, r *diagnosis.Report) {
	t := &r.Ports
	p.title("Local ports")
	line := fmt.Sprintf("%d-%d: %s", t.Range.Low, t.Range.High, plural(t.Size, "port"))
	if t.Assumed {
		line += " (assumed: the source does not tell)"
	}
	line += fmt.Sprintf(", %s reserved, %s taken for every destination (listeners, bound sockets), so %s for each destination",
		count(t.Reserved), count(t.Bound), count(t.Capacity))
	p.wrap("  ", line)
	for i := range r.Destinations[:min(worstTold, len(r.Destinations))] {
		if d := &r.Destinations[i]; i == 0 || d.Ports.Pressure >= toldFrom {
			writeGauge(p, d)
		}
	}
}

func writeSysctls(p *page, s *source.Snapshot) {
	keys := sysctl.Catalogue()
	if len(s.Sysctls) == 0 || len(keys) == 0 {
		return
	}
	p.title("Sysctls")
	for i := range keys {
		k := &keys[i]
		v, ok := s.Sysctl(k.Name)
		if !ok {
			continue
		}
		if v = clean(v); v == "" {
			v = "none"
		}
		p.wrap("  ", k.Name+" = "+v+" ("+k.Summary+")")
	}
}

func writeGaps(p *page, gaps []string) {
	if len(gaps) == 0 {
		return
	}
	p.title("Not known")
	for _, g := range gaps {
		p.wrap("  ", g)
	}
}
