package textdump

import "bytes"

// Format is what printed a table of sockets.
type Format uint8

// The formats.
const (
	FormatNone    Format = iota
	FormatSS             // ss of iproute2
	FormatNetstat        // netstat of net-tools or busybox
	FormatProc           // /proc/net/tcp, /proc/net/tcp6
)

// String names the format as a person would.
func (f Format) String() string {
	switch f {
	case FormatSS:
		return "ss"
	case FormatNetstat:
		return "netstat"
	case FormatProc:
		return "/proc/net/tcp"
	}
	return "no table of sockets"
}

// Sniff looks at the beginning of a text, some 64 KiB of it, and reports
// whether there is a table of sockets in it, and the format of the first one.
func Sniff(head []byte) (Format, bool) {
	head = decodeHead(head)
	if i := bytes.LastIndexByte(head, '\n'); i > 0 {
		head = head[:i] // the rest may be cut
	}
	p := newParser(bytes.NewReader(head), Config{})
	for {
		text, err := p.in.next()
		if err != nil {
			return FormatNone, false
		}
		l := tidy(text)
		switch k := p.classify(l.body, true); k.is {
		case isHeader:
			return k.format, true
		case isRow:
			if p.readable(k.format, l.body[k.at:]) {
				return k.format, true
			}
		}
	}
}
