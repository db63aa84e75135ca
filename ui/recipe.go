package ui

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// recipe is the commands that show the same sockets elsewhere.
type recipe struct{ ss, tcpdump string }

// nsName is what `ip netns` names look like; anything else is not put into a
// command that a person may paste into a root shell.
var nsName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func within(netns string, r recipe) recipe {
	if nsName.MatchString(netns) {
		r.ss = strings.Replace(r.ss, "ss ", "ss -N "+netns+" ", 1)
		r.tcpdump = "ip netns exec " + netns + " " + r.tcpdump
	}
	return r
}

// destRecipe takes exactly the sockets of a destination. ss knows no zones, so
// a link-local address goes without.
func destRecipe(d *diagnosis.Destination, netns string) recipe {
	local, remote := d.Local.WithZone(""), netip.AddrPortFrom(d.Remote.Addr().WithZone(""), d.Remote.Port())
	hosts := "host " + remote.Addr().String()
	if local != remote.Addr() {
		hosts += " and host " + local.String()
	}
	return within(netns, recipe{
		ss:      fmt.Sprintf("ss -tanoe 'src %s and dst %s'", bracketed(local), remote),
		tcpdump: fmt.Sprintf("tcpdump -ni any 'tcp port %d and %s'", remote.Port(), hosts),
	})
}

// serviceRecipe takes the listener and what it accepted.
func serviceRecipe(s *diagnosis.Service, netns string) recipe {
	a := s.Local.Addr().WithZone("")
	if a.IsUnspecified() {
		return within(netns, recipe{
			ss:      fmt.Sprintf("ss -tanoe 'sport = :%d'", s.Local.Port()),
			tcpdump: fmt.Sprintf("tcpdump -ni any 'tcp port %d'", s.Local.Port()),
		})
	}
	return within(netns, recipe{
		ss:      fmt.Sprintf("ss -tanoe 'src %s'", netip.AddrPortFrom(a, s.Local.Port())),
		tcpdump: fmt.Sprintf("tcpdump -ni any 'tcp port %d and host %s'", s.Local.Port(), a),
	})
}

func bracketed(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}
