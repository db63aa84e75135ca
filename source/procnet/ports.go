package procnet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// ParsePortRange reads "32768 60999", both ends included.
func ParsePortRange(s string) (source.PortRange, error) {
	fields := strings.Fields(s)
	if len(fields) != 2 {
		return source.PortRange{}, fmt.Errorf("port range %q: want two ports like 32768 60999", clip(s))
	}
	return portRange(fields[0], fields[1])
}

// ParsePorts reads a list like "80,3000-3010", "" for none.
func ParsePorts(s string) (source.PortSet, error) {
	var set source.PortSet
	for item := range strings.SplitSeq(strings.TrimSpace(s), ",") {
		if item == "" {
			continue
		}
		low, high, isRange := strings.Cut(item, "-")
		if !isRange {
			high = low
		}
		r, err := portRange(low, high)
		if err != nil {
			return source.PortSet{}, err
		}
		set.AddRange(r)
	}
	return set, nil
}

func portRange(low, high string) (source.PortRange, error) {
	l, errLow := strconv.ParseUint(low, 10, 16)
	h, errHigh := strconv.ParseUint(high, 10, 16)
	if errLow != nil || errHigh != nil || h < l {
		return source.PortRange{}, fmt.Errorf("ports %q to %q: want 0 to 65535, the lower first", clip(low), clip(high))
	}
	return source.PortRange{Low: uint16(l), High: uint16(h)}, nil
}
