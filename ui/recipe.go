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

// namespace is the network namespace that commands have to enter: the file of
// one without a name, or its name; with neither they run where the person is.
type namespace struct{ path, name string }

// within makes commands show the sockets of a namespace. There are none where
// its path cannot be written: they would show other sockets.
func (n namespace) within(r recipe) recipe {
	out := recipe{ss: n.enter(r.ss), tcpdump: n.enter(r.tcpdump)}
	if n.path == "" && nsName.MatchString(n.name) {
		out.ss = strings.Replace(r.ss, "ss ", "ss -N "+n.name+" ", 1)
	}
	return out
}

// enter makes a command run inside the namespace, "" where its path cannot be
// written.
func (n namespace) enter(command string) string {
	switch path, ok := shellWord(n.path); {
	case n.path != "" && !ok:
		return ""
	case n.path != "":
		return "nsenter --net=" + path + " " + command
	case nsName.MatchString(n.name):
		return "ip netns exec " + n.name + " " + command
	}
	return command
}

// destRecipe takes exactly the sockets of a destination. ss knows no zones, so
// a link-local address goes without.
func destRecipe(d *diagnosis.Destination, n namespace) recipe {
	local, remote := d.Local.WithZone(""), netip.AddrPortFrom(d.Remote.Addr().WithZone(""), d.Remote.Port())
	hosts := "host " + remote.Addr().String()
	if local != remote.Addr() {
		hosts += " and host " + local.String()
	}
	return n.within(recipe{
		ss:      fmt.Sprintf("ss -tanoe 'src %s and dst %s'", bracketed(local), remote),
		tcpdump: fmt.Sprintf("tcpdump -ni any 'tcp port %d and %s'", remote.Port(), hosts),
	})
}

// serviceRecipe takes the listener and what it accepted.
func serviceRecipe(s *diagnosis.Service, n namespace) recipe {
	a := s.Local.Addr().WithZone("")
	if a.IsUnspecified() {
		return n.within(recipe{
			ss:      fmt.Sprintf("ss -tanoe 'sport = :%d'", s.Local.Port()),
			tcpdump: fmt.Sprintf("tcpdump -ni any 'tcp port %d'", s.Local.Port()),
		})
	}
	return n.within(recipe{
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
