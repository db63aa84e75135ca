package diagnosis

import (
	"strconv"

	"github.com/359a26c5/twtop/source/sysctl"
)

// Needs is what the findings ask of the sysctls, each key once, the worst
// finding's first. Where ports are short a wider range is asked for, whether or
// not it would do, and with it that the ports of services are reserved.
func (r *Report) Needs() []sysctl.Need {
	var n needs
	for i := range r.Findings {
		f := &r.Findings[i]
		for j := range f.Remedies {
			if m := &f.Remedies[j]; m.Kind == RemedySysctl {
				n.add(sysctl.Need{Key: m.Key, Value: m.Value, Finding: string(f.ID), Effect: m.Effect, Enough: m.Enough})
			}
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.portsShort() {
			for _, key := range []string{sysctl.LocalPortRange, sysctl.LocalReservedPorts} {
				if n.of(key) == nil {
					n = append(n, sysctl.Need{Key: key, Finding: string(f.ID)})
				}
			}
			break
		}
	}
	return n
}

// portsShort: there are fewer local ports than some destination needs.
func (f *Finding) portsShort() bool {
	return f.ID == PortExhaustion || f.ID == PortPressure || f.ID == SlowConnect
}

type needs []sysctl.Need

// add takes a need in. What two findings ask of one key is asked once, by the
// worse one: the higher count, and enough only if it is for both.
func (n *needs) add(more sysctl.Need) {
	have := n.of(more.Key)
	if have == nil {
		*n = append(*n, more)
		return
	}
	if have.Value == "" || outdoes(more.Key, more.Value, have.Value) {
		have.Value = more.Value
	}
	if more.Effect != "" && certainty(more.Enough) < certainty(have.Enough) {
		have.Enough, have.Effect = more.Enough, more.Effect
	}
}

// certainty ranks "not enough" below "not known" below "enough".
func certainty(enough *bool) int {
	switch {
	case enough == nil:
		return 1
	case *enough:
		return 2
	}
	return 0
}

func (n *needs) of(key string) *sysctl.Need {
	for i := range *n {
		if (*n)[i].Key == key {
			return &(*n)[i]
		}
	}
	return nil
}

// outdoes reports whether a value is the higher one of two counts.
func outdoes(key, value, than string) bool {
	k, ok := sysctl.Lookup(key)
	if !ok || k.Unit != sysctl.UnitCount {
		return false
	}
	a, errA := strconv.ParseUint(value, 10, 64)
	b, errB := strconv.ParseUint(than, 10, 64)
	return errA == nil && errB == nil && a > b
}
