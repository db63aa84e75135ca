package ui

import (
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func destOf(local, remote string) *diagnosis.Destination {
	return &diagnosis.Destination{Local: netip.MustParseAddr(local), Remote: netip.MustParseAddrPort(remote)}
}

func TestRecipes(t *testing.T) {
	svc := func(s string) *diagnosis.Service { return &diagnosis.Service{Local: netip.MustParseAddrPort(s)} }
	for _, c := range []struct {
		got         recipe
		ss, tcpdump string
	}{
		{destRecipe(destOf("127.0.0.1", "127.0.0.1:4001"), namespace{name: "net:[4026531840]"}),
			"ss -tanoe 'src 127.0.0.1 and dst 127.0.0.1:4001'", "tcpdump -ni any 'tcp port 4001 and host 127.0.0.1'"},
		{destRecipe(destOf("10.0.2.4", "10.0.3.7:5432"), namespace{name: "blue"}),
			"ss -N blue -tanoe 'src 10.0.2.4 and dst 10.0.3.7:5432'",
			"ip netns exec blue tcpdump -ni any 'tcp port 5432 and host 10.0.3.7 and host 10.0.2.4'"},
		{destRecipe(destOf("10.0.2.4", "10.0.3.7:5432"), namespace{path: "/proc/2872/ns/net", name: "net:[4026532210]"}),
			"nsenter --net=/proc/2872/ns/net ss -tanoe 'src 10.0.2.4 and dst 10.0.3.7:5432'",
			"nsenter --net=/proc/2872/ns/net tcpdump -ni any 'tcp port 5432 and host 10.0.3.7 and host 10.0.2.4'"},
		{serviceRecipe(svc("0.0.0.0:80"), namespace{path: "/tmp/my ns"}),
			"nsenter --net='/tmp/my ns' ss -tanoe 'sport = :80'", "nsenter --net='/tmp/my ns' tcpdump -ni any 'tcp port 80'"},
		{serviceRecipe(svc("0.0.0.0:80"), namespace{path: "/tmp/\x1b[201~"}), "", ""},
		{destRecipe(destOf("fe80::2", "[fe80::1%3]:443"), namespace{}),
			"ss -tanoe 'src [fe80::2] and dst [fe80::1]:443'", "tcpdump -ni any 'tcp port 443 and host fe80::1 and host fe80::2'"},
		{serviceRecipe(svc("0.0.0.0:80"), namespace{}), "ss -tanoe 'sport = :80'", "tcpdump -ni any 'tcp port 80'"},
		{serviceRecipe(svc("[::1]:8080"), namespace{}), "ss -tanoe 'src [::1]:8080'", "tcpdump -ni any 'tcp port 8080 and host ::1'"},
	} {
		if c.got.ss != c.ss || c.got.tcpdump != c.tcpdump {
			t.Errorf("got  %q\n     %q\nwant %q\n     %q", c.got.ss, c.got.tcpdump, c.ss, c.tcpdump)
		}
	}
}

// A namespace's name may come from a capture and must not get into a command
// that somebody pastes as root.
func TestRecipeTakesNoOddNamespace(t *testing.T) {
	for _, name := range []string{"x; rm -rf /", "$(id)", "-V", "a b", "net:[1]", "a'b", "../x"} {
		r := namespace{name: name}.within(recipe{"ss -tan", "tcpdump"})
		if r.ss != "ss -tan" || r.tcpdump != "tcpdump" {
			t.Errorf("%q is in %+v", name, r)
		}
	}
}

// The installed ss understands every filter.
func TestSSTakesTheFilters(t *testing.T) {
	if _, err := exec.LookPath("ss"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no ss in CI: install iproute2")
		}
		t.Skip("no ss on this host")
	}
	for _, r := range []recipe{
		destRecipe(destOf("127.0.0.1", "127.0.0.1:4001"), namespace{}), destRecipe(destOf("::1", "[::1]:65535"), namespace{}),
		destRecipe(destOf("fe80::2", "[fe80::1%3]:443"), namespace{}),
		serviceRecipe(&diagnosis.Service{Local: netip.MustParseAddrPort("[::]:80")}, namespace{}),
		serviceRecipe(&diagnosis.Service{Local: netip.MustParseAddrPort("10.0.0.1:80")}, namespace{}),
	} {
		out, err := exec.Command("sh", "-c", r.ss).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "State") {
			t.Errorf("%s: %v\n%s", r.ss, err, out)
		}
	}
}
