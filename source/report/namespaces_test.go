package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

func space(name string, inode uint64) source.Namespace {
	return source.Namespace{Names: []string{name}, Inode: inode, Members: 2, Processes: []source.Process{{PID: 7, Name: "nginx"}, {PID: 9, Name: "sh"}}}
}

// stands is a namespace of which so many of 1,000 ports are in use.
func stands(name string, used int) source.Standing {
	v := pressedBy(used).Verdict()
	return source.Standing{Namespace: space(name, uint64(used)+1), Verdict: &v, TimeWait: ptr(used), Sockets: ptr(used),
		Range: source.PortRange{Low: 20000, High: 20999}, RangeKnown: true}
}

// bounded is a namespace whose sockets were not listed.
func bounded(name string, percent float64) source.Standing {
	s := stands(name, 0)
	s.Verdict, s.AtMost = nil, &percent
	return s
}

func troubled(name string) source.Standing {
	return source.Standing{Namespace: space(name, 5), Trouble: "not root"}
}

func gone(name string) source.Standing {
	s := stands(name, 1000)
	s.Gone = true
	return s
}

func TestVerdict(t *testing.T) {
	v := pressedBy(921).Verdict()
	if v.Pressure != 92.1 || v.Free != 79 || !v.FreeExact || v.Capacity != 1000 || v.Destination != "10.0.0.1 → 10.0.0.9:5432" {
		t.Errorf("got %+v", v)
	}
	if v := incident().Verdict(); !v.Critical || v.Warning || v.Headline == "" || v.Pressure != 100 {
		t.Errorf("got %+v", v)
	}
	calm := diagnosis.Report{Snapshot: &source.Snapshot{}, Ports: diagnosis.PortTotals{Capacity: 5}}
	if v := calm.Verdict(); v.Pressure != 0 || v.Free != 5 || v.Destination != "" {
		t.Errorf("nothing is connected: %+v", v)
	}
}

// TestJSONMany: each namespace is what JSON writes of it, and what it is.
func TestJSONMany(t *testing.T) {
	calm := pressedBy(3)
	looks := []Look{{space("calm", 8), calm}, {space("payments", 9), incident()}, {source.Namespace{Own: true, First: true,
		Container: source.Container{ID: "3f2a", Runtime: "docker"}}, crowd(300)}}
	SortLooks(looks)
	if looks[2].Report != calm {
		t.Error("the calm one is not the last")
	}
	var b bytes.Buffer
	if err := JSONMany(&b, looks, []string{"not root: \x1b[31mthe rest"}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema     string
		Namespaces []map[string]json.RawMessage
		Gaps       []string
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v:\n%.500s", err, &b)
	}
	if got.Schema != "twtop.snapshots/1" || len(got.Namespaces) != 3 || len(got.Gaps) != 1 || got.Gaps[0] != "not root: the rest" {
		t.Errorf("%s, %d namespaces, gaps %q", got.Schema, len(got.Namespaces), got.Gaps)
	}
	for i, n := range got.Namespaces {
		var alone bytes.Buffer
		if err := JSON(&alone, looks[i].Report); err != nil {
			t.Fatal(err)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(alone.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if len(n) != len(want)+1 || string(n["schema"]) != `"twtop.snapshot/1"` {
			t.Errorf("%d fields instead of %d and one more; schema %s", len(n), len(want), n["schema"])
		}
		for name := range want {
			if !bytes.Equal(n[name], want[name]) {
				t.Errorf("%s differs", name)
			}
		}
	}
	first := string(got.Namespaces[0]["namespace"]) + string(got.Namespaces[1]["namespace"])
	for _, part := range []string{`"name":"payments"`, `"inode":9`, `"cookie":null`, `"names":["payments"]`, `"mounts":[]`,
		`"processes":[{"pid":7,"name":"nginx"},{"pid":9,"name":"sh"}]`, `"members":2`, `"container":null`, `"runtime":"docker"`, `"host":true`, `"own":true`} {
		if !strings.Contains(first, part) {
			t.Errorf("no %s in %s", part, first)
		}
	}
	b.Reset()
	if err := JSONMany(&b, nil, nil); err != nil || !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"namespaces": []`) {
		t.Errorf("none: %v: %s", err, &b)
	}
}

func TestTextMany(t *testing.T) {
	odd := stands("odd\x1b[31m name", 20)
	odd.Verdict.FreeExact = false
	all := []source.Standing{stands("payments", 1000), odd, bounded("idle", 2.71), troubled("user"), gone("left")}
	var b bytes.Buffer
	if err := TextMany(&b, all, []string{"not root: the network namespaces of 3 processes are not shown"}, pressedBy(1000), Width); err != nil {
		t.Fatal(err)
	}
	want := `CRITICAL: 1 of 4 namespaces has no port left: payments

Network namespaces, worst first
  PRESSURE     FREE TIME-WAIT  LOCAL PORTS
    100.0%        0     1,000  20000-20999  payments, nginx, sh, 2 processes
      2.0%    <=980        20  20000-20999  odd name, nginx, sh, 2 processes
    <=2.8%        -         0  20000-20999  idle, nginx, sh, 2 processes
   unknown        -   unknown      unknown  user, not looked into
      gone        -     1,000  20000-20999  left, nginx, sh, 2 processes

Not known
  not root: 1 network namespace could not be looked into: user
  not root: the network namespaces of 3 processes are not shown

The worst, in full: payments

`
	if got, rest, _ := strings.Cut(b.String(), "OK:\n"); got != want || !strings.Contains(rest, "Destinations, worst first") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, c := range []struct {
		all  []source.Standing
		want string
	}{
		{[]source.Standing{stands("a", 600), bounded("b", 3)}, "OK: 2 network namespaces, the fullest is a: pressure 60.0%\n"},
		{[]source.Standing{bounded("a", 3.04), bounded("b", 3)}, "OK: 2 network namespaces, none with a pressure above 3.1%\n"},
		{[]source.Standing{stands("a", 30), troubled("b"), gone("c")}, "UNKNOWN: 2 network namespaces, 1 of which could not be looked into\n"},
		{[]source.Standing{bounded("a", 3), troubled("b")}, "UNKNOWN: 2 network namespaces, 1 of which could not be looked into\n"},
		{[]source.Standing{troubled("a")}, "1 network namespace, none of which could be looked into\n"},
		{nil, "0 network namespaces\n"},
	} {
		b.Reset()
		if err := TextMany(&b, c.all, nil, nil, Width); err != nil || !strings.HasPrefix(b.String(), c.want) {
			t.Errorf("got %v\n%s\nwant %s", err, &b, c.want)
		}
	}
}

func TestUnseenGaps(t *testing.T) {
	got := UnseenGaps(map[string][]string{"not root": {"a", "b", "c", "d", "e"}, "it hangs": {"f"}})
	want := []string{"it hangs: 1 network namespace could not be looked into: f",
		"not root: 5 network namespaces could not be looked into: a, b, c and 2 more"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestCheckMany(t *testing.T) {
	const perf = " | pressure=100%;50;90;0;100 free=0;;;0;1000 used=1000;;;0;1000 time_wait=1000;;;0;"
	full, calm := pressedBy(1000), pressedBy(30)
	for name, c := range map[string]struct {
		all    []source.Standing
		gaps   []string
		worst  *diagnosis.Report
		status Status
		want   string
	}{
		"exhausted": {[]source.Standing{stands("payments", 1000), bounded("b", 3), gone("c")}, nil, full, StatusCritical,
			"CRITICAL: 1 of 2 namespaces has no port left: payments: 10.0.0.1 -> 10.0.0.9:5432 has no local port left of 1000, each comes back when its connection ends" +
				perf + " namespaces=2;;;0; exhausted=1;;;0;2"},
		"several": {[]source.Standing{stands("a", 950), stands("b", 500), stands("c", 499)}, nil, pressedBy(950), StatusCritical,
			"CRITICAL: 2 of 3 namespaces at 50 % or above: a: 10.0.0.1 -> 10.0.0.9:5432 holds 950 of 1000 local ports, pressure 95 %, 50 free"},
		"calm": {[]source.Standing{stands("a", 30), bounded("b", 2)}, nil, calm, StatusOK,
			"OK: the fullest of 2 namespaces: a: 10.0.0.1 -> 10.0.0.9:5432 holds 30 of 1000 local ports, pressure 3 %, 970 free | "},
		"calm, and one unseen": {[]source.Standing{stands("a", 30), troubled("b|x")}, nil, calm, StatusUnknown,
			"UNKNOWN: the fullest of 2 namespaces: a: 10.0.0.1 -> 10.0.0.9:5432 holds 30 of 1000 local ports, pressure 3 %, 970 free; 1 namespace not looked into: b/x (not root) | "},
		"calm, and others unseen": {[]source.Standing{stands("ä", 30)}, []string{"not root: and so on"}, calm, StatusUnknown,
			"UNKNOWN: the fullest of 1 namespace: ?: 10.0.0.1 -> 10.0.0.9:5432 holds 30 of 1000 local ports, pressure 3 %, 970 free; not root: and so on | "},
		"bad, and others unseen": {[]source.Standing{stands("a", 500), troubled("b"), troubled("c")}, nil, pressedBy(500), StatusWarning,
			"WARNING: 1 of 3 namespaces at 50 % or above: a: "},
		"nothing seen": {[]source.Standing{troubled("b"), troubled("c")}, nil, nil, StatusUnknown,
			"UNKNOWN: no network namespace could be looked into; 2 namespaces not looked into: b (not root) and 1 more"},
	} {
		line, status := CheckMany(c.all, c.gaps, c.worst, usual)
		if status != c.status || !strings.HasPrefix(line, c.want) {
			t.Errorf("%s: %v\n%s, want\n%s", name, status, line, c.want)
		}
		if c.worst == nil {
			continue
		}
		if said, data, err := parsePlugin(line); err != nil || said != status.String() || len(data) != 6 {
			t.Errorf("%s: %v: %s", name, err, line)
		}
	}
	for _, h := range hostile {
		line, status := CheckMany([]source.Standing{stands(h+"|", 1000)}, []string{h + "|"}, full, usual)
		if _, _, err := parsePlugin(line); err != nil || status != StatusCritical {
			t.Errorf("%q: %v: %s", h, err, line)
		}
		for i := range len(line) {
			if line[i] < ' ' || line[i] > '~' {
				t.Fatalf("%q is not plain ASCII", line)
			}
		}
	}
}
