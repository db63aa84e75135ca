package main

import (
	"os"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

// TestSudoLine: the line that a user is told does what was asked for, and is
// one that a shell takes as it was meant.
func TestSudoLine(t *testing.T) {
	for _, c := range []struct{ words, want string }{
		{"apply", "apply --yes"},
		{"apply net.ipv4.tcp_tw_reuse --netns web --reserve 8080,9000-9001", "apply net.ipv4.tcp_tw_reuse --netns web --reserve 8080,9000-9001 --yes"},
		{"apply --persist --pid 7", "apply --pid 7 --persist --yes"},
		{"apply --yes --netns /a;reboot", "apply --netns '/a;reboot' --yes"},
		{"apply --netns it's", `apply --netns 'it'\''s' --yes`},
	} {
		var o planFlags
		cmd := newApply()
		// The command's own flags are bound to its own variables: bind them here.
		cmd.ResetFlags()
		o.register(cmd)
		cmd.Flags().Bool("yes", false, "")
		cmd.Flags().Bool("persist", false, "")
		words := strings.Fields(c.words)
		if err := cmd.ParseFlags(words[1:]); err != nil {
			t.Fatal(err)
		}
		want := "sudo " + shellWord(os.Args[0]) + " sysctl " + c.want
		if got := o.sudo(cmd, words[0], cmd.Flags().Args()); got != want {
			t.Errorf("%q: %s\nwant %s", c.words, got, want)
		}
	}
}

func TestPortList(t *testing.T) {
	var l portList
	if err := l.Set("9000-9002, 8080,9001"); err != nil || l.String() != "8080,9000-9002" {
		t.Errorf("%q, %v", l.String(), err)
	}
	for _, bad := range []string{"", ",", "0", "65536", "9-8", "x", "1-2-3", "-1"} {
		var l portList
		if err := l.Set(bad); err == nil {
			t.Errorf("%q is %q", bad, l.String())
		}
	}
}

// TestEveryWritableKeyIsOffered, and no other one is.
func TestEveryWritableKeyIsOffered(t *testing.T) {
	offered, _ := completeKeys(nil, nil, "")
	writable := 0
	for _, k := range sysctl.Catalogue() {
		if k.Fixed == "" {
			writable++
		}
	}
	if len(offered) != writable || writable < 10 {
		t.Errorf("%d offered of %d", len(offered), writable)
	}
	if none, _ := completeKeys(nil, nil, "kernel."); none != nil {
		t.Errorf("%q", none)
	}
}
