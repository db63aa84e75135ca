package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

func encode(t *testing.T, r *diagnosis.Report) ([]byte, map[string]any) {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b.Bytes(), &m); err != nil {
		t.Fatalf("%v\n%s", err, b.Bytes())
	}
	return b.Bytes(), m
}

// at walks path ("destinations.0.ports") and fails where a field is missing.
func at(t *testing.T, v any, path string) any {
	t.Helper()
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[step]; !ok {
				t.Fatalf("%s: there is no field %q in %v", path, step, x)
			}
		case []any:
			i := int(step[0] - '0')
			if i >= len(x) {
				t.Fatalf("%s: only %d elements", path, len(x))
			}
			v = x[i]
		default:
			t.Fatalf("%s: %q is in no object but in %v", path, step, v)
		}
	}
	return v
}

// TestContract holds every field that scripts may rely on.
func TestContract(t *testing.T) {
	_, m := encode(t, incident())
	for path, want := range map[string]any{
		"schema": "twtop.snapshot/1", "taken_at": "2026-11-21T01:02:03.456Z", "source": "live",
		"host.name": "web-3", "host.kernel": "6.18.44", "host.netns": "net:[4026531840]",
		"sockets.total": 28669.0, "sockets.by_state.established": 540.0, "sockets.by_state.syn_sent": 0.0,
		"sockets.by_state.syn_recv": 1.0, "sockets.by_state.fin_wait1": 0.0, "sockets.by_state.fin_wait2": 0.0,
		"sockets.by_state.time_wait": 28126.0, "sockets.by_state.close": 0.0, "sockets.by_state.close_wait": 0.0,
		"sockets.by_state.last_ack": 0.0, "sockets.by_state.listen": 2.0, "sockets.by_state.closing": 0.0,
		"sockets.by_state.bound_inactive": 0.0, "sockets.orphaned": 3.0,
		"time_wait.outbound": 28104.0, "time_wait.inbound": 22.0, "time_wait.reusable": 0.0, "time_wait.max_buckets": 131072.0,
		"port_range.low": 32768.0, "port_range.high": 60999.0, "port_range.size": 28232.0,
		"port_range.reserved": 0.0, "port_range.bound": 2.0, "port_range.capacity": 28230.0,
		"destinations.0.local": "127.0.0.1", "destinations.0.remote": "127.0.0.1:4001",
		"destinations.0.by_state.established": 126.0, "destinations.0.by_state.time_wait": 28104.0,
		"destinations.0.ports.capacity": 28230.0, "destinations.0.ports.used": 28230.0, "destinations.0.ports.free": 0.0,
		"destinations.0.ports.free_exact": true, "destinations.0.ports.reusable": 0.0,
		"destinations.0.ports.pressure_percent": 100.0, "destinations.0.ports.slow_connect": true,
		"destinations.0.closes_per_second.last": 0.0, "destinations.0.owners_unknown_share": nil,
		"destinations.0.demand_per_second.value": 1480.0, "destinations.0.demand_per_second.basis": "remembered",
		"destinations.0.demand_per_second.at_least":      true,
		"destinations.0.forecast.sustainable_per_second": 468.4, "destinations.0.forecast.exhausted_in_seconds": 0.0,
		"destinations.0.forecast.settles_at_ports": nil, "destinations.0.forecast.at_the_edge": false,
		"destinations.0.forecast.above_sustainable_for_seconds":    41.0,
		"destinations.0.forecast.what_if.0.change":                 "net.ipv4.tcp_tw_reuse=1",
		"destinations.0.forecast.what_if.0.kind":                   "reuse",
		"destinations.0.forecast.what_if.0.sustainable_per_second": 28104.0,
		"destinations.0.forecast.what_if.0.exhausted_in_seconds":   nil,
		"destinations.0.forecast.what_if.0.settles_at_ports":       14112.0,
		"destinations.0.forecast.what_if.0.enough":                 true,
		"destinations.0.forecast.what_if.1.exhausted_in_seconds":   18.3,
		"destinations.0.forecast.what_if.1.enough":                 false,
		"destinations.0.forecast.what_if.2.enough":                 nil,
		"destinations.0.forecast.what_if.2.sustainable_per_second": nil,
		"destinations.0.forecast.what_if.3.change":                 "keepalive",
		"destinations.1.demand_per_second":                         nil,
		"destinations.1.forecast":                                  nil,
		"destinations.0.first_release_in_seconds":                  3.0,
		"destinations.1.remote":                                    "[2001:db8:7777:8888:9999:aaaa:bbbb:cccc]:5432",
		"destinations.1.ports.reusable":                            nil, "destinations.1.ports.free_exact": false,
		"destinations.1.ports.pressure_percent":    1.4,
		"destinations.1.closes_per_second.last":    nil,
		"destinations.1.closes_per_second.history": nil, "destinations.1.releases": nil,
		"services.0.local": "0.0.0.0:4001", "services.0.sockets": 2.0, "services.0.gone": false,
		"services.0.by_state.established": 128.0, "services.0.by_state.time_wait": 22.0,
		"services.0.accept_queue": 512.0, "services.0.backlog": 511.0,
		"services.0.worst_accept_queue": 300.0, "services.0.worst_backlog": 255.0, "services.1.worst_accept_queue": nil,
		"services.1.local": "[::]:8080", "services.1.gone": true, "services.1.accept_queue": nil, "services.1.backlog": nil,
		"gaps.0": "owners: not root, so only the processes of this user could be looked at",
	} {
		if got := at(t, m, path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	for path, want := range map[string]int{
		"destinations": 2, "destinations.0.closes_per_second.history": 60, "destinations.0.releases": 60,
		"destinations.0.owners": 0, "services": 2, "services.0.owners": 0, "findings": 2,
	} {
		if got, ok := at(t, m, path).([]any); !ok || len(got) != want {
			t.Errorf("%s = %v, want an array of %d", path, got, want)
		}
	}
}

func TestContractOfFindings(t *testing.T) {
	r := incident()
	r.Findings[0].Evidence = nil
	_, m := encode(t, r)
	for path, want := range map[string]any{
		"headline.severity": "critical", "headline.finding": "port-exhaustion", "headline.action": r.Headline.Action,
		"findings.0.id": "port-exhaustion", "findings.0.severity": "critical", "findings.0.confidence": "certain",
		"findings.0.subject": "127.0.0.1 → 127.0.0.1:4001", "findings.0.claim": r.Findings[0].Claim,
		"findings.0.remedies.0.kind": "sysctl", "findings.0.remedies.0.text": "set net.ipv4.tcp_tw_reuse to 1 (now 0)",
		"findings.0.remedies.0.enough": true, "findings.0.remedies.0.key": "net.ipv4.tcp_tw_reuse", "findings.0.remedies.0.value": "1",
		"findings.0.remedies.0.effect": "enough: 28,104/s are borne, at least 1,480/s wanted",
		"findings.0.remedies.0.page":   "port-exhaustion",
		"findings.0.remedies.1.key":    nil, "findings.0.remedies.2.value": nil, "findings.0.remedies.2.enough": false,
		"findings.0.remedies.3.enough": nil, "findings.0.remedies.4.effect": nil, "findings.0.remedies.4.page": nil,
		"findings.1.evidence.0": "300 connections wait to be accepted, with a backlog of 255.",
	} {
		if got := at(t, m, path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if e, ok := at(t, m, "findings.0.evidence").([]any); !ok || len(e) != 0 {
		t.Errorf("no evidence is %v, want []", e)
	}
}

// TestHeadlineOfNoFinding: a calm one is of none, and has nothing to do.
func TestHeadlineOfNoFinding(t *testing.T) {
	r := incident()
	r.Headline = diagnosis.Headline{Text: "all is well", Finding: -1, Destination: -1}
	_, m := encode(t, r)
	for _, path := range []string{"headline.evidence", "headline.action", "headline.finding"} {
		if got := at(t, m, path); got != nil {
			t.Errorf("%s = %v, want null", path, got)
		}
	}
}

func TestJSONOfNothing(t *testing.T) {
	_, m := encode(t, &diagnosis.Report{Snapshot: &source.Snapshot{}})
	for _, path := range []string{"taken_at", "host.name", "host.kernel", "host.netns", "time_wait.reusable", "time_wait.max_buckets", "sockets.change"} {
		if got := at(t, m, path); got != nil {
			t.Errorf("%s = %v, want null", path, got)
		}
	}
	for _, path := range []string{"destinations", "services", "findings", "gaps", "sysctls"} {
		if _, ok := at(t, m, path).([]any); !ok {
			t.Errorf("%s is no array", path)
		}
	}
}

func TestPressureIsRoundedDown(t *testing.T) {
	for in, want := range map[float64]float64{100: 100, 99.9965: 99.9, 92.143: 92.1, 92.1: 92.1, 0: 0, 0.04: 0, 0.3: 0.3} {
		if got := tenths(in); got != want {
			t.Errorf("tenths(%v) = %v, want %v", in, got, want)
		}
	}
}

func TestHostileStrings(t *testing.T) {
	for _, h := range hostile {
		r := incident()
		r.Snapshot.Host = source.Host{Name: h, Kernel: h, NetNS: h}
		r.Snapshot.Sysctls["net.ipv4.tcp_tw_reuse"] = h
		r.Headline.Text, r.Headline.Evidence, r.Headline.Action = h, h, h
		r.Findings = append(r.Findings, diagnosis.Finding{Subject: h, Claim: h, Evidence: []string{h},
			Remedies: []diagnosis.Remedy{{Kind: diagnosis.RemedySysctl, Text: h, Effect: h, Key: h, Value: h, Page: h}}})
		r.Headline.Finding = 2
		r.Gaps = []string{h}
		b, _ := encode(t, r)
		var text bytes.Buffer
		if err := Text(&text, r, Width); err != nil {
			t.Fatal(err)
		}
		for _, out := range [][]byte{b, text.Bytes()} {
			if i := bytes.IndexAny(out, "\x00\x07\x1b\r\u009b\u202e\u200b"); i >= 0 || !utf8.Valid(out) {
				t.Errorf("%q came through, at %d:\n%s", h, i, out)
			}
			if bytes.Contains(out, []byte(`\u001b`)) || bytes.Contains(out, []byte(`\u0000`)) {
				t.Errorf("%q came through escaped", h)
			}
		}
	}
}

// limited takes n bytes and then fails, like a full disk.
type limited int

var errFull = errors.New("no space left")

func (l *limited) Write(p []byte) (int, error) {
	if *l -= limited(len(p)); *l < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteError(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *diagnosis.Report) error{
		"JSON": JSON,
		"Text": func(w io.Writer, r *diagnosis.Report) error { return Text(w, r, Width) },
	} {
		var whole peak
		if err := write(&whole, crowd(1000)); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, whole.total / 2, whole.total - 1} {
			room := limited(size)
			if err := write(&room, crowd(1000)); !errors.Is(err, errFull) {
				t.Errorf("%s of %d bytes with room for %d: %v, want %v", name, whole.total, size, err, errFull)
			}
		}
	}
}

// peak counts what is written and remembers the largest write.
type peak struct{ total, largest int }

func (w *peak) Write(p []byte) (int, error) {
	w.total += len(p)
	w.largest = max(w.largest, len(p))
	return len(p), nil
}

// TestJSONOfProc: /proc/net/tcp has no bound sockets, which is not none.
func TestJSONOfProc(t *testing.T) {
	_, m := encode(t, &diagnosis.Report{Snapshot: &source.Snapshot{Kind: source.KindProc}})
	if got := at(t, m, "sockets.by_state.bound_inactive"); got != nil {
		t.Errorf("bound_inactive is %v, want null", got)
	}
}

func TestJSONStreams(t *testing.T) {
	var w peak
	if err := JSON(&w, crowd(5000)); err != nil {
		t.Fatal(err)
	}
	if w.total < 3_000_000 || w.largest > 128<<10 {
		t.Errorf("%d bytes in writes of up to %d: that is not a stream", w.total, w.largest)
	}
}

func BenchmarkJSON(b *testing.B) {
	r := crowd(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := JSON(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

// TestJSONOfALongSysctl: a value that the kernel prints is there in full, or
// whoever writes it back loses ports.
func TestJSONOfALongSysctl(t *testing.T) {
	ports := make([]string, 0, 32768)
	for p := 1; p < 65536; p += 2 {
		ports = append(ports, strconv.Itoa(p))
	}
	value := strings.Join(ports, ",")
	r := incident()
	r.Snapshot.Sysctls[sysctl.LocalReservedPorts] = value
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"`+value+`"`) {
		t.Errorf("a value of %d bytes was cut", len(value))
	}
}
