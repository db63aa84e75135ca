package ui

import "strings"

// The sysctls that matter, as they are now.
//
//	─ 4 SYSCTLS ─ net:[4026531840] ───────────────────────────────────────────
//	  KEY                           NOW           WHAT IT DOES
//	▶ net.ipv4.tcp_tw_reuse         0             outgoing TIME-WAIT reuse: …

// sysctlColumns: ADVISED and its WHY will follow NOW.
var sysctlColumns = []column[sysctlRow]{
	{title: "KEY", width: 28, most: 35, priority: 1,
		fit: func(r *sysctlRow, w int) string { return squeezeKey(r.key.Name, w) }},
	{title: "NOW", width: 12, most: 12, priority: 2, text: sysctlValue, ink: sysctlInk},
	{title: "WHAT IT DOES", width: 20, most: 48, priority: 3,
		text: func(r *sysctlRow) string { return r.key.Summary },
		ink:  func(*sysctlRow) ink { return inkDim }},
	{title: "SCOPE", width: 5, priority: 4,
		text: func(r *sysctlRow) string { return string(r.key.Scope) },
		ink:  func(*sysctlRow) ink { return inkDim }},
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
	if at := strings.LastIndexByte(s, '.'); at > 0 && len(s)-at < w {
		return "…" + s[len(s)-w+1:]
	}
	return cut(s, w)
}
