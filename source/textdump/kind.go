package textdump

import "bytes"

// what a line is.
type what uint8

const (
	isStray   what = iota // no part of anything known, or what a row goes on with
	isEmpty               // blank, a fence, a rule, what a tool says of itself
	isRow                 // the beginning of a socket
	isHeader              // the columns of a table
	isForeign             // a socket of another protocol
	isCommand             // a prompt, and what was typed there
	isFact                // a sysctl, or what uname printed
)

// kind is what a line is, of which format, and where in the line it begins.
type kind struct {
	is     what
	format Format
	at     int
}

// classify says what a line is; for cutOK see rowStart.
func (p *parser) classify(b []byte, cutOK bool) kind {
	if len(b) == 0 {
		return kind{is: isEmpty}
	}
	if f := p.rowStart(b, cutOK); f != FormatNone {
		return kind{is: isRow, format: f}
	}
	if f := header(b); f != FormatNone {
		return kind{is: isHeader, format: f}
	}
	switch {
	case foreign(b):
		return kind{is: isForeign}
	case isSysctl(b), hasPrefix(b, "Linux "), hasPrefix(b, "==> "):
		return kind{is: isFact}
	case isPrompt(b):
		return kind{is: isCommand}
	case isFence(b), isBanner(b):
		return kind{is: isEmpty}
	}
	return p.prefixed(b)
}

// maxPrefix is how many fields a log may put before a line.
const maxPrefix = 8

// prefixed looks for a row behind what a log puts before each line.
func (p *parser) prefixed(b []byte) kind {
	rest := b
	for range maxPrefix {
		_, rest = cut(rest)
		rest = trim(rest)
		if len(rest) == 0 {
			break
		}
		if f := p.rowStart(rest, false); f != FormatNone {
			return kind{is: isRow, format: f, at: len(b) - len(rest)}
		}
	}
	return kind{}
}

// rowStart returns the format of the socket that begins at b, FormatNone where
// none does. With cutOK a line is enough that a terminal cut in its first columns,
// or that has no state.
func (p *parser) rowStart(b []byte, cutOK bool) Format {
	first, rest := cut(b)
	second, rest := cut(rest)
	third, rest := cut(rest)
	switch {
	case isTCP(first) && isState(second):
		fourth, _ := cut(rest)
		if queues(third, fourth, cutOK) {
			return FormatSS
		}
	case isTCP(first) && len(second) > 0 && queues(second, third, cutOK):
		return FormatNetstat
	case isState(first) && queues(second, third, cutOK):
		if fourth, _ := cut(rest); cutOK || bytes.IndexByte(fourth, ':') >= 0 {
			return FormatSS
		}
	case slot(first) && procAddress(second, cutOK):
		return FormatProc
	case cutOK:
		return p.bareStart(first, second, third, rest)
	}
	return FormatNone
}

// bareStart is for the rows of `ss state …`, which have no state.
func (p *parser) bareStart(first, second, local, rest []byte) Format {
	if _, ok := number(first); !ok || len(second) == 0 || !queues(first, second, false) {
		return FormatNone
	}
	remote, _ := cut(rest)
	if p.section.bare && len(local) == 0 {
		return FormatSS
	}
	if bytes.IndexByte(local, ':') < 0 || len(remote) > 0 && bytes.IndexByte(remote, ':') < 0 {
		return FormatNone
	}
	if !p.section.bare && len(remote) == 0 {
		return FormatNone
	}
	return FormatSS
}

func queues(recv, send []byte, cutOK bool) bool {
	if len(recv) == 0 || len(send) == 0 {
		if !cutOK {
			return false
		}
		_, ok := number(recv)
		return ok || len(recv) == 0
	}
	_, okRecv := number(recv)
	_, okSend := number(send)
	return okRecv && okSend
}

// isTCP reports whether b is the protocol of a socket that is read; tcp4 and
// tcp46 are BSD's, of which one is told.
func isTCP(b []byte) bool {
	switch string(b) {
	case "tcp", "tcp6", "tcp4", "tcp46":
		return true
	}
	return false
}

func isState(b []byte) bool {
	_, ok := ssState(b)
	return ok
}

// slot reports whether b is the number of a line of /proc/net/tcp, "12:".
func slot(b []byte) bool {
	if len(b) < 2 || b[len(b)-1] != ':' {
		return false
	}
	_, ok := number(b[:len(b)-1])
	return ok
}

// procAddress reports whether b is "0100007F:0FA1", or the same with 32 digits.
func procAddress(b []byte, cutOK bool) bool {
	colon := bytes.IndexByte(b, ':')
	if colon < 0 {
		return cutOK && len(b) <= 32 && len(b) >= 8 && isHex(b)
	}
	return (colon == 8 || colon == 32) && isHex(b[:colon]) && len(b)-colon-1 <= 4 && isHex(b[colon+1:])
}

// header recognizes the line that names the columns.
func header(b []byte) Format {
	first, rest := cut(b)
	second, _ := cut(rest)
	switch {
	case hasPrefix(b, "Active Internet connections"), hasPrefix(b, "Aktive Internetverbindungen"):
		return FormatNetstat
	case string(first) == "Proto" && hasPrefix(second, "Recv-Q"):
		return FormatNetstat
	case string(first) == "sl" && hasPrefix(second, "local_address"):
		return FormatProc
	case string(first) == "State" && hasPrefix(second, "Recv-Q"),
		string(first) == "Netid" && (hasPrefix(second, "State") || hasPrefix(second, "Recv-Q")),
		string(first) == "Recv-Q" && string(second) == "Send-Q":
		return FormatSS
	}
	return FormatNone
}

// foreign reports whether b is a socket of another protocol, as `ss -a` and
// `netstat -a` list them.
func foreign(b []byte) bool {
	first, rest := cut(b)
	switch string(first) {
	case "udp", "udp6", "udpl", "udplite", "raw", "raw6", "icmp6", "icm6", "ICMP6", "sctp", "dccp", "mptcp", "tipc", "xdp",
		"u_str", "u_dgr", "u_seq", "nl", "p_raw", "p_dgr", "v_str", "v_dgr", "vsock", "ti_st", "ti_dg", "ti_sp", "unix":
		next, _ := cut(rest)
		_, isNumber := number(next)
		return isNumber || isState(next) || hasPrefix(next, "[")
	}
	return false
}

// isFence reports whether b is a Markdown fence or a rule.
func isFence(b []byte) bool {
	return hasPrefix(b, "```") || hasPrefix(b, "~~~") || len(b) > 2 && len(bytes.Trim(b, "-=_*")) == 0
}

// isBanner reports whether b is what netstat, ss and watch say of themselves.
func isBanner(b []byte) bool {
	switch b[0] {
	case '(':
		return hasPrefix(b, "(Not all processes could be identified") || hasPrefix(b, "(No info could be read for")
	case 'w':
		return hasPrefix(b, "will not be shown, you would have to be root")
	case 'F':
		return hasPrefix(b, "Failed to find cgroup2 mount")
	case 'E':
		return hasPrefix(b, "Every ")
	}
	return false
}
