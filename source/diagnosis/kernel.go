package diagnosis

import (
	"strconv"
	"strings"
)

// kernelBefore reports whether a release ("5.14.0-427.el9.x86_64") is older
// than major.minor. A release that cannot be read is taken for a new one.
func kernelBefore(release string, major, minor int) bool {
	parts := strings.SplitN(release, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, err := strconv.Atoi(parts[0])
	if err != nil {
		return false
	}
	b, err := strconv.Atoi(strings.TrimRightFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' }))
	if err != nil {
		return false
	}
	return a < major || a == major && b < minor
}
