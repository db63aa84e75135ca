package main

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestWaitEverywhere: a namespace that is looked into from outside holds the
// ports, and is named; once they are back the wait ends. Nobody else has that
// destination, so that what else runs on the host does not count.
func TestWaitEverywhere(t *testing.T) {
	const to = "127.0.77.1:4077"
	ns, calm := netnstest.New(t), netnstest.New(t)
	for _, n := range []*netnstest.NS{ns, calm} {
		n.SetRange(20000, 20099)
	}
	l, quiet := ns.Listen(to), calm.Listen(to)
	calm.Connect(quiet, to)
	var pairs []netnstest.Pair
	for range 70 {
		pairs = append(pairs, ns.Connect(l, to))
	}
	said, _ := startWait(t, calm, "--timeout", "0", "--to", to).ends(0)
	if said != "" {
		t.Error(said)
	}
	x := open(t, 160, 10, true, nil, program(t), "wait", "--all-netns", "--to", to)
	x.shows("waiting: in ", "127.0.0.1 → "+to+" has 30 ports free, 50 wanted")
	for _, p := range pairs[:30] {
		p.Client.Abort()
		p.Server.Close()
	}
	if code := x.exit(); code != 0 || !strings.Contains(x.screen(), "there after ") {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
}
