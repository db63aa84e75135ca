package sysctl

import (
	"fmt"
	"maps"
	"testing"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestRoundTrip: apply and undo in a namespace leave every key of the catalogue
// as it was, there and outside.
func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	outside := newWorld(t)
	before, others := w.values(), outside.values()
	w.apply(w.plan())
	after := w.values()
	for key, want := range map[string]string{LocalReservedPorts: "8080,9000-9010,11211", Timestamps: "1", TWReuse: "1", LocalPortRange: "10240 65535"} {
		if after[key] != want {
			t.Errorf("%s is %q, want %q", key, after[key], want)
		}
	}
	outside.holds("in another namespace", others)
	w.undo()
	w.holds("undone", before)
}

// TestEveryKeyGoesBothWays writes every key that the plan may ever write.
func TestEveryKeyGoesBothWays(t *testing.T) {
	w := newWorld(t)
	before := w.values()
	f := Facts{Values: before, Root: true}
	for key, value := range map[string]string{
		keySomaxconn: "65535", "net.ipv4.tcp_max_syn_backlog": "65536", MaxTWBuckets: "1048576",
		keyKeepaliveTime: "300", keyKeepaliveIntvl: "30", keyKeepaliveProbes: "5",
	} {
		f.Needs = append(f.Needs, Need{Key: key, Value: value, Finding: "a finding"})
	}
	p := NewPlan(f)
	if n := len(p.Chosen()); n != len(f.Needs) {
		t.Fatalf("%d of %d are ticked", n, len(f.Needs))
	}
	w.apply(p)
	for _, n := range f.Needs {
		if got := w.values()[n.Key]; got != n.Value {
			t.Errorf("%s is %q, want %q", n.Key, got, n.Value)
		}
	}
	w.undo()
	w.holds("undone", before)
}

// TestServicesKeepTheirPorts: after the range was widened over a listener and a
// bound socket, connect() takes every port but theirs, and when the service is
// started again it gets its port.
func TestServicesKeepTheirPorts(t *testing.T) {
	w := newWorld(t)
	w.SetRange(20010, 20099)
	service, idle := w.Listen("127.0.0.1:20005"), w.Bind("127.0.0.1:20107")
	w.Listen("127.0.0.1:4001")
	// A wide range small enough to be used up: what the plan would make of it.
	f := Facts{Values: w.values(), Needs: []Need{{Key: LocalPortRange, Finding: "port-exhaustion"}}, Root: true}
	f.Holders.Listening, f.Holders.Bound = portsOf("20005,4001"), portsOf("20107")
	p := NewPlan(f)
	if got := p.Item(LocalReservedPorts).Want; got != "8080,9000-9010,20005,20107" {
		t.Fatalf("reserved: %q", got)
	}
	w.apply(p)
	w.SetRange(20000, 20109)
	service.Close()
	idle.Close()
	if got, want := w.Grants("127.0.0.1:4001"), 110-2; got != want {
		t.Errorf("%d connects were granted, want %d", got, want)
	}
	for _, port := range []int{20005, 20107} {
		w.Listen(fmt.Sprintf("127.0.0.1:%d", port)) // fails the test where a client has it
	}
}

// TestHostIsNotTouched: from inside, no host-wide key is written.
func TestHostIsNotTouched(t *testing.T) {
	w := newWorld(t)
	f := Facts{Values: w.values(), Root: true}
	f.Needs = []Need{{Key: "fs.file-max", Value: "9000000", Finding: "x"}, {Key: "fs.nr_open", Value: "2000000", Finding: "x"}}
	before := maps.Clone(f.Values)
	p := NewPlan(f)
	for i := range p.Items { // by force
		p.Items[i].Refused, p.Items[i].Ticked = "", p.Items[i].Key.Scope == ScopeHost
	}
	var err error
	w.Do(func() { _, err = guardIn(w.dir).Apply(t.Context(), p) })
	if err == nil {
		t.Error("applied")
	}
	w.holds("refused", before)
}

// TestKernelTakesNonsense is why the catalogue has bounds of its own.
func TestKernelTakesNonsense(t *testing.T) {
	n := netnstest.New(t)
	if err := n.TrySet(keyKeepaliveTime, "0"); err != nil {
		t.Skip("this kernel refuses it: ", err)
	}
	if _, err := Check(keyKeepaliveTime, "0"); err == nil {
		t.Error("the catalogue takes it too")
	}
}

// TestLongLists: a list of a page is written at once, and read back whole.
func TestLongLists(t *testing.T) {
	w := newWorld(t)
	set := portsOf("")
	for p := 10240; ; p += 2 {
		more := set
		more.Add(uint16(p))
		if len(FormatPorts(&more)) > maxList {
			break
		}
		set = more
	}
	want := FormatPorts(&set)
	var err error
	w.Do(func() { err = Proc{"/proc"}.Write(LocalReservedPorts, want) })
	if got := w.values()[LocalReservedPorts]; err != nil || got != want {
		t.Errorf("%d bytes became %d: %v", len(want), len(got), err)
	}
	w.Do(func() { err = Proc{"/proc"}.Write(LocalReservedPorts, "") })
	if got := w.values()[LocalReservedPorts]; err != nil || got != "" {
		t.Errorf("%q: %v", got, err)
	}
}
