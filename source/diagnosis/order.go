package diagnosis

import (
	"cmp"
	"slices"
)

// rank is a destination's place in the order. The capacity is the same for
// all, so pressure goes by the ports that are used and not reusable.
type rank struct {
	pressing, used uint32
	at             uint32 // index before sorting
}

// sortDestinations puts the worst first: pressure, then ports used, then the
// addresses, so that rows do not change places without a reason.
func (a *assessment) sortDestinations() {
	d := a.report.Destinations
	ranks := make([]rank, len(d))
	for i := range d {
		u := &d[i].Ports
		ranks[i] = rank{uint32(u.Used - zeroIfNil(u.Reusable)), uint32(u.Used), uint32(i)}
	}
	slices.SortFunc(ranks, func(x, y rank) int {
		if c := cmp.Or(cmp.Compare(y.pressing, x.pressing), cmp.Compare(y.used, x.used)); c != 0 {
			return c
		}
		return byAddress(&d[x.at], &d[y.at])
	})
	permute(d, ranks)
}

// permute brings d into the order of ranks, in place: a million destinations
// are 240 MB, once.
func permute(d []Destination, ranks []rank) {
	for start := range ranks {
		if int(ranks[start].at) == start {
			continue
		}
		hand := d[start]
		to := start
		for {
			from := int(ranks[to].at)
			ranks[to].at = uint32(to)
			if from == start {
				d[to] = hand
				break
			}
			d[to] = d[from]
			to = from
		}
	}
}

func byAddress(x, y *Destination) int {
	return cmp.Or(x.Remote.Compare(y.Remote), x.Local.Compare(y.Local), cmp.Compare(x.Device, y.Device))
}

// sortServices puts the fullest accept queue first, then the busiest.
func sortServices(s []Service) {
	slices.SortFunc(s, func(x, y Service) int {
		return cmp.Or(
			cmp.Compare(y.fullness(), x.fullness()),
			cmp.Compare(y.States.Total(), x.States.Total()),
			cmp.Compare(x.Local.Port(), y.Local.Port()),
			x.Local.Addr().Compare(y.Local.Addr()),
			cmp.Compare(x.Device, y.Device),
		)
	})
}

func zeroIfNil(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
