package diagnosis

import (
	"cmp"
	"maps"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// networkOf is the first address of the network that an address is told of as:
// its /24, or its /64 where it is IPv6.
func networkOf(a source.Addr) source.Addr {
	hi, lo := a.Words()
	if a.Is4() {
		return source.AddrFromWords(hi, lo&^0xff)
	}
	return source.AddrFromWords(hi, 0)
}

// networkName is "10.0.3.0/24".
func networkName(network source.Addr) string {
	if network.Is4() {
		return network.IP().String() + "/24"
	}
	return network.IP().String() + "/64"
}

// most returns the keys with the highest counts, at most n, and how many more
// there are.
func most(counts map[source.Addr]int, n int) (top []source.Addr, more int) {
	top = slices.SortedFunc(maps.Keys(counts), func(a, b source.Addr) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), a.Compare(b))
	})
	n = min(n, len(top))
	return top[:n], len(top) - n
}
