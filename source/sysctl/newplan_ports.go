package sysctl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Widest is what the range is widened to: below it most services have their ports.
var Widest = source.PortRange{Low: 10240, High: 65535}

// NodePorts is what a Kubernetes cluster hands out for NodePort services
// (kube-apiserver --service-node-port-range).
var NodePorts = source.PortRange{Low: 30000, High: 32767}

// defaultFloor is ip_unprivileged_port_start where the key is absent (PROT_SOCK).
const defaultFloor = 1024

// maxShare bounds what is reserved unasked: a tenth of the range. Beyond that
// the ports are not those of services.
const maxShare = 10

const downNote = "A service that is down now is no listener, and its port is not kept: name such ports with --reserve."

// ports are the range and the reservations that go before it.
func (b *planner) ports() {
	wide, reserve := b.item(LocalPortRange), b.item(LocalReservedPorts)
	now := source.DefaultPortRange
	if wide.Known {
		var err error
		if now, err = parseRange(wide.Now); err != nil {
			wide.Refused = fmt.Sprintf("its value makes no sense: %v", err)
		}
	}
	to := b.widen(&wide, now)
	b.reserve(&reserve, now, to)
	if reserve.Refused != "" && wide.Refused == "" {
		wide.Refused = "the ports of services cannot be reserved first: " + reserve.Refused
	}
	if to != now {
		b.Notes = append(b.Notes, downNote)
	}
	b.Items = append(b.Items, reserve, wide)
}

// widen sets the range's value: never narrower than now, nothing below
// ip_unprivileged_port_start, which the kernel does not take
// (ipv4_local_port_range, net/ipv4/sysctl_net_ipv4.c), and its ends of
// different parity, so that connect() reaches every port of it.
func (b *planner) widen(i *Item, now source.PortRange) source.PortRange {
	floor := b.floor()
	if now.Low < floor && i.Refused == "" {
		i.Refused = fmt.Sprintf("it begins below %s, %d, and the kernel takes no such range", UnprivilegedStart, floor)
	}
	if i.Refused != "" {
		return now
	}
	to := source.PortRange{Low: min(now.Low, max(Widest.Low, floor)), High: max(now.High, Widest.High)}
	switch odd := to.Size()%2 == 1; {
	case odd && to.Low > Widest.Low && to.Low < now.Low:
		to.Low++
	case odd && to.Low > max(floor, defaultFloor):
		to.Low--
	case odd:
		i.Warnings = append(i.Warnings, "its ends have the same parity, so that connect() may miss one port")
	}
	b.want(i, formatRange(to))
	if i.Effect == "" && to != now {
		i.Effect = fmt.Sprintf("%s ports instead of %s", thousands(to.Size()), thousands(now.Size()))
	}
	return to
}

func (b *planner) floor() uint16 {
	n, err := strconv.ParseUint(b.Values[UnprivilegedStart], 10, 16)
	if err != nil {
		return defaultFloor
	}
	return uint16(n)
}

// reserve adds the ports of services to what is reserved now. Bound sockets in
// the range of now are left out: connect() avoids them, and those that come and
// go there are clients which bind() gave a port of the range.
func (b *planner) reserve(i *Item, now, to source.PortRange) {
	have, err := ParsePorts(i.Now)
	if err != nil {
		i.Refused = fmt.Sprintf("its value makes no sense: %v", err)
		return
	}
	services := within(&b.Holders.Listening, to)
	gained := within(&b.Holders.Bound, to)
	old := source.PortSet{}
	old.AddRange(now)
	gained.Subtract(&old)
	services.Union(&gained)
	services.Subtract(&have)
	if n := services.Len(); n > to.Size()/maxShare {
		i.Refused = fmt.Sprintf("%s ports of the range have a listener or a bound socket: too many to reserve; name those of services with --reserve", thousands(n))
		services = source.PortSet{}
	}
	want := have
	want.Union(&services)
	asked := b.asked(to)
	want.Union(&asked)
	b.want(i, FormatPorts(&want))
	named := b.Reserve
	named.Subtract(&have)
	i.Ticked = i.Ticked || named.Len() > 0 || b.uncovered(&have, now)
	b.describe(i, &have, &want, now, to)
}

// uncovered: twtop widened the range, and a service came into what it gained
// since.
func (b *planner) uncovered(have *source.PortSet, now source.PortRange) bool {
	if b.Widened == (source.PortRange{}) {
		return false
	}
	kept := *have
	kept.AddRange(b.Widened)
	services := within(&b.Holders.Listening, now)
	services.Subtract(&kept)
	return services.Len() > 0
}

// asked are the ports to reserve that no socket shows.
func (b *planner) asked(to source.PortRange) source.PortSet {
	set := b.Reserve
	none := source.PortSet{}
	none.Add(0)
	set.Subtract(&none)
	if b.Kubelet {
		nodes := source.PortSet{}
		nodes.AddRange(NodePorts)
		nodes = within(&nodes, to)
		set.Union(&nodes)
		b.Notes = append(b.Notes, fmt.Sprintf("A kubelet runs here: its NodePorts, %v, are reserved.", NodePorts))
	}
	return set
}

// describe says which ports are added.
func (b *planner) describe(i *Item, have, want *source.PortSet, now, to source.PortRange) {
	added := *want
	added.Subtract(have)
	n := added.Len()
	if n == 0 {
		return
	}
	if i.Effect == "" {
		i.Effect = "keeps " + b.named(&added)
	}
	if left := to.Size() - want.LenIn(to); left < fewest(to) && left < now.Size()-have.LenIn(now) {
		i.Refused = tooFew(left, to).Error()
	}
	if len(FormatPorts(want)) > maxList {
		i.Refused = "the list of ports gets longer than the kernel takes in one write: reserve ranges"
	}
}

// maxNamed is how many ports or ranges are told one by one.
const maxNamed = 6

// named tells ports with the names of who holds them.
func (b *planner) named(set *source.PortSet) string {
	var parts []string
	for _, r := range set.Ranges() {
		if len(parts) == maxNamed {
			return strings.Join(parts, ", ") + fmt.Sprintf(" and others, %s ports in all", thousands(set.Len()))
		}
		word := strconv.Itoa(int(r.Low))
		if r.High > r.Low {
			word = r.String()
		} else if name := source.Clean(b.Holders.Names[r.Low], 32); name != "" {
			word += " (" + name + ")"
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, ", ")
}

// within are the ports of a set that a range contains.
func within(set *source.PortSet, r source.PortRange) source.PortSet {
	var out source.PortSet
	for p := int(r.Low); p <= int(r.High); p++ {
		if set.Has(uint16(p)) {
			out.Add(uint16(p))
		}
	}
	return out
}

// thousands is a count with commas: 28,232.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}
