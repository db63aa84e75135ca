package textdump

import (
	"bytes"
	"math"
	"net/netip"

	"github.com/359a26c5/twtop/source"
)

// fault says why a line could not be read; "" where it could.
type fault string

// The faults.
const (
	faultShort   fault = "it ends too early"
	faultNumber  fault = "a number is expected there"
	faultNames   fault = "it has names instead of numbers: use -n"
	faultAddress fault = "an address cannot be read"
	faultState   fault = "the state is not known"
	faultSystem  fault = "that is the netstat of another system than Linux"
	faultTable   fault = "that is no line of /proc/net/tcp"
)

// anyAddr stands for "*" until the whole table is known: it is 0.0.0.0 to an
// old ss, and :: that takes IPv4 too to a new one.
var anyAddr = source.AddrFromWords(math.MaxUint64, math.MaxUint64)

// endpoint is an address with its port as it was printed.
type endpoint struct {
	addr source.Addr
	port uint16
	zone []byte // the device behind "%"
}

// endpoints reads endpoints. It remembers the last IPv6 addresses: a table
// has the same ones over and over.
type endpoints struct {
	known [4]struct {
		text string
		addr source.Addr
	}
	turn int
}

// read reads the forms of ss and netstat:
//
//	127.0.0.1:80  0.0.0.0%lo:53  *:80  *:*  0.0.0.0:*
//	[::1]:80  [fe80::1]%eth0:80  [::ffff:127.0.0.1]:80  ::1:80  :::*
func (p *endpoints) read(b []byte) (e endpoint, f fault) {
	colon := bytes.LastIndexByte(b, ':')
	if colon < 0 {
		return e, faultAddress
	}
	host, port := b[:colon], b[colon+1:]
	if string(port) != "*" {
		n, ok := number(port)
		switch {
		case isName(port):
			return e, faultNames
		case !ok, n > math.MaxUint16:
			return e, faultAddress
		}
		e.port = uint16(n)
	}
	if i := bytes.IndexByte(host, '%'); i >= 0 {
		e.zone = bytes.TrimSuffix(host[i+1:], []byte("]"))
		host = bytes.TrimSuffix(host[:i], []byte("]"))
		host = bytes.TrimPrefix(host, []byte("["))
	} else if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	addr, ok := p.address(host)
	switch {
	case ok:
		e.addr = addr
		return e, ""
	case isName(host):
		return e, faultNames
	}
	return e, faultAddress
}

// isName reports whether b may be the name of a service (RFC 6335) or of a host.
func isName(b []byte) bool {
	letters := 0
	for _, c := range b {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			letters++
		case '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '+':
		default:
			return false
		}
	}
	return letters > 0
}

func (p *endpoints) address(b []byte) (source.Addr, bool) {
	if string(b) == "*" {
		return anyAddr, true
	}
	if v4, ok := ipv4(b); ok {
		return source.AddrFromV4(v4), true
	}
	for i := range p.known {
		if k := &p.known[i]; k.text != "" && k.text == string(b) {
			return k.addr, true
		}
	}
	const longest = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	if len(b) > longest {
		return source.Addr{}, false
	}
	text := string(b)
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return source.Addr{}, false
	}
	k := &p.known[p.turn%len(p.known)]
	p.turn++
	k.text, k.addr = text, source.AddrFrom(ip)
	return k.addr, true
}

func ipv4(b []byte) (addr uint32, ok bool) {
	part, digits, dots := uint32(0), 0, 0
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9' && digits < 3:
			part, digits = part*10+uint32(c-'0'), digits+1
		case c == '.' && digits > 0 && dots < 3 && part <= math.MaxUint8:
			addr, part, digits, dots = addr<<8|part, 0, 0, dots+1
		default:
			return 0, false
		}
	}
	return addr<<8 | part, dots == 3 && digits > 0 && part <= math.MaxUint8
}

// netstatCut is the length of an endpoint that netstat without -W shortened: it
// leaves 22 characters for address and port (addr_do_one, net-tools).
const netstatCut = 23

// readCut reads what netstat left of an IPv6 address as the network it names.
func (p *endpoints) readCut(b []byte) (e endpoint, f fault) {
	colon := bytes.LastIndexByte(b, ':')
	if len(b) != netstatCut || colon < 0 || bytes.IndexByte(b, '.') >= 0 {
		return e, faultAddress
	}
	n, ok := number(b[colon+1:])
	host := bytes.TrimRight(b[:colon], ":")
	addr, known := p.address(append(host[:len(host):len(host)], "::"...))
	if !ok || n > math.MaxUint16 || !known {
		return e, faultAddress
	}
	return endpoint{addr: addr, port: uint16(n)}, ""
}
