package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// namedWorld is a namespace with 100 ports of which so many are in use, and the
// name that it has for others.
func namedWorld(t *testing.T, what string, used int) (name string) {
	t.Helper()
	ns := netnstest.New(t)
	name = fmt.Sprintf("twns-%d-%s", os.Getpid(), what)
	if out, err := exec.Command("ip", "netns", "attach", name, fmt.Sprint(ns.ThreadID())).CombinedOutput(); err != nil {
		t.Fatalf("ip netns attach: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	ns.SetRange(20000, 20099)
	ns.Set("net.ipv4.tcp_tw_reuse", "0")
	ns.TimeWaits(used, ns.Listen("127.0.0.1:4001"), "127.0.0.1:4001")
	return name
}

// TestAllNetNS finds the one namespace that has no port left, and says so in
// each of the three forms. Other namespaces of the host may be worse off.
func TestAllNetNS(t *testing.T) {
	full, calm := namedWorld(t, "full", 100), namedWorld(t, "calm", 5)
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(program(t), args...).Output()
		if err != nil && args[0] != "check" {
			t.Fatal(err)
		}
		return string(out)
	}
	if line := run("check", "--all-netns"); !strings.HasPrefix(line, "CRITICAL: ") || !strings.Contains(line, "no port left: ") ||
		strings.Contains(line, " exhausted=0;") {
		t.Error(line)
	}
	text := run("snapshot", "--all-netns")
	at := func(name string) int { return strings.Index(text, "  "+name+", ") }
	if at(full) < 0 || at(calm) < at(full) {
		t.Errorf("%s in column %d, %s in column %d of\n%s", full, at(full), calm, at(calm), text)
	}
	var all struct {
		Namespaces []struct {
			Namespace    struct{ Names []string }
			Destinations []struct{ Ports struct{ Free int } }
		}
	}
	if err := json.Unmarshal([]byte(run("snapshot", "--all-netns", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	find := func(name string, free int) int {
		for i, n := range all.Namespaces {
			if slices.Contains(n.Namespace.Names, name) {
				if len(n.Destinations) != 1 || n.Destinations[0].Ports.Free != free {
					t.Errorf("%s: %+v", name, n)
				}
				return i
			}
		}
		t.Errorf("%s was not found", name)
		return -1
	}
	if i, j := find(full, 0), find(calm, 95); i > j {
		t.Errorf("the exhausted one is number %d, the calm one number %d", i, j)
	}
}
