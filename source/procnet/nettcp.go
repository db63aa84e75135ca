package procnet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/359a26c5/twtop/source"
)

// TCPTable is what reading net/tcp or net/tcp6 came to.
type TCPTable struct {
	Sockets int // emitted
	Bad     int // lines that could not be understood, passed over
}

// TCP reads net/tcp and calls emit for each socket, until it returns false; the
// Entry is used again for the next one. An absent file is an error that is
// fs.ErrNotExist.
func (f FS) TCP(emit func(*source.Entry) bool) (TCPTable, error) { return f.tcp("tcp", emit) }

// TCP6 reads net/tcp6, which also has the IPv4 connections of IPv6 sockets. It
// is absent where the kernel has no IPv6.
func (f FS) TCP6(emit func(*source.Entry) bool) (TCPTable, error) { return f.tcp("tcp6", emit) }

// ProbeTCP opens net/tcp, which takes no time however long the table is, and
// returns what TCP would fail with at once.
func (f FS) ProbeTCP() error {
	found, err := f.readNet("tcp", func(io.Reader) error { return nil })
	return f.missing("tcp", found, err)
}

func (f FS) tcp(name string, emit func(*source.Entry) bool) (t TCPTable, err error) {
	found, err := f.readNet(name, func(r io.Reader) (err error) {
		t, err = ParseTCP(r, emit)
		return err
	})
	return t, f.missing(name, found, err)
}

// missing makes an absent file an error.
func (f FS) missing(name string, found bool, err error) error {
	if err == nil && !found {
		return wrap(filepath.Join(f.Root, "net", name), fs.ErrNotExist)
	}
	return err
}

// ParseTCP reads the table of this machine's kernel in /proc/net/tcp or tcp6
// (tcp4_seq_show, tcp6_seq_show). It differs from a sock_diag dump in what it
// does not have: listeners' backlogs, devices, IPV6_V6ONLY, cgroups, tcp_info,
// bound-inactive sockets. It ends where emit returns false.
func ParseTCP(r io.Reader, emit func(*source.Entry) bool) (TCPTable, error) {
	return parseTCP(r, nativeOrder, emit)
}

func parseTCP(r io.Reader, order wordOrder, emit func(*source.Entry) bool) (TCPTable, error) {
	var t TCPTable
	var e source.Entry
	in := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			t.Bad++
			if err := skipLine(in); err != nil {
				return t, ended(err)
			}
			continue
		case err != nil && len(line) == 0:
			return t, ended(err)
		}
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0 || bytes.HasPrefix(line, []byte("sl ")):
		case parseTCPLine(line, order, &e):
			t.Sockets++
			if !emit(&e) {
				return t, nil
			}
		default:
			t.Bad++
		}
	}
}

// skipLine reads to the end of a line that is longer than the buffer.
func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
