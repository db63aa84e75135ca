package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/359a26c5/twtop/fixtures"
	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// incidentRun is a built-in incident, assessed from its first frame to its last,
// and what the programs in it counted meanwhile.
type incidentRun struct {
	t       *testing.T
	name    string
	capture *capture.Reader
	seconds []float64 // of each frame, from the first on
	reports []*diagnosis.Report
	logs    map[string][]logged
}

// logged is a line of a log: what a client counted in the second up to at.
type logged struct {
	at           float64 // seconds after the first frame
	fine, failed int
}

func runIncident(t *testing.T, name string) *incidentRun {
	t.Helper()
	file, ok := fixtures.Open(name)
	if !ok {
		t.Fatalf("there is no incident %s", name)
	}
	c, err := capture.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	r := &incidentRun{t: t, name: name, capture: c, logs: map[string][]logged{}}
	var a diagnosis.Assessor
	for i := range c.Len() {
		s, err := c.Frame(i)
		if err != nil {
			t.Fatal(err)
		}
		r.seconds = append(r.seconds, c.Taken(i).Sub(c.Taken(0)).Seconds())
		r.reports = append(r.reports, a.Assess(s))
	}
	return r
}

// log reads what a client of the incident counted.
func (r *incidentRun) log(name string) []logged {
	r.t.Helper()
	if rows, ok := r.logs[name]; ok {
		return rows
	}
	b, err := os.ReadFile(filepath.Join("../../fixtures", r.name, name+".log"))
	if err != nil {
		r.t.Fatal(err)
	}
	var rows []logged
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		var row logged
		var at, rest string
		if _, err := fmt.Sscan(lines.Text(), &at, &row.fine, &row.failed, &rest); err != nil {
			r.t.Fatalf("%s: %q: %v", name, lines.Text(), err)
		}
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			r.t.Fatal(err)
		}
		row.at = when.Sub(r.capture.Taken(0)).Seconds()
		rows = append(rows, row)
	}
	r.logs[name] = rows
	return rows
}

// firstFailure is when the first request failed from a moment on: in the second
// up to the line that counts it, after those of it that did not fail.
func (r *incidentRun) firstFailure(name string, from float64) float64 {
	r.t.Helper()
	for _, row := range r.log(name) {
		if row.at > from && row.failed > 0 {
			return row.at - float64(row.failed)/float64(row.fine+row.failed)
		}
	}
	r.t.Fatalf("%s: nothing failed after %v s", r.name, from)
	return 0
}

// counted is what a client counted between two moments, whole lines only.
func (r *incidentRun) counted(name string, from, to float64) (fine, failed int) {
	for _, row := range r.log(name) {
		if row.at-1 >= from && row.at <= to {
			fine, failed = fine+row.fine, failed+row.failed
		}
	}
	return fine, failed
}

// at is the report of the last frame up to a moment.
func (r *incidentRun) at(second float64) *diagnosis.Report {
	i, _ := slices.BinarySearchFunc(r.seconds, second, func(s, want float64) int {
		if s <= want {
			return -1
		}
		return 1
	})
	return r.reports[max(i-1, 0)]
}

// findingsOf are the findings of a report, each as "critical port-exhaustion".
func findingsOf(r *diagnosis.Report) (out []string) {
	for i := range r.Findings {
		f := fmt.Sprintf("%v %s", r.Findings[i].Severity, r.Findings[i].ID)
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// logTable prints when which findings were there, as far as they changed.
func (r *incidentRun) logTable() {
	var b strings.Builder
	last := "?"
	for i, report := range r.reports {
		if now := strings.Join(findingsOf(report), ", "); now != last {
			last = now
			if now == "" {
				now = "nothing"
			}
			fmt.Fprintf(&b, "\n%6.1f s  %-70s %s", r.seconds[i], now, report.Headline.Text)
		}
	}
	r.t.Logf("%s: %d frames, findings:%s", r.name, len(r.reports), b.String())
}

// phase is what must be found between two moments, and may be: in each frame all
// of must, and nothing but must and may.
type phase struct {
	from, to  float64 // seconds
	must, may []string
	headline  string // in each frame's
}

func (r *incidentRun) holds(phases []phase) {
	r.t.Helper()
	covered := 0
	for _, p := range phases {
		for i, report := range r.reports {
			if r.seconds[i] < p.from || r.seconds[i] > p.to {
				continue
			}
			covered++
			got := findingsOf(report)
			for _, f := range p.must {
				if !slices.Contains(got, f) {
					r.t.Errorf("at %.1f s: %q is not among %q", r.seconds[i], f, got)
				}
			}
			for _, f := range got {
				if !slices.Contains(p.must, f) && !slices.Contains(p.may, f) {
					r.t.Errorf("at %.1f s: %q, and only %q and %q may be", r.seconds[i], f, p.must, p.may)
				}
			}
			if !strings.Contains(report.Headline.Text, p.headline) {
				r.t.Errorf("at %.1f s: the headline %q does not say %q", r.seconds[i], report.Headline.Text, p.headline)
			}
		}
	}
	if covered < len(r.reports)*3/4 {
		r.t.Errorf("only %d of %d frames are held to anything", covered, len(r.reports))
	}
}

// foresees holds that from a moment on, until the last second before it, the end
// of the ports of a destination is foretold within 2 s or 10 %.
func (r *incidentRun) foresees(to string, from, end float64) {
	r.t.Helper()
	looks := 0
	for i, report := range r.reports {
		if r.seconds[i] < from || r.seconds[i] > end-1 {
			continue
		}
		looks++
		d := destinationTo(report, to)
		if d == nil || d.Forecast == nil || d.Forecast.Exhausted == nil {
			r.t.Errorf("at %.1f s: no end of %s is foretold; it was at %.1f s", r.seconds[i], to, end)
			continue
		}
		told, left := d.Forecast.Exhausted.Seconds(), end-r.seconds[i]
		if math.Abs(told-left) > max(2, left/10) {
			r.t.Errorf("at %.1f s: the end of %s is foretold in %.1f s; it was in %.1f s", r.seconds[i], to, told, left)
		}
	}
	if looks < 3 {
		r.t.Errorf("only %d looks from %v s to %v s", looks, from, end)
	}
}

func destinationTo(r *diagnosis.Report, remote string) *diagnosis.Destination {
	for i := range r.Destinations {
		if r.Destinations[i].Remote.String() == remote {
			return &r.Destinations[i]
		}
	}
	return nil
}

// wants holds the demand in each frame between two moments, within 10 %.
func (r *incidentRun) wants(to string, from, end, rate float64) {
	r.t.Helper()
	for i, report := range r.reports {
		if r.seconds[i] < from || r.seconds[i] > end {
			continue
		}
		d := destinationTo(report, to)
		if d == nil || d.Demand == nil || math.Abs(d.Demand.PerSecond-rate) > rate/10 {
			r.t.Errorf("at %.1f s: the demand is %+v, it was %v/s", r.seconds[i], d.Demand, rate)
		}
	}
}

// enough is what is said of a change at a moment: "yes", "no", "unknown", or
// "absent" where it is not considered.
func (r *incidentRun) enough(to string, second float64, c diagnosis.Change) string {
	d := destinationTo(r.at(second), to)
	if d == nil || d.Forecast == nil {
		return "absent"
	}
	for _, w := range d.Forecast.WhatIf {
		switch {
		case w.Change != c:
		case w.Enough == nil:
			return "unknown"
		case *w.Enough:
			return "yes"
		default:
			return "no"
		}
	}
	return "absent"
}

func (r *incidentRun) says(to string, second float64, want map[diagnosis.Change]string) {
	r.t.Helper()
	for c, w := range want {
		if got := r.enough(to, second, c); got != w {
			r.t.Errorf("at %v s: whether %s is enough: %s, want %s", second, c, got, w)
		}
	}
}

// allFine holds that no request failed between two moments, and that there were some.
func (r *incidentRun) allFine(name string, from, to float64) {
	r.t.Helper()
	if fine, failed := r.counted(name, from, to); failed > 0 || fine == 0 {
		r.t.Errorf("from %v s to %v s %d requests failed, %d did not", from, to, failed, fine)
	}
}

// ownedBy holds that some frame names the owner.
func (r *incidentRun) ownedBy(to, who string) {
	r.t.Helper()
	for _, report := range r.reports {
		if d := destinationTo(report, to); d != nil {
			if name, _ := d.OwnerWords(); strings.Contains(name, who) {
				return
			}
		}
	}
	r.t.Errorf("no frame says that %s is behind %s", who, to)
}

// TestIncidentsTellNothingOfWhereTheyWereMade: host and paths are neutral, and no
// text has a control character.
func TestIncidentsTellNothingOfWhereTheyWereMade(t *testing.T) {
	for _, in := range fixtures.All() {
		t.Run(in.Name, func(t *testing.T) {
			file, _ := fixtures.Open(in.Name)
			c, err := capture.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if h := c.Header(); h.Host != "web-3" || !strings.HasPrefix(h.Kernel, "6.") || c.Note() != "" {
				t.Errorf("header %+v, note %q", h, c.Note())
			}
			for i := range c.Len() {
				s, err := c.Frame(i)
				if err != nil {
					t.Fatal(err)
				}
				for _, text := range textsOf(s) {
					if strings.ContainsFunc(text, unicode.IsControl) || source.Clean(text, len(text)) != text || strings.ContainsRune(text, '/') {
						t.Fatalf("frame %d has the text %q", i, text)
					}
				}
				if len(s.Gaps) > 0 && i > 0 {
					t.Errorf("frame %d: %q", i, s.Gaps)
				}
			}
		})
	}
}

// textsOf are the words of a snapshot that came from the host.
func textsOf(s *source.Snapshot) []string {
	out := []string{s.Host.Name, s.Host.Kernel, s.Host.NetNS}
	processes := s.Processes
	if s.Owners != nil {
		processes = append(slices.Clone(processes), s.Owners.Processes...)
		for _, g := range s.Owners.Cgroups {
			out = append(out, g.Unit, g.Container.ID, g.Container.Runtime, g.Container.Pod)
		}
	}
	for _, p := range processes {
		out = append(out, p.Name, p.User, p.Unit, p.Container.ID, p.Container.Runtime, p.Container.Pod, strconv.Itoa(p.PID))
	}
	return out
}
