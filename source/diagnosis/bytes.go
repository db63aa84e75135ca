package diagnosis

import (
	"strconv"
	"strings"
)

// Bytes writes a number of bytes for a person: "412 B", "1.2 MB".
func Bytes(n int64) string {
	v, unit := float64(n), "B"
	for _, u := range [...]string{"kB", "MB", "GB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") + " " + unit
}
