package sysctl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// tickedOf is what a plan would write, in its order.
func tickedOf(p Plan) []string {
	var out []string
	for _, i := range p.Chosen() {
		out = append(out, strings.TrimPrefix(i.Key.Name, "net.ipv4.")+"="+i.Want)
	}
	return out
}

func portsOf(list string) source.PortSet {
	set, err := ParsePorts(list)
	if err != nil {
		panic(err)
	}
	return set
}

func TestPortFindingTicksThePortKeys(t *testing.T) {
	for _, finding := range []string{"port-exhaustion", "port-pressure", "slow-connect"} {
		f := short(map[string]string{Timestamps: "0"})
		f.Needs = []Need{{Key: LocalPortRange, Finding: finding}}
		f.Holders.Listening = portsOf("80,11211,40000")
		f.Holders.Bound = portsOf("12000,50000")
		got := tickedOf(NewPlan(f))
		want := []string{"ip_local_reserved_ports=11211,12000,40000", "tcp_timestamps=1", "tcp_tw_reuse=1", "ip_local_port_range=10240 65535"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", finding, got, want)
		}
	}
}

func TestWithoutAFindingNothingIsTicked(t *testing.T) {
	f := short(nil)
	for _, needs := range [][]Need{nil, {{Key: keySomaxconn, Value: "8192", Finding: "listen-overflow"}}} {
		f.Needs = needs
		p := NewPlan(f)
		for _, key := range []string{TWReuse, LocalPortRange, LocalReservedPorts, FinTimeout} {
			if i := p.Item(key); i == nil || i.Ticked {
				t.Errorf("%v: %s is %+v, want listed and not ticked", needs, key, i)
			}
		}
	}
}

func TestOtherKeysOnTheirFindingOnly(t *testing.T) {
	for _, n := range []Need{
		{Key: keySomaxconn, Value: "8192", Finding: "listen-overflow"},
		{Key: "net.ipv4.tcp_max_syn_backlog", Value: "4096", Finding: "listen-overflow"},
		{Key: MaxTWBuckets, Value: "262144", Finding: "time-wait-overflow"},
		{Key: keyConntrackTimeWait, Value: "60", Finding: "conntrack-full"},
		{Key: keyKeepaliveTime, Value: "300", Finding: "idle-outlives-nat"},
	} {
		f := short(map[string]string{keyConntrackTimeWait: "120"})
		p := NewPlan(f)
		if p.Item(n.Key) != nil {
			t.Errorf("%s is in a plan that nothing of it was asked of", n.Key)
		}
		f.Needs = []Need{n}
		p = NewPlan(f)
		if i := p.Item(n.Key); i == nil || !i.Ticked || i.Want != n.Value || i.Finding != n.Finding {
			t.Errorf("%s: %+v", n.Key, i)
		}
	}
}

func TestNothingGetsWorse(t *testing.T) {
	for _, c := range []struct{ key, now, asked, want string }{
		{keySomaxconn, "65535", "8192", "65535"},
		{keySomaxconn, "4096", "8192", "8192"},
		{MaxTWBuckets, "2000000", "262144", "2000000"},
		{keyKeepaliveTime, "60", "300", "60"},
		{keyKeepaliveTime, "7200", "300", "300"},
		{keyConntrackTimeWait, "30", "60", "30"},
	} {
		f := short(map[string]string{c.key: c.now})
		f.Needs = []Need{{Key: c.key, Value: c.asked, Finding: "x"}}
		p := NewPlan(f)
		i := p.Item(c.key)
		if i.Want != c.want || i.Ticked != (c.want != c.now) {
			t.Errorf("%s now %s, asked %s: want %s, ticked %v", c.key, c.now, c.asked, i.Want, i.Ticked)
		}
	}
	p := NewPlan(short(map[string]string{TWReuse: "1", Timestamps: "2", LocalPortRange: "1024 65535"}))
	if got := tickedOf(p); len(got) != 0 {
		t.Errorf("all is as it should be, and %q are ticked", got)
	}
}

func TestFinTimeoutIsNeverSet(t *testing.T) {
	f := short(nil)
	f.Needs = append(f.Needs, Need{Key: FinTimeout, Value: "15", Finding: "port-exhaustion"})
	p := NewPlan(f)
	i := p.Item(FinTimeout)
	if i == nil || i.Ticked || i.Want != "60" || !strings.Contains(i.Why, "a TIME-WAIT lasts 60 s") {
		t.Errorf("%+v", i)
	}
	if _, err := p.Only([]string{FinTimeout}); err == nil {
		t.Error("it can be ticked")
	}
}

func TestRecycleOnlyToZero(t *testing.T) {
	f := short(map[string]string{TWRecycle: "1", Timestamps: "0"})
	got := tickedOf(NewPlan(f))
	if i, j := slices.Index(got, "tcp_tw_recycle=0"), slices.Index(got, "tcp_timestamps=1"); i < 0 || j < i {
		t.Errorf("%q: timestamps would give tcp_tw_recycle effect before it is off", got)
	}
	f.Values[TWRecycle] = "0"
	f.Needs = append(f.Needs, Need{Key: TWRecycle, Value: "1", Finding: "tw-recycle"})
	if p := NewPlan(f); p.Item(TWRecycle) != nil {
		t.Errorf("%+v", p.Item(TWRecycle))
	}
	if _, err := Check(TWRecycle, "1"); err == nil {
		t.Error("tcp_tw_recycle=1 can be written")
	}
}

func TestRange(t *testing.T) {
	for _, c := range []struct{ now, floor, want string }{
		{"32768 60999", "1024", "10240 65535"},
		{"32768 60999", "", "10240 65535"},
		{"1024 65535", "1024", "1024 65535"},
		{"2000 61000", "1024", "2000 65535"},
		{"2001 61000", "1024", "2000 65535"}, // different parity
		{"1025 65535", "1025", "1025 65535"}, // nothing to be done about it
		{"1 65535", "0", "1 65535"},
		{"32768 60999", "20000", "20000 65535"},
		{"32768 60999", "20001", "20002 65535"},
		{"20001 60999", "20001", "20001 65535"},
		{"10240 65535", "1024", "10240 65535"},
	} {
		f := short(map[string]string{LocalPortRange: c.now, UnprivilegedStart: c.floor})
		if c.floor == "" {
			delete(f.Values, UnprivilegedStart)
		}
		p := NewPlan(f)
		i := p.Item(LocalPortRange)
		if i.Want != c.want || i.Refused != "" || i.Ticked != (c.want != c.now) {
			t.Errorf("%s above %q: %q, ticked %v, refused %q; want %q", c.now, c.floor, i.Want, i.Ticked, i.Refused, c.want)
		}
	}
}

// TestRangeNeverWorse tries ranges and floors.
func TestRangeNeverWorse(t *testing.T) {
	for low := 1; low < 65535; low += 2999 {
		for high := low; high <= 65535; high += 3331 {
			for floor := 0; floor <= low; floor += 4099 {
				f := short(map[string]string{LocalPortRange: fmt.Sprintf("%d %d", low, high), UnprivilegedStart: fmt.Sprint(floor)})
				p := NewPlan(f)
				r, err := parseRange(p.Item(LocalPortRange).Want)
				if err != nil || int(r.Low) > low || int(r.High) < high || int(r.Low) < floor {
					t.Fatalf("%d–%d above %d became %v (%v)", low, high, floor, r, err)
				}
			}
		}
	}
}

func TestRangeBelowTheFloorIsRefused(t *testing.T) {
	p := NewPlan(short(map[string]string{LocalPortRange: "1024 60999", UnprivilegedStart: "2048"}))
	if i := p.Item(LocalPortRange); i.Refused == "" || i.Ticked {
		t.Errorf("%+v", i)
	}
	if i := p.Item(TWReuse); !i.Ticked {
		t.Error("reuse does not depend on it")
	}
}

func TestReservations(t *testing.T) {
	for _, c := range []struct {
		name, have, listening, bound, asked string
		kubelet                             bool
		want                                string
	}{
		{name: "keeps what is there", have: "1,2,3,8080", listening: "11211", want: "1-3,8080,11211"},
		{name: "below the range", listening: "80,443,4001,10239", want: ""},
		{name: "ends", listening: "10240,65535", want: "10240,65535"},
		{name: "bound in the gain only", bound: "10241,32767,32768,60999,61000", want: "10241,32767,61000"},
		{name: "asked for", asked: "5432,20000-20002", want: "5432,20000-20002"},
		{name: "kubelet", kubelet: true, listening: "30001", have: "8080", want: "8080,30000-32767"},
	} {
		f := short(map[string]string{LocalReservedPorts: c.have})
		f.Holders.Listening, f.Holders.Bound, f.Reserve, f.Kubelet = portsOf(c.listening), portsOf(c.bound), portsOf(c.asked), c.kubelet
		p := NewPlan(f)
		if i := p.Item(LocalReservedPorts); i.Want != c.want || i.Ticked != (c.want != c.have) || i.Refused != "" {
			t.Errorf("%s: %q, ticked %v, refused %q; want %q", c.name, i.Want, i.Ticked, i.Refused, c.want)
		}
	}
}

// TestReservationsAreForServices: a program with thousands of bound sockets
// must not get the range reserved away.
func TestReservationsAreForServices(t *testing.T) {
	f := short(nil)
	f.Holders.Bound = portsOf("10240-20000")
	p := NewPlan(f)
	if r, w := p.Item(LocalReservedPorts), p.Item(LocalPortRange); r.Refused == "" || w.Refused == "" || w.Ticked {
		t.Errorf("reserved: %q; range: %q, ticked %v", r.Refused, w.Refused, w.Ticked)
	}
	f.Holders.Bound = portsOf("32768-60999") // clients, in the range of now
	p = NewPlan(f)
	if r := p.Item(LocalReservedPorts); r.Refused != "" || r.Want != "" {
		t.Errorf("%q, refused %q", r.Want, r.Refused)
	}
}

func TestLongListIsRefused(t *testing.T) {
	f := short(nil)
	for p := 10240; p < 10240+2*900; p += 2 {
		f.Reserve.Add(uint16(p))
	}
	p := NewPlan(f)
	if r, w := p.Item(LocalReservedPorts), p.Item(LocalPortRange); r.Refused == "" || w.Refused == "" {
		t.Errorf("%q, %q", r.Refused, w.Refused)
	}
}

func TestRecentFramesCount(t *testing.T) {
	var h Holders
	h.See(&source.Snapshot{Listeners: []source.Listener{{Port: 11211}}, Bound: []source.Bound{{Port: 12000}}})
	h.See(&source.Snapshot{Listeners: []source.Listener{{Port: 9200}}})
	f := FactsOf(&source.Snapshot{Kind: source.KindLive, Sysctls: stock()}, nil)
	f.Holders = h
	p := NewPlan(f)
	if got := p.Item(LocalReservedPorts).Want; got != "11211,12000" {
		t.Errorf("%q", got)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(*Facts)
		want string // in Plan.Refused
	}{
		{"root", func(*Facts) {}, ""},
		{"not root", func(f *Facts) { f.Root = false }, "sudo twtop sysctl apply --yes"},
		{"its own line", func(f *Facts) { f.Root, f.Sudo = false, "sudo twtop --netns x" }, "sudo twtop --netns x"},
		{"container", func(f *Facts) { f.Root, f.ProcReadOnly = false, true }, "--as kubernetes"},
		{"read-only", func(f *Facts) { f.ReadOnly = true }, "runs read-only"},
		{"replay", func(f *Facts) { f.Replay = true }, "recording"},
	} {
		f := short(nil)
		c.with(&f)
		p := NewPlan(f)
		if (p.Refused == "") != (c.want == "") || !strings.Contains(p.Refused, c.want) {
			t.Errorf("%s: %q", c.name, p.Refused)
		}
		if len(tickedOf(p)) == 0 {
			t.Errorf("%s: the plan is empty, and cannot be exported", c.name)
		}
		if (c.want != "") != (p.PersistRefused != "") {
			t.Errorf("%s: persisting: %q", c.name, p.PersistRefused)
		}
	}
}

func TestHostWideKeysFromInside(t *testing.T) {
	needs := []Need{{Key: MaxOrphans, Value: "262144", Finding: "orphans"}, {Key: "fs.file-max", Value: "4000000", Finding: "x"},
		{Key: keyConntrackMax, Value: "524288", Finding: "conntrack-full"}, {Key: "fs.nr_open", Value: "2000000", Finding: "fd-limit"}}
	for name, with := range map[string]func(*Facts){
		"--netns":     func(f *Facts) { f.Inside = true },
		"container":   func(f *Facts) { f.Container = true },
		"no orphans":  func(f *Facts) { delete(f.Values, MaxOrphans) },
		"on the host": func(*Facts) {},
	} {
		f := short(map[string]string{keyConntrackMax: "262144"})
		f.Needs = needs
		with(&f)
		p := NewPlan(f)
		for _, n := range needs {
			i := p.Item(n.Key)
			if i.Key.Scope != ScopeHost || (i.Refused == "") != (name == "on the host") || i.Ticked != (name == "on the host") {
				t.Errorf("%s: %s: refused %q, ticked %v", name, n.Key, i.Refused, i.Ticked)
			}
		}
		if (p.PersistRefused == "") != (name == "on the host") {
			t.Errorf("%s: persisting: %q", name, p.PersistRefused)
		}
	}
}

func TestAbsentKeys(t *testing.T) {
	f := short(nil)
	delete(f.Values, TWReuse)
	p := NewPlan(f)
	if i := p.Item(TWReuse); i.Ticked || i.Refused == "" {
		t.Errorf("%+v", i)
	}
	f.Replay = true // the text that was pasted has no sysctls
	f.Values = nil
	p = NewPlan(f)
	if i := p.Item(LocalPortRange); !i.Ticked || i.Want != "10240 65535" {
		t.Errorf("%+v", i)
	}
	if len(p.Chosen()) != 0 {
		t.Error("what is not known would be written")
	}
}

// TestNonsenseNow: a value that could not be put back is not replaced.
func TestNonsenseNow(t *testing.T) {
	f := short(map[string]string{keyKeepaliveTime: "0"})
	f.Needs = []Need{{Key: keyKeepaliveTime, Value: "300", Finding: "idle-outlives-nat"}}
	p := NewPlan(f)
	if i := p.Item(keyKeepaliveTime); i.Ticked || !strings.Contains(i.Refused, "put back") {
		t.Errorf("%+v", i)
	}
	f.Values[keyKeepaliveTime] = "7200"
	f.Needs[0].Value = "0"
	p = NewPlan(f)
	if i := p.Item(keyKeepaliveTime); i.Ticked || i.Changes() {
		t.Errorf("%+v", i)
	}
}

func TestWords(t *testing.T) {
	f := short(map[string]string{Timestamps: "0"})
	f.Kubelet = true
	p := NewPlan(f)
	all := strings.Join(append(slices.Clone(p.Notes), p.Item(TWReuse).Warnings...), "\n")
	for _, want := range []string{"without timestamps", "run out", "--reserve", "down now", "30000–32767"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
	f.Values[Timestamps] = "1"
	p = NewPlan(f)
	if len(p.Item(TWReuse).Warnings) != 0 {
		t.Error("a warning about timestamps that are on")
	}
}

// TestAdviceIsComplete: every key has its words, and none is folklore.
func TestAdviceIsComplete(t *testing.T) {
	for _, k := range Catalogue() {
		a := advices[k.Name]
		if a.why == "" || a.risk == "" {
			t.Errorf("%s has no advice", k.Name)
		}
		for _, f := range folklore {
			for _, text := range []string{a.why, a.risk, a.mind} {
				if f.MatchString(text) {
					t.Errorf("%s: %q is folklore (%v)", k.Name, text, f)
				}
			}
		}
	}
	p := NewPlan(short(nil))
	if a := p.Advice(TWReuse, "2", true); a.Recommended != "1" || !a.Known || a.Why == "" || a.Risk == "" {
		t.Errorf("%+v", a)
	}
	if a := p.Advice(FinTimeout, "60", true); a.Recommended != "60" {
		t.Errorf("%+v", a)
	}
}

// TestStockIsInBounds: what a kernel has by itself can be put back.
func TestStockIsInBounds(t *testing.T) {
	for key, value := range stock() {
		if k, _ := Lookup(key); k.Fixed == "" {
			if _, err := Check(key, value); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	f := short(map[string]string{Timestamps: "0"})
	f.Holders.Listening = portsOf("11211")
	p := NewPlan(f)
	for _, c := range []struct {
		key    string
		ticked bool
		want   string
	}{
		{LocalReservedPorts, false, "tcp_timestamps tcp_tw_reuse"},
		{Timestamps, false, "ip_local_reserved_ports ip_local_port_range"},
		{TWReuse, false, "ip_local_reserved_ports tcp_timestamps ip_local_port_range"},
	} {
		q := p.With(c.key, c.ticked)
		if got := keysOf(q); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.key, c.ticked, got, c.want)
		}
	}
	if keysOf(p) != "ip_local_reserved_ports tcp_timestamps tcp_tw_reuse ip_local_port_range" {
		t.Error("the plan was changed: ", keysOf(p))
	}
	for keys, want := range map[string]string{
		LocalPortRange: "ip_local_reserved_ports ip_local_port_range", TWReuse: "tcp_timestamps tcp_tw_reuse", Timestamps: "tcp_timestamps",
	} {
		q, err := p.Only([]string{keys})
		if got := keysOf(q); err != nil || got != want {
			t.Errorf("only %s: %q, %v; want %q", keys, got, err, want)
		}
	}
	for _, key := range []string{"kernel.panic", "net.ipv4.ip_forward", FinTimeout, keySomaxconn, ""} {
		if _, err := p.Only([]string{key}); err == nil {
			t.Errorf("%q can be chosen", key)
		}
	}
}

func keysOf(p Plan) string {
	var keys []string
	for _, i := range p.Chosen() {
		keys = append(keys, strings.TrimPrefix(i.Key.Name, "net.ipv4."))
	}
	return strings.Join(keys, " ")
}

// TestPlanIsPure: what goes in is not changed.
func TestPlanIsPure(t *testing.T) {
	f := short(nil)
	values, listening := maps.Clone(f.Values), f.Holders.Listening
	NewPlan(f)
	if !maps.Equal(values, f.Values) || listening != f.Holders.Listening {
		t.Error("the facts were changed")
	}
}
