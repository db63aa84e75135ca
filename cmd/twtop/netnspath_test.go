package main

import (
	"path/filepath"
	"testing"

	"github.com/359a26c5/twtop/source/live"
)

// What the screen's commands enter can be found from any directory.
func TestNetNSPath(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config live.Config
		want   string
	}{
		{live.Config{}, ""},
		{live.Config{NetNS: "blue"}, ""},
		{live.Config{NetNS: "/run/netns/blue"}, "/run/netns/blue"},
		{live.Config{NetNS: "./blue"}, filepath.Join(here, "blue")},
		{live.Config{PID: 2872}, "/proc/2872/ns/net"},
	} {
		if got := netnsPath(&c.config); got != c.want {
			t.Errorf("%+v: %q, want %q", c.config, got, c.want)
		}
	}
}
