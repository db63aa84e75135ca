package ui

import (
	"fmt"
	"strconv"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// unknown stands for a figure that is not known. It is not zero.
const unknown = "–"

// commas writes n with thousands separators, and the minus sign of a table:
// −28,232.
func commas(n int) string {
	if n < 0 {
		return "−" + diagnosis.Grouped(-n)
	}
	return diagnosis.Grouped(n)
}

// sockets writes how many there are.
func sockets(n int) string {
	if n == 1 {
		return "1 socket"
	}
	return commas(n) + " sockets"
}

// optional writes *n, or that it is unknown.
func optional(n *int) string {
	if n == nil {
		return unknown
	}
	return commas(*n)
}

// signed writes a change: +12, −3, and nothing for 0.
func signed(n int) string {
	switch {
	case n > 0:
		return "+" + commas(n)
	case n < 0:
		return commas(n)
	}
	return ""
}

// percent rounds, but never to 0 where there is something, nor to 100 where
// something is left.
func percent(p float64) string {
	switch {
	case p <= 0:
		return "0 %"
	case p < 1:
		return "<1 %"
	case p >= 100:
		return "100 %"
	case p > 99:
		return "99 %"
	}
	return strconv.Itoa(int(p+0.5)) + " %"
}

// seconds writes a duration as a person says it: 0.2 s, 4 s, 1m40s, 2h00m.
func seconds(d time.Duration) string {
	switch {
	case d < 0:
		return "−" + seconds(-d)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= 100*time.Second:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d >= 10*time.Second || d%time.Second == 0:
		return strconv.Itoa(int(d.Round(time.Second)/time.Second)) + " s"
	case d < 95*time.Millisecond:
		return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// share writes a part of one core: 0.6 %, 12 %.
func share(f float64) string {
	switch p := 100 * f; {
	case p <= 0:
		return "0 %"
	case p < 0.1:
		return "<0.1 %"
	case p < 9.95:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}
