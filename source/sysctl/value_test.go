package sysctl

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{TWReuse, "1", "1"}, {TWReuse, " 2\n", "2"}, {TWReuse, "3", ""}, {TWReuse, "-1", ""}, {TWReuse, "", ""}, {TWReuse, "1 1", ""},
		{TWRecycle, "0", "0"}, {TWRecycle, "1", ""},
		{keyKeepaliveTime, "0", ""}, {keyKeepaliveTime, "7200", "7200"}, {keyKeepaliveTime, "+5", ""}, {keyKeepaliveTime, "0x10", ""},
		{keyKeepaliveTime, "99999999999999999999", ""},
		{keySomaxconn, "0", ""}, {keySomaxconn, "008", "8"},
		{LocalPortRange, "10240\t65535", "10240 65535"}, {LocalPortRange, "65535 10240", ""}, {LocalPortRange, "0 65535", ""},
		{LocalPortRange, "1024 65536", ""}, {LocalPortRange, "1024", ""}, {LocalPortRange, "1 2 3", ""},
		{LocalReservedPorts, "3,1,2,5", "1-3,5"}, {LocalReservedPorts, "", ""}, {LocalReservedPorts, "5-1", ""}, {LocalReservedPorts, "x", ""},
		{LocalReservedPorts, "1-65536", ""}, {FinTimeout, "30", ""}, {UnprivilegedStart, "80", ""}, {TWReuseDelay, "1", ""},
		{"net.ipv4.ip_forward", "1", ""}, {"kernel.core_pattern", "|/bin/sh", ""}, {"../../etc/passwd", "x", ""}, {"", "", ""},
	} {
		got, err := Check(c.key, c.value)
		if want := c.want != "" || c.key == LocalReservedPorts && c.value == ""; (err == nil) != want || want && got != c.want {
			t.Errorf("%s=%q: %q, %v; want %q", c.key, c.value, got, err, c.want)
		}
	}
}

func TestPortsRoundTrip(t *testing.T) {
	for _, list := range []string{"", "1", "1-3,5", "65535", "1-65535", "80,443,30000-32767"} {
		set := portsOf(list)
		if got := FormatPorts(&set); got != list {
			t.Errorf("%q became %q", list, got)
		}
	}
}

func TestStateDir(t *testing.T) {
	for _, c := range []struct {
		euid      int
		xdg, home string
		want      string
	}{
		{0, "/x", "/root", "/var/lib/twtop"},
		{1000, "/x", "/home/a", "/x/twtop"},
		{1000, "x", "/home/a", "/home/a/.local/state/twtop"},
		{1000, "", "/home/a", "/home/a/.local/state/twtop"},
		{1000, "", "", ""},
	} {
		env := map[string]string{"XDG_STATE_HOME": c.xdg, "HOME": c.home}
		got, err := StateDir(func(k string) string { return env[k] }, c.euid)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

// TestWordsOfWrongPorts: a word is a word, and no range.
func TestWordsOfWrongPorts(t *testing.T) {
	for list, want := range map[string]string{"abc": `"abc" is no port`, "0": `"0" is no port`, "70000": `"70000" is no port`, "9-8": `ports "9" to "8"`} {
		if _, err := ParsePorts(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
}
