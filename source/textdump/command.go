package textdump

import "bytes"

// isPrompt reports whether b is a shell's prompt, alone or with a command, or
// one of the commands that print tables, alone.
func isPrompt(b []byte) bool {
	first, rest := cut(b)
	second, _ := cut(rest)
	switch string(first) {
	case "ss", "netstat":
		return hasPrefix(second, "-") || string(second) == "state"
	case "sysctl":
		return hasPrefix(second, "-") || hasPrefix(second, "net.")
	case "cat", "head", "tail", "grep":
		return hasPrefix(second, "/proc/") || hasPrefix(second, "-") || string(second) == "."
	}
	last := first
	for range maxPrefix {
		if len(last) == 0 {
			return false
		}
		next, after := cut(rest)
		if promptEnd(last) && (isCommandWord(next) || len(trim(rest)) == 0 && looksLikePrompt(b)) {
			return true
		}
		last, rest = next, after
	}
	return false
}

func promptEnd(b []byte) bool {
	switch b[len(b)-1] {
	case '$', '#', '%', '>':
		return true
	}
	return false
}

func looksLikePrompt(b []byte) bool { return len(b) == 1 || bytes.IndexByte(b, '@') >= 0 }

func isCommandWord(b []byte) bool {
	if i := bytes.LastIndexByte(b, '/'); i >= 0 {
		b = b[i+1:]
	}
	switch string(b) {
	case "ss", "netstat", "sysctl", "cat", "sudo", "date", "watch", "while", "for", "grep", "uname", "zstdcat", "zcat", "nsenter",
		"kubectl", "docker", "podman", "crictl", "ip", "head", "tail", "echo", "hostname", "lsof", "exit", "logout", "ssh", "clear",
		"uptime", "w", "time", "timeout", "chroot", "busybox", "curl", "dmesg", "journalctl", "systemctl":
		return true
	}
	return false
}

// command takes what a command line tells: whose output comes next.
func (p *parser) command(b []byte) {
	p.begin(FormatNone)
	p.section.state, p.asked = 0, p.asked[:0]
	var before []byte
	for rest := b; len(trim(rest)) > 0; {
		var f []byte
		f, rest = cut(rest)
		if string(before) == "state" {
			p.section.state, _ = stateFilter(f)
		}
		if key, ok := procSysKey(f); ok && len(p.asked) < maxAsked {
			p.asked = append(p.asked, key)
		}
		before = f
	}
}

// maxAsked is how many files of /proc/sys one command may print.
const maxAsked = 64

// procSysKey makes the path of a sysctl its key: /proc/sys/net/ipv4/tcp_tw_reuse.
func procSysKey(path []byte) (key string, ok bool) {
	name, ok := after(path, "/proc/sys/")
	if !ok || !isKey(name) {
		return "", false
	}
	return keyOf(name), true
}
