package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// snapshotOf runs `twtop snapshot --json` on ns and decodes it.
func snapshotOf(t *testing.T, ns *netnstest.NS, flags ...string) map[string]any {
	t.Helper()
	cmd := exec.Command(program(t), append([]string{"snapshot", "--json", "--netns", ns.Path()}, flags...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var m map[string]any
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return m
}

// look walks path; a number chooses an element, and "local=…" or "key=…" the
// element that has that.
func look(t *testing.T, v any, path string) any {
	t.Helper()
	for _, step := range strings.Split(path, "/") {
		switch x := v.(type) {
		case map[string]any:
			field, ok := x[step]
			if !ok {
				t.Fatalf("%s: there is no %q in %v", path, step, x)
			}
			v = field
		case []any:
			v = choose(t, x, path, step)
		default:
			t.Fatalf("%s: no %q in %v", path, step, v)
		}
	}
	return v
}

func choose(t *testing.T, list []any, path, step string) any {
	t.Helper()
	if i, err := strconv.Atoi(step); err == nil && i < len(list) {
		return list[i]
	}
	field, want, _ := strings.Cut(step, "=")
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && m[field] == want {
			return e
		}
	}
	t.Fatalf("%s: no %q in %v", path, step, list)
	return nil
}

// knownWorld is a namespace in which every figure of the JSON is known.
func knownWorld(t *testing.T) *netnstest.NS {
	t.Helper()
	ns := netnstest.New(t)
	ns.SetRange(20000, 20099)
	ns.Set("net.ipv4.tcp_tw_reuse", "0")
	ns.Set("net.ipv4.tcp_max_tw_buckets", "5000")
	ns.Set("net.ipv4.ip_local_reserved_ports", "20010-20012,30000")
	ns.Listen("127.0.0.9:20020")       // takes one port from everybody
	ns.Bind("127.0.0.9:20030")         // and so does this
	worst := ns.Listen("0.0.0.0:4001") // 30 TIME-WAIT, 2 ESTAB
	for range 30 {
		ns.Connect(worst, "127.0.0.1:4001").TimeWait()
	}
	for range 2 {
		ns.Connect(worst, "127.0.0.1:4001")
	}
	six := ns.Listen("[::1]:80")
	ns.Connect(six, "[::1]:80")
	half := ns.Connect(six, "[::1]:80") // the server closes first: FIN-WAIT-2 there, CLOSE-WAIT here
	half.Server.CloseWrite()
	half.Client.WaitClosed()
	ns.Listen("127.0.0.1:7000", netnstest.Backlog(5)) // two connections wait for accept()
	for range 2 {
		c, err := ns.Dial("127.0.0.1:7000")
		if err != nil {
			t.Fatal(err)
		}
		c.WaitEstablished()
	}
	return ns
}

// TestJSONOfAKnownWorld holds what the command tells against what was made.
func TestJSONOfAKnownWorld(t *testing.T) {
	ns := knownWorld(t)
	m := snapshotOf(t, ns)
	const worst, six = "destinations/remote=127.0.0.1:4001", "destinations/remote=[::1]:80"
	for path, want := range map[string]any{
		"schema": "twtop.snapshot/1", "source": "live",
		"sockets/total":                                      47.0,
		"sockets/by_state/time_wait":                         30.0,
		"sockets/by_state/established":                       10.0, // both ends of 2 + 1, and of 2 not accepted yet
		"sockets/by_state/close_wait":                        1.0,
		"sockets/by_state/fin_wait2":                         1.0,
		"sockets/by_state/listen":                            4.0,
		"sockets/orphaned":                                   0.0,
		"time_wait/outbound":                                 30.0,
		"time_wait/inbound":                                  0.0,
		"time_wait/reusable":                                 0.0,
		"time_wait/max_buckets":                              5000.0,
		"port_range/low":                                     20000.0,
		"port_range/high":                                    20099.0,
		"port_range/size":                                    100.0,
		"port_range/reserved":                                3.0,
		"port_range/bound":                                   2.0,
		"port_range/capacity":                                95.0,
		"destinations/0/remote":                              "127.0.0.1:4001",
		worst + "/local":                                     "127.0.0.1",
		worst + "/by_state/time_wait":                        30.0,
		worst + "/by_state/established":                      2.0,
		worst + "/ports/capacity":                            95.0,
		worst + "/ports/used":                                32.0,
		worst + "/ports/free":                                63.0,
		worst + "/ports/free_exact":                          true,
		worst + "/ports/reusable":                            0.0,
		worst + "/ports/pressure_percent":                    33.6,
		worst + "/ports/slow_connect":                        false,
		worst + "/demand_per_second/basis":                   "present",
		worst + "/forecast/sustainable_per_second":           1.6, // 93 ports in 60 s
		worst + "/owners_unknown_share":                      0.0,
		worst + "/owners/0/pid":                              float64(os.Getpid()),
		worst + "/owners/0/basis":                            "same_destination",
		"services/local=0.0.0.0:4001/owners/0/pid":           float64(os.Getpid()),
		six + "/local":                                       "::1",
		six + "/by_state/established":                        1.0,
		six + "/by_state/close_wait":                         1.0,
		six + "/ports/used":                                  2.0,
		"services/local=0.0.0.0:4001/by_state/established":   2.0,
		"services/local=0.0.0.0:4001/sockets":                1.0,
		"services/local=0.0.0.0:4001/gone":                   false,
		"services/local=127.0.0.1:7000/accept_queue":         2.0,
		"services/local=127.0.0.1:7000/backlog":              5.0,
		"services/local=[::1]:80/by_state/fin_wait2":         1.0,
		"sysctls/key=net.ipv4.tcp_tw_reuse/value":            "0",
		"sysctls/key=net.ipv4.tcp_tw_reuse/scope":            "netns",
		"sysctls/key=net.ipv4.tcp_tw_reuse/recommended":      "1", // ports are short
		"sysctls/key=net.ipv4.tcp_fin_timeout/recommended":   "60",
		"sysctls/key=net.ipv4.ip_local_port_range/value":     "20000 20099",
		"sysctls/key=net.ipv4.ip_local_reserved_ports/value": "20010-20012,30000",
	} {
		if got := look(t, m, path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	for _, list := range []string{"findings", "gaps", worst + "/owners", "services/0/owners"} {
		if _, ok := look(t, m, list).([]any); !ok {
			t.Errorf("%s is no array", list)
		}
	}
	for _, text := range []string{"taken_at", "host/name", "host/kernel", "host/netns",
		"sysctls/key=net.ipv4.tcp_tw_reuse/why", "sysctls/key=net.ipv4.tcp_tw_reuse/risk"} {
		if s, ok := look(t, m, text).(string); !ok || s == "" {
			t.Errorf("%s is no text", text)
		}
	}
	holdSeries(t, m, worst)
}

// holdSeries: all 30 closed within the test, so all come back within a minute.
func holdSeries(t *testing.T, m map[string]any, destination string) {
	t.Helper()
	for _, name := range []string{"/closes_per_second/history", "/releases"} {
		series, ok := look(t, m, destination+name).([]any)
		if !ok || len(series) != 60 {
			t.Fatalf("%s is %v, want 60 figures", name, series)
		}
		if name == "/releases" {
			if n := sum(series); n != 30 {
				t.Errorf("%v ports come back, want 30: %v", n, series)
			}
		}
	}
	if _, ok := look(t, m, destination+"/closes_per_second/last").(float64); !ok {
		t.Error("closes_per_second/last is no number")
	}
}

func sum(figures []any) (n float64) {
	for _, f := range figures {
		n += f.(float64)
	}
	return n
}

// TestFamilyFlags: -4 and -6 choose connections, never what blocks a port.
func TestFamilyFlags(t *testing.T) {
	ns := knownWorld(t)
	for flag, want := range map[string]string{"-4": "127.0.0.1", "-6": "::1"} {
		m := snapshotOf(t, ns, flag)
		destinations := look(t, m, "destinations").([]any)
		if len(destinations) == 0 {
			t.Errorf("%s shows no destination", flag)
		}
		for i := range destinations {
			if got := look(t, m, fmt.Sprintf("destinations/%d/local", i)); got != want {
				t.Errorf("%s shows a destination from %v", flag, got)
			}
		}
		if got := look(t, m, "port_range/capacity"); got != 95.0 {
			t.Errorf("%s: capacity %v, want 95", flag, got)
		}
	}
}

// TestCountsOfTheKernel holds the counts against /proc/net/sockstat.
func TestCountsOfTheKernel(t *testing.T) {
	ns := knownWorld(t)
	m := snapshotOf(t, ns)
	var inUse, tw float64
	ns.Do(func() {
		fields := strings.Fields(procLine(t, "/proc/thread-self/net/sockstat", "TCP:"))
		inUse, tw = figureAfter(fields, "inuse"), figureAfter(fields, "tw")
		inUse += figureAfter(strings.Fields(procLine(t, "/proc/thread-self/net/sockstat6", "TCP6:")), "inuse")
	})
	if got := look(t, m, "sockets/by_state/time_wait"); got != tw {
		t.Errorf("%v in TIME-WAIT, and sockstat says %v", got, tw)
	}
	full := look(t, m, "sockets/total").(float64) - tw - look(t, m, "sockets/by_state/bound_inactive").(float64)
	if full != inUse {
		t.Errorf("%v full sockets, and sockstat says %v", full, inUse)
	}
}
