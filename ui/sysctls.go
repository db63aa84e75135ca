package ui

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// The sysctls that matter, as they are now, and as the verdict wants them.
//
//	─ [4] SYSCTLS ─ 2 changes advised [a] ──────────────────────────────────────
//	  KEY                           NOW           ADVISED       WHAT IT DOES
//	▶ net.ipv4.tcp_tw_reuse         0             1             connect() may…

var sysctlColumns = []column[sysctlRow]{
	{title: "KEY", width: 28, most: 35, priority: 1,
		fit: func(r *sysctlRow, w int) string { return squeezeKey(r.key.Name, w) }},
	{title: "NOW", width: 12, most: 12, priority: 2, fit: fitValue, ink: sysctlInk},
	{title: "ADVISED", width: 12, most: 12, priority: 3,
		fit: func(r *sysctlRow, w int) string { return r.advice(w) }, ink: adviceInk},
	{title: "WHAT IT DOES", width: 17, most: 48, priority: 4, text: sysctlWords,
		ink: func(r *sysctlRow) ink {
			if r.advised != "" {
				return inkPlain
			}
			return inkDim
		}},
	{title: "SCOPE", width: 5, priority: 5,
		text: func(r *sysctlRow) string { return string(r.key.Scope) },
		ink:  func(*sysctlRow) ink { return inkDim }},
}

// sysctlNote is how many rows of a narrow pane say in full what the key under
// the cursor does.
func sysctlNote(w int) int {
	if w < 100 {
		return 1
	}
	return 0
}

func (t *theme) sysctlNote(r *sysctlRow, w int) string {
	l := t.line(w, false).skip(markerWidth)
	if r != nil {
		l.text(inkAccent, r.key.Name[strings.LastIndexByte(r.key.Name, '.')+1:]).skip(1).text(inkPlain, sysctlWords(r))
	}
	return l.done()
}

func keyOfSysctl(r *sysctlRow) string { return r.key.Name }

func sysctlValue(r *sysctlRow) string {
	if !r.known {
		return unknown
	}
	if r.value == "" {
		return "none"
	}
	return r.value
}

// fitValue does not cut a number off, which would make another number of it:
// fs.file-max is 9223372036854775807 by default.
func fitValue(r *sysctlRow, w int) string { return fitText(sysctlValue(r), w) }

// fitKnown is fitValue for a value that is not of a row.
func fitKnown(v string, known bool, w int) string {
	switch {
	case !known:
		return unknown
	case v == "":
		return "none"
	}
	return fitText(shown(v), w)
}

// setByTwtop stands in place of advice.
const setByTwtop = "set by twtop"

// advice is what the value should be, or that twtop has set it.
func (r *sysctlRow) advice(w int) string {
	switch {
	case r.advised != "":
		return fitText(r.advised, w)
	case r.set:
		return cut(setByTwtop, w)
	}
	return ""
}

func adviceInk(r *sysctlRow) ink {
	if r.advised != "" {
		return inkAccent
	}
	return inkOK
}

// sysctlWords is what the advised value does, or else the key.
func sysctlWords(r *sysctlRow) string { return cmp.Or(r.why, r.key.Summary) }

func fitText(s string, w int) string {
	if n, err := strconv.ParseUint(s, 10, 64); err == nil && len(s) > w {
		return fmt.Sprintf("≈%.2g", float64(n))
	}
	return cut(s, w)
}

// assignment is the key with its whole value, as one word for sysctl -w; "" for
// a value that no kernel prints.
func (r *sysctlRow) assignment() string {
	v, ok := shellWord(r.whole)
	if !ok {
		return ""
	}
	return r.key.Name + "=" + v
}

func sysctlInk(r *sysctlRow) ink {
	if !r.known {
		return inkDim
	}
	return inkStrong
}

// squeezeKey shortens a key at its front: what tells keys apart is their end.
func squeezeKey(s string, w int) string {
	if width(s) <= w {
		return s
	}
	if at := strings.LastIndexByte(s, '.') + 1; at > 0 && len(s)-at < w {
		return "…" + s[at:]
	}
	return cut(s, w)
}

// sysctlsAbout is what the pane's heading tells.
func (m *Model) sysctlsAbout() string {
	n := 0
	for i := range m.frame.sysctls {
		if m.frame.sysctls[i].advised != "" {
			n++
		}
	}
	switch {
	case n == 0 && m.player != nil:
		return "as they were then"
	case n == 0 && m.tune.left.Empty():
		return "as they are now"
	case n == 0:
		return "as they are now · some are set by twtop"
	case n == 1:
		return "1 change advised" + m.planHint()
	}
	return fmt.Sprintf("%d changes advised", n) + m.planHint()
}

// planHint names the key to the plan where there is one.
func (m *Model) planHint() string {
	if m.tune.tuner == nil {
		return ""
	}
	return " [a]"
}
