package source

import (
	"strconv"
	"strings"
)

// KernelBefore reports whether a release as `uname -r` prints it, like
// "5.14.0-427.el9.x86_64" or "4.1-rc3", is older than major.minor. A release
// that cannot be read is taken for a new one.
func KernelBefore(release string, major, minor int) bool {
	a, rest, okA := leadingNumber(release)
	dot, isDot := strings.CutPrefix(rest, ".")
	b, _, okB := leadingNumber(dot)
	if !okA || !isDot || !okB {
		return false
	}
	return a < major || a == major && b < minor
}

// leadingNumber cuts the digits off that s begins with.
func leadingNumber(s string) (n int, rest string, ok bool) {
	rest = strings.TrimLeft(s, "0123456789")
	n, err := strconv.Atoi(s[:len(s)-len(rest)])
	return n, rest, err == nil
}
