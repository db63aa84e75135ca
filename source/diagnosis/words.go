package diagnosis

import (
	"fmt"
	"strconv"
	"strings"
)

// Grouped writes a number with thousands separators: 28,232. A negative one
// begins with "-".
func Grouped(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// Plural writes "1 port", "28,232 ports": n, and what is counted, which takes an s.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// String names the destination as every part of twtop does:
// "127.0.0.1 → 127.0.0.1:4001".
func (d *Destination) String() string {
	if d.Device != 0 {
		return fmt.Sprintf("%v%%%d → %v", d.Local, d.Device, d.Remote)
	}
	return fmt.Sprintf("%v → %v", d.Local, d.Remote)
}

// inQueue says how many connections wait to be accepted: "129 connections wait".
func inQueue(n int) string {
	if n == 1 {
		return "1 connection waits"
	}
	return Grouped(n) + " connections wait"
}
