package textdump

import (
	"bytes"
	"math"
)

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// trim takes the blanks off the front of b.
func trim(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	return b
}

// cut returns the first field of b, between blanks, and what follows it.
func cut(b []byte) (field, rest []byte) {
	b = trim(b)
	n := 0
	for n < len(b) && !isBlank(b[n]) {
		n++
	}
	return b[:n], b[n:]
}

// number reads a field that is all digits. A number that is too large is
// math.MaxUint32.
func number(b []byte) (uint32, bool) {
	if len(b) == 0 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+uint64(c-'0'), math.MaxUint32)
	}
	return uint32(n), true
}

// leading reads the digits that b begins with, 0 where there are none.
func leading(b []byte) (n uint32, rest []byte) {
	i := 0
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	n, _ = number(b[:i])
	return n, b[i:]
}

func isHex(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// after returns what follows prefix in b.
func after(b []byte, prefix string) ([]byte, bool) {
	if !hasPrefix(b, prefix) {
		return nil, false
	}
	return b[len(prefix):], true
}

// decimal reads "44.11", or "44,11" of a German netstat, as thousandths.
func decimal(b []byte) (thousandths uint32, ok bool) {
	i := bytes.IndexAny(b, ".,")
	if i < 0 {
		n, ok := number(b)
		return scaled(n, 1000), ok
	}
	whole, ok := number(b[:i])
	part, unit := uint32(0), uint32(100)
	for _, c := range b[i+1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		part, unit = part+uint32(c-'0')*unit, unit/10
	}
	return uint32(min(uint64(scaled(whole, 1000))+uint64(part), math.MaxUint32)), ok
}

// scaled is n times by, math.MaxUint32 where that is too large.
func scaled(n, by uint32) uint32 { return uint32(min(uint64(n)*uint64(by), math.MaxUint32)) }
