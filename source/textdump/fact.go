package textdump

import (
	"bytes"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Bounds of what is kept of a text besides its sockets.
const (
	maxKeys      = 4096
	maxKeyLen    = 128
	maxProcesses = 1 << 16
	maxNameLen   = 32 // a process name is 15 bytes, netstat adds arguments
	maxHostLen   = 64
)

// facts is what a text tells besides its sockets.
type facts struct {
	sysctls map[string]string
	changed string // a key that has two values, "" for none
	host    source.Host
	names   map[int]string // of processes, by PID
}

// isSysctl reports whether b is "net.ipv4.tcp_tw_reuse = 1", in one of the
// ways in which `sysctl`, sysctl.conf and `grep . /proc/sys/…` write it.
func isSysctl(b []byte) bool {
	_, _, ok := sysctl(b)
	return ok
}

func sysctl(b []byte) (key, value []byte, ok bool) {
	if rest, isPath := after(b, "/proc/sys/"); isPath {
		b = rest
	}
	if !hasPrefix(b, "net.") && !hasPrefix(b, "net/") && !hasPrefix(b, "fs.") && !hasPrefix(b, "fs/") &&
		!hasPrefix(b, "kernel.") && !hasPrefix(b, "kernel/") && !hasPrefix(b, "vm.") && !hasPrefix(b, "vm/") {
		return nil, nil, false
	}
	i := bytes.IndexAny(b, "=:")
	if i < 0 {
		return nil, nil, false
	}
	key = bytes.TrimRight(b[:i], " \t")
	return key, b[i+1:], isKey(key)
}

// isKey reports whether b is the name of a sysctl, in dots or slashes.
func isKey(b []byte) bool {
	for _, c := range b {
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') &&
			c != '.' && c != '/' && c != '_' && c != '-' && c != '@' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= maxKeyLen
}

func keyOf(name []byte) string { return strings.ReplaceAll(string(name), "/", ".") }

// fact takes a sysctl, a host or the heading of a file.
func (p *parser) fact(b []byte) {
	p.begin(FormatNone)
	switch key, value, ok := sysctl(b); {
	case ok:
		p.facts.set(keyOf(key), value, p.sockets > 0)
	case hasPrefix(b, "Linux "):
		p.facts.uname(b)
	default: // "==> /proc/sys/net/ipv4/tcp_tw_reuse <==", of head and tail
		_, rest := cut(b)
		path, _ := cut(rest)
		p.asked = p.asked[:0]
		if key, ok := procSysKey(path); ok {
			p.asked = append(p.asked, key)
		}
	}
}

// answer takes a line for the value of a sysctl whose file was printed, and
// reports whether it can be that.
func (p *parser) answer(b []byte) bool {
	if len(p.asked) == 0 || len(bytes.Trim(b, "0123456789-, \t")) > 0 {
		return false
	}
	p.facts.set(p.asked[0], b, p.sockets > 0)
	p.asked = p.asked[1:]
	return true
}

// set takes a sysctl. Of several values the last one before the sockets
// counts: what was set after them did not make them.
func (f *facts) set(key string, value []byte, late bool) {
	if !strings.HasPrefix(key, "net.") && !strings.HasPrefix(key, "fs.") || perDevice(key) {
		return
	}
	v := source.Clean(string(value), maxLine)
	old, known := f.sysctls[key]
	if known && old != v {
		f.changed = key
	}
	if known && late || !known && len(f.sysctls) >= maxKeys {
		return
	}
	f.sysctls[key] = v
}

// perDevice tells the keys that exist once for each device: `sysctl -a` has
// thousands of them.
func perDevice(key string) bool {
	for _, part := range []string{".conf.", ".neigh."} {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}

// uname takes "Linux web-3 6.18.44 #1 SMP …" (`uname -a`).
func (f *facts) uname(b []byte) {
	_, rest := cut(b)
	name, rest := cut(rest)
	release, rest := cut(rest)
	if !hasPrefix(trim(rest), "#") || f.host.Kernel != "" {
		return
	}
	f.host.Name = source.Clean(string(name), maxHostLen)
	f.host.Kernel = source.Clean(string(release), maxHostLen)
}

// process notes the name of a process.
func (f *facts) process(pid uint32, name []byte) {
	if _, known := f.names[int(pid)]; known || pid == 0 || len(f.names) >= maxProcesses {
		return
	}
	f.names[int(pid)] = source.Clean(string(name), maxNameLen)
}

// processes are those the text names, by PID.
func (f *facts) processes() []source.Process {
	var out []source.Process
	for pid, name := range f.names {
		out = append(out, source.Process{PID: pid, Name: name})
	}
	sortProcesses(out)
	return out
}
