package procnet

import "io"

// Protocol is a line of net/protocols.
type Protocol struct {
	Name    string // "TCP", "TCPv6", "UNIX-STREAM"
	Sockets uint64 // of the namespace, in the protocol's hash table
}

// maxProtocols bounds the list; Linux 6.18 has about 20.
const maxProtocols = 1024

// Protocols reads net/protocols; nil where there is none.
func (f FS) Protocols() ([]Protocol, error) {
	var out []Protocol
	_, err := f.readNet("protocols", func(r io.Reader) (err error) {
		out, err = parseProtocols(r)
		return err
	})
	return out, err
}

// parseProtocols finds the column "sockets" by the header (proto_seq_show in
// net/core/sock.c). A protocol that does not count prints -1 on old kernels:
// it is left out.
func parseProtocols(r io.Reader) ([]Protocol, error) {
	var out []Protocol
	column := -1
	err := eachLine(r, func(fields []string) error {
		if column < 0 {
			for i, name := range fields {
				if name == "sockets" {
					column = i
				}
			}
			return nil
		}
		if column >= len(fields) || len(out) >= maxProtocols || fields[column] == "-1" {
			return nil
		}
		n, err := number("sockets of "+clip(fields[0]), fields[column])
		if err != nil {
			return err
		}
		out = append(out, Protocol{Name: fields[0], Sockets: *n})
		return nil
	})
	return out, err
}
