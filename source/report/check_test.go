package report

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

var usual = Thresholds{Warn: 50, Crit: 90}

// pressedBy is a report whose worst destination uses so many of 1,000 ports.
func pressedBy(used int) *diagnosis.Report {
	r := &diagnosis.Report{Snapshot: &source.Snapshot{}, Ports: diagnosis.PortTotals{
		Range: source.PortRange{Low: 20000, High: 20999}, Size: 1000, Capacity: 1000}}
	d := diagnosis.Destination{
		Local: netip.MustParseAddr("10.0.0.1"), Remote: netip.MustParseAddrPort("10.0.0.9:5432"),
		Ports: diagnosis.PortUse{Capacity: 1000, Used: used, Free: 1000 - used, FreeExact: true, Reusable: ptr(0),
			UsedTimeWait: used, Pressure: float64(used) / 10},
		ClosesLast: ptr(0),
	}
	d.States[source.StateTimeWait] = uint32(used)
	r.Destinations = []diagnosis.Destination{d}
	return r
}

func TestCheckStatus(t *testing.T) {
	for _, c := range []struct {
		used int
		t    Thresholds
		want Status
	}{
		{0, usual, StatusOK},
		{499, usual, StatusOK},
		{500, usual, StatusWarning},
		{899, usual, StatusWarning},
		{900, usual, StatusCritical},
		{1000, usual, StatusCritical},
		{999, Thresholds{100, 100}, StatusOK},
		{1000, Thresholds{100, 100}, StatusCritical}, // no port left
		{0, Thresholds{0, 0}, StatusOK},
		{1, Thresholds{0, 0}, StatusCritical},
		{1, Thresholds{0, 100}, StatusWarning},
		{505, Thresholds{50.6, 90}, StatusOK},
		{506, Thresholds{50.6, 90}, StatusWarning},
	} {
		line, got := Check(pressedBy(c.used), c.t)
		if got != c.want || !strings.HasPrefix(line, c.want.String()+": ") {
			t.Errorf("%d of 1000, %+v: %v, want %v: %s", c.used, c.t, got, c.want, line)
		}
	}
}

func TestCheckLines(t *testing.T) {
	full := func(change func(d *diagnosis.Destination)) *diagnosis.Report {
		r := pressedBy(1000)
		change(&r.Destinations[0])
		return r
	}
	busy := pressedBy(921)
	busy.Destinations[0].Forecast = &diagnosis.Forecast{Outlook: diagnosis.Outlook{Exhausted: ptr(4100 * time.Millisecond)}}
	edge := pressedBy(600)
	edge.Destinations[0].Ports.FreeExact, edge.Destinations[0].Ports.Reusable = false, ptr(12)
	edge.Destinations[0].Forecast = &diagnosis.Forecast{Outlook: diagnosis.Outlook{Exhausted: ptr(40 * time.Second), AtTheEdge: true}}
	many := pressedBy(600)
	many.Destinations = append(many.Destinations, pressedBy(550).Destinations[0], pressedBy(499).Destinations[0])
	reserved := &diagnosis.Report{Snapshot: &source.Snapshot{}, Ports: diagnosis.PortTotals{Range: source.PortRange{Low: 5, High: 6}, Size: 2, Reserved: 2}}
	idle := &diagnosis.Report{Snapshot: &source.Snapshot{}, Ports: diagnosis.PortTotals{Range: source.DefaultPortRange, Assumed: true, Size: 28232, Capacity: 28232}}
	reused := pressedBy(1000)
	reused.Destinations[0].Ports.Reusable, reused.Destinations[0].Ports.Pressure = ptr(1000), 0

	for name, c := range map[string]struct {
		r    *diagnosis.Report
		want string
	}{
		"busy": {busy, "CRITICAL: 10.0.0.1 -> 10.0.0.9:5432 holds 921 of 1000 local ports, pressure 92.1 %, 79 free, runs out in about 5 s" +
			" | pressure=92.1%;50;90;0;100 free=79;;;0;1000 used=921;;;0;1000 time_wait=921;;;0;"},
		"at the edge": {edge, "WARNING: 10.0.0.1 -> 10.0.0.9:5432 holds 600 of 1000 local ports, pressure 60 %, at most 400 free, 12 reusable, may run out in about 40 s" +
			" | pressure=60%;50;90;0;100 free=400;;;0;1000 used=600;;;0;1000 time_wait=600;;;0;"},
		"several": {many, "WARNING: 10.0.0.1 -> 10.0.0.9:5432 holds 600 of 1000 local ports, pressure 60 %, 400 free; 1 more at 50 % or above" +
			" | pressure=60%;50;90;0;100 free=400;;;0;1000 used=600;;;0;1000 time_wait=600;;;0;"},
		"none left": {full(func(d *diagnosis.Destination) { d.NextRelease = ptr(2500 * time.Millisecond) }),
			"CRITICAL: 10.0.0.1 -> 10.0.0.9:5432 has no local port left of 1000, the first comes back in 3 s" +
				" | pressure=100%;50;90;0;100 free=0;;;0;1000 used=1000;;;0;1000 time_wait=1000;;;0;"},
		"none left, all alive": {full(func(*diagnosis.Destination) {}),
			"CRITICAL: 10.0.0.1 -> 10.0.0.9:5432 has no local port left of 1000, each comes back when its connection ends" +
				" | pressure=100%;50;90;0;100 free=0;;;0;1000 used=1000;;;0;1000 time_wait=1000;;;0;"},
		"none left, reuse unknown": {full(func(d *diagnosis.Destination) { d.Ports.Reusable, d.ClosesLast = nil, nil }),
			"CRITICAL: 10.0.0.1 -> 10.0.0.9:5432 has no local port left of 1000, unless TIME-WAITs may be reused, which is not known" +
				" | pressure=100%;50;90;0;100 free=0;;;0;1000 used=1000;;;0;1000 time_wait=1000;;;0;"},
		"all reused": {reused, "OK: 10.0.0.1 -> 10.0.0.9:5432 holds 1000 of 1000 local ports, pressure 0 %, 0 free, 1000 reusable" +
			" | pressure=0%;50;90;0;100 free=0;;;0;1000 used=1000;;;0;1000 time_wait=1000;;;0;"},
		"no capacity": {reserved, "CRITICAL: no local port can be given out: all of 5-6 are reserved or bound" +
			" | pressure=100%;50;90;0;100 free=0;;;0;0 used=0;;;0;0 time_wait=0;;;0;"},
		"idle, range unknown": {idle, "OK: no outgoing connections, all 28232 local ports are free; the port range is not known, 32768-60999 is assumed" +
			" | pressure=0%;50;90;0;100 free=28232;;;0;28232 used=0;;;0;28232 time_wait=0;;;0;"},
	} {
		t.Run(name, func(t *testing.T) {
			if line, _ := Check(c.r, usual); line != c.want {
				t.Errorf("\n%s, want\n%s", line, c.want)
			}
		})
	}
}

// metric is one item of performance data, as the guidelines define it.
type metric struct {
	value               float64
	unit                string
	warn, crit          string
	min, max            float64
	hasMin, hasMax, any bool
}

var (
	metricForm = regexp.MustCompile(`^('(?:[^'=]|'')+'|[^'= ]+)=(-?[0-9]+(?:\.[0-9]+)?)(us|ms|s|%|B|KB|MB|GB|TB|c|)` +
		`((?:;[^; ]*){0,4})$`)
	figureForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// parsePlugin reads a plugin's output by the guidelines, strictly.
func parsePlugin(line string) (status string, data map[string]metric, err error) {
	text, perfdata, ok := strings.Cut(line, " | ")
	if !ok || strings.ContainsAny(perfdata, "|") || strings.ContainsAny(line, "\n\r\t") {
		return "", nil, fmt.Errorf("want one line, with one | : %q", line)
	}
	status, rest, ok := strings.Cut(text, ": ")
	if !ok || rest == "" {
		return "", nil, fmt.Errorf("no status in %q", text)
	}
	data = map[string]metric{}
	for item := range strings.SplitSeq(perfdata, " ") {
		parts := metricForm.FindStringSubmatch(item)
		if parts == nil {
			return "", nil, fmt.Errorf("%q is no performance data", item)
		}
		m := metric{unit: parts[3], any: true}
		m.value, _ = strconv.ParseFloat(parts[2], 64)
		fields := strings.Split(strings.TrimPrefix(parts[4], ";"), ";")
		fields = append(fields, "", "", "", "")
		for i, f := range fields[:4] {
			if f != "" && !figureForm.MatchString(f) {
				return "", nil, fmt.Errorf("%q: field %d is no number", item, i)
			}
		}
		m.warn, m.crit = fields[0], fields[1]
		m.min, m.hasMin = figure(fields[2])
		m.max, m.hasMax = figure(fields[3])
		if m.hasMin && m.value < m.min || m.hasMax && m.value > m.max {
			return "", nil, fmt.Errorf("%q is outside of its own bounds", item)
		}
		label := strings.Trim(parts[1], "'")
		if len(label) > 19 || data[label].any {
			return "", nil, fmt.Errorf("label %q is too long, or there twice", label)
		}
		data[label] = m
	}
	return status, data, nil
}

func figure(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

func TestParsePluginIsStrict(t *testing.T) {
	for _, bad := range []string{
		"OK: x", "OK: x | ", "OK: x | a=1,5", "OK: x | a=1 000", "OK: x | a b=1", "OK: x | a=1;;;0;100;7", "OK: x | a=1x",
		"OK: x | a=1;a", "OK: x | a=5;;;0;4", "OK: x | a=1 a=2", "OK: x | a=1 | b=1", "OK: x | it's=1", "x | a=1", "OK: x\n | a=1",
		"OK: x | a=1e5", "OK: x | a=", "OK: x | a=1  b=2",
	} {
		if _, _, err := parsePlugin(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestCheckIsAPlugin: whatever the figures and the names are, it is a line that
// the guidelines allow, with the same labels.
func TestCheckIsAPlugin(t *testing.T) {
	reports := []*diagnosis.Report{incident(), {Snapshot: &source.Snapshot{}}}
	for used := range 1001 {
		reports = append(reports, pressedBy(used))
	}
	for _, r := range reports {
		for _, limits := range []Thresholds{usual, {0, 0}, {33.333, 66.7}, {100, 100}} {
			line, got := Check(r, limits)
			status, data, err := parsePlugin(line)
			if err != nil {
				t.Fatalf("%v\n%s", err, line)
			}
			for _, label := range []string{"pressure", "free", "used", "time_wait"} {
				if !data[label].any {
					t.Errorf("no %s in %s", label, line)
				}
			}
			if len(data) != 4 || status != got.String() {
				t.Errorf("%v: %s", got, line)
			}
			p := data["pressure"]
			if p.unit != "%" || p.warn != number(limits.Warn) || p.crit != number(limits.Crit) || p.min != 0 || p.max != 100 {
				t.Errorf("thresholds %+v: %s", limits, line)
			}
			for i := range len(line) {
				if line[i] < ' ' || line[i] > '~' {
					t.Fatalf("%q is not plain ASCII", line)
				}
			}
		}
	}
}

func TestCheckLineIsClean(t *testing.T) {
	for _, h := range append(hostile, "a|b=1", "open /x|y: no\nsuch file") {
		line := CheckLine(StatusUnknown, h)
		if !strings.HasPrefix(line, "UNKNOWN: ") || strings.ContainsAny(line, "|\n\x1b\x00") {
			t.Errorf("%q became %q", h, line)
		}
	}
	if n := len(CheckLine(StatusUnknown, strings.Repeat("x", 1<<20))); n > 2*checkLimit {
		t.Errorf("a line of %d bytes", n)
	}
}

func TestThresholds(t *testing.T) {
	nan, _ := strconv.ParseFloat("NaN", 64)
	for _, c := range []struct {
		t  Thresholds
		ok bool
	}{
		{usual, true}, {Thresholds{0, 0}, true}, {Thresholds{100, 100}, true}, {Thresholds{90, 90}, true},
		{Thresholds{90.1, 90}, false}, {Thresholds{-1, 90}, false}, {Thresholds{50, 101}, false}, {Thresholds{nan, 90}, false}, {Thresholds{50, nan}, false},
	} {
		if why := c.t.Valid(); (why == "") != c.ok {
			t.Errorf("%+v: %q", c.t, why)
		}
	}
}
