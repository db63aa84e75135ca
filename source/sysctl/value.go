package sysctl

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// maxList is the longest ip_local_reserved_ports that twtop writes, in bytes.
// The kernel takes a page at most in one write, and puts what comes in a second
// one into force apart from it (proc_do_large_bitmap, kernel/sysctl.c).
const maxList = 4095

// Check returns a value as twtop writes it, or why it does not write it: the
// key is not in the catalogue or only read, or the value is out of its bounds.
func Check(key, value string) (string, error) {
	k, ok := Lookup(key)
	if !ok {
		return "", fmt.Errorf("%s is no key of the catalogue: twtop does not write it", source.Clean(key, 80))
	}
	if k.Fixed != "" {
		return "", fmt.Errorf("%s is only read: %s", key, k.Fixed)
	}
	canonical, err := k.parse(value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return canonical, nil
}

// same reports whether two values mean the same: the kernel puts tabs between
// ports and joins neighbours in a list.
func (k *Key) same(a, b string) bool { return k.canonical(a) == k.canonical(b) }

// canonical is a value as twtop writes it; where it would not write it, the
// value with its white space folded.
func (k *Key) canonical(value string) string {
	if c, err := k.parse(value); err == nil {
		return c
	}
	return strings.Join(strings.Fields(value), " ")
}

func (k *Key) parse(value string) (string, error) {
	switch {
	case k.Name == LocalPortRange:
		r, err := parseRange(value)
		return formatRange(r), err
	case k.Name == LocalReservedPorts:
		set, err := ParsePorts(value)
		list := FormatPorts(&set)
		if err == nil && len(list) > maxList {
			err = fmt.Errorf("the list of ports takes %d bytes, and the kernel takes %d in one write", len(list), maxList)
		}
		return list, err
	}
	n, err := parseCount(value)
	top := k.Max
	if k.Unit == UnitPorts {
		top = math.MaxUint16
	}
	if err == nil && (n < k.Min || n > top) {
		err = fmt.Errorf("%d is out of bounds, want %d to %d", n, k.Min, top)
	}
	return strconv.FormatUint(n, 10), err
}

// parseCount reads a number without a sign.
func parseCount(value string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", source.Clean(value, 40))
	}
	return n, nil
}

// parseRange reads "32768 60999".
func parseRange(value string) (source.PortRange, error) {
	fields := strings.Fields(value)
	if len(fields) != 2 {
		return source.PortRange{}, fmt.Errorf("%q is no range of ports, want two like 32768 60999", source.Clean(value, 40))
	}
	return portRange(fields[0], fields[1])
}

func formatRange(r source.PortRange) string { return fmt.Sprintf("%d %d", r.Low, r.High) }

// portRange reads the two ends of a range, port 0 being none.
func portRange(low, high string) (source.PortRange, error) {
	l, errLow := strconv.ParseUint(low, 10, 16)
	h, errHigh := strconv.ParseUint(high, 10, 16)
	if low == high && (errLow != nil || l == 0) {
		return source.PortRange{}, fmt.Errorf("%q is no port, want 1 to 65535", source.Clean(low, 20))
	}
	if errLow != nil || errHigh != nil || l == 0 || h < l {
		return source.PortRange{}, fmt.Errorf("ports %q to %q, want 1 to 65535, the lower first", source.Clean(low, 20), source.Clean(high, 20))
	}
	return source.PortRange{Low: uint16(l), High: uint16(h)}, nil
}

// ParsePorts reads a list like "80,3000-3010", "" for none.
func ParsePorts(list string) (source.PortSet, error) {
	var set source.PortSet
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		low, high, isRange := strings.Cut(item, "-")
		if !isRange {
			high = low
		}
		r, err := portRange(strings.TrimSpace(low), strings.TrimSpace(high))
		if err != nil {
			return source.PortSet{}, err
		}
		set.AddRange(r)
	}
	return set, nil
}

// FormatPorts is a set as the kernel prints it: "80,3000-3010".
func FormatPorts(set *source.PortSet) string {
	var b strings.Builder
	for _, r := range set.Ranges() {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(r.Low)))
		if r.High > r.Low {
			b.WriteString("-" + strconv.Itoa(int(r.High)))
		}
	}
	return b.String()
}
