package source

import (
	"fmt"
	"math/bits"
)

// PortRange is net.ipv4.ip_local_port_range: both ends belong to it, and it
// serves IPv6 as well.
type PortRange struct{ Low, High uint16 }

// DefaultPortRange is what Linux has if nobody changed it: 28,232 ports.
var DefaultPortRange = PortRange{Low: 32768, High: 60999}

// Size is the number of ports in the range, both ends counted; 0 if it is empty.
func (r PortRange) Size() int {
	if r.High < r.Low {
		return 0
	}
	return int(r.High) - int(r.Low) + 1
}

// Contains reports whether port is one of the range.
func (r PortRange) Contains(port uint16) bool { return r.Low <= port && port <= r.High }

// String returns the range as "32768–60999".
func (r PortRange) String() string { return fmt.Sprintf("%d–%d", r.Low, r.High) }

// PortSet is a set of ports as a bitmap (8 KiB). The zero PortSet is empty.
type PortSet [1024]uint64

// Add puts port into the set.
func (s *PortSet) Add(port uint16) { s[port>>6] |= 1 << (port & 63) }

// Has reports whether port is in the set.
func (s *PortSet) Has(port uint16) bool { return s[port>>6]&(1<<(port&63)) != 0 }

// AddRange puts every port of r into the set.
func (s *PortSet) AddRange(r PortRange) {
	for p := int(r.Low); p <= int(r.High); p++ {
		s.Add(uint16(p))
	}
}

// Union puts every port of o into the set.
func (s *PortSet) Union(o *PortSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

// Subtract takes every port of o out of the set.
func (s *PortSet) Subtract(o *PortSet) {
	for i := range s {
		s[i] &^= o[i]
	}
}

// Len is the number of ports in the set.
func (s *PortSet) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// LenIn is the number of ports of the set that r contains.
func (s *PortSet) LenIn(r PortRange) int {
	n := 0
	for p := int(r.Low); p <= int(r.High); p++ {
		if s.Has(uint16(p)) {
			n++
		}
	}
	return n
}

// Ranges returns the set as ascending ranges of consecutive ports.
func (s *PortSet) Ranges() []PortRange {
	var out []PortRange
	for p := 0; p < 1<<16; p++ {
		switch n := len(out); {
		case !s.Has(uint16(p)):
		case n > 0 && int(out[n-1].High) == p-1:
			out[n-1].High = uint16(p)
		default:
			out = append(out, PortRange{uint16(p), uint16(p)})
		}
	}
	return out
}
